"""The typed contracts between stacks: what each kind of stack exports, and how another stack reads it."""

from __future__ import annotations

from typing import Any, TypeVar

import pulumi
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from components.contracts.succession import Deployed

Contract = TypeVar("Contract", bound="Exports")


class Exports(BaseModel):
    """Base of every stack's exports. Keys are camelCase; a key that only a newer stack writes is ignored."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)


class AccountExports(Exports):
    """What every stack exports."""

    account_id: str
    region: str
    keys: dict[str, str]
    """Classification to key ARN."""
    buckets: dict[str, str]
    """Purpose ("landing", "products"...) to bucket name."""
    tables: dict[str, str] = {}
    """Purpose ("lineage", "quality") to DynamoDB table name."""


class PilotLightExports(AccountExports):
    """A pilot light: beside its own stores those it stands in for, so that the guardrails can compare the two."""

    primary: dict[str, dict[str, str]]
    """The primary's `buckets` and `tables`."""


class GovernanceExports(AccountExports):
    """The hub: where domains register their products."""

    catalog_id: str
    databases: dict[str, str]
    """Domain to the name of its database in the central catalog."""
    bus: str
    """ARN of the bus that takes lineage and quality events."""


class ProductExports(Exports):
    """A data product, as its consumers and its operators find it."""

    version: str
    catalog_id: str
    """Account whose Glue catalog has the table."""
    database: str
    table: str
    location: str
    """s3:// URL of the published Parquet files."""
    landing: str
    """s3:// URL of the folder that partners deliver to."""
    quarantine: str
    """s3:// URL of rejected rows and files."""
    ingest: str
    """Name of the function that reads delivered files."""
    replay: str
    """Name of the function that replays quarantined rows."""
    partners: dict[str, str]
    """SFTP user to the ARN of the role it acts under."""
    contract: str
    """The contract as JSON, whole: what consumers rely on, and what its next version is compared with."""
    file: dict[str, Any] | None
    """How delivered files have to look (components.contracts.delivery); None when it takes none."""


class DomainExports(AccountExports):
    """A domain: its products."""

    products: dict[str, ProductExports]


def read(stack: str, contract: type[Contract]) -> pulumi.Output[Contract]:
    """Another stack's exports.

    Args:
        stack: the other stack's name in this project.
        contract: what it is expected to export.

    Returns:
        The validated exports. The output fails, and with it the deployment, when the other stack exports something
        else: the message names the stack and each field.
    """
    return _outputs(stack).apply(lambda outputs: _checked(stack, contract, outputs))


def deployed_products() -> pulumi.Output[dict[str, Deployed]]:
    """What this stack exported of each product when it was last deployed; nothing before its first time, and nothing of
    what a release before `ProductExports.contract` deployed."""

    def products(outputs: dict[str, Any]) -> dict[str, Deployed]:
        return {
            name: Deployed(version=each["version"], contract=each["contract"], file=each.get("file"))
            for name, each in (outputs.get("products") or {}).items()
            if "contract" in each
        }

    return _outputs(pulumi.get_stack()).apply(products)


def _outputs(stack: str) -> pulumi.Output[dict[str, Any]]:
    reference = pulumi.StackReference(f"{pulumi.get_organization()}/{pulumi.get_project()}/{stack}")
    return reference.outputs


def _checked(stack: str, contract: type[Contract], outputs: dict[str, Any]) -> Contract:
    try:
        return contract.model_validate(outputs)
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(str(part) for part in e['loc'])}: {e['msg']}" for e in error.errors())
        raise ValueError(
            f"stack {stack} does not export what {contract.__name__} expects ({problems}); deploy it again first"
        ) from None


def write(exports: dict[str, Any], contract: type[Exports]) -> None:
    """Export the outputs of this stack.

    Args:
        exports: values, or outputs of values, by field name of the contract.
        contract: the model that readers will validate them against.

    Raises:
        ValueError: a field is missing or unknown, so that a reader could not work.
    """
    fields = contract.model_fields
    if set(exports) != set(fields):
        raise ValueError(
            f"{contract.__name__}: missing {set(fields) - set(exports)}, unknown {set(exports) - set(fields)}"
        )
    for name, value in exports.items():
        pulumi.export(to_camel(name), value)
