"""Resources, stacks and facts for the tests of the pack, and the shape of a control's cases."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from mesh_guardrails.data import sdk
from mesh_guardrails.facts import Facts, Organisation
from mesh_guardrails.resource import Provider, Resource, Stack, plain_path

ORGANISATION_SETTINGS: dict[str, Any] = {
    "id": "o-acme000001",
    "hub": "governance",
    "accounts": {"governance": "111111111111", "sales": "222222222222", "marketing": "333333333333"},
    "regions": {"primary": "eu-west-1", "recovery": "eu-central-1"},
    "domainTypes": {"sales": "sourceAligned", "marketing": "consumerAligned"},
}
ORGANISATION = Organisation.parse(ORGANISATION_SETTINGS)
TAGS = {"Owner": "sales-data", "CostCentre": "CC-2000", "BusinessUnit": "sales", "Environment": "prod"}
KEY = "arn:aws:kms:eu-west-1:222222222222:key/1f2e3d4c"


def facts(stack: str = "sales-prod", settings: Mapping[str, Mapping[str, Any]] | None = None, **more: Any) -> Facts:
    """What a control knows in a stack of the example organisation."""
    return Facts(stack=stack, organisation=ORGANISATION, settings=settings or {}, today=date(2026, 11, 20), **more)


def provider(**props: Any) -> Provider:
    """The account's provider, with the default tags of every resource."""
    return Provider(
        "pulumi:providers:aws",
        "sales",
        "urn:pulumi:sales-prod::mesh::pulumi:providers:aws::sales",
        {"allowedAccountIds": ["222222222222"], "defaultTags": {"tags": TAGS}, **props},
    )


def urn(type_: str, name: str = "it", within: str = "", stack: str = "sales-prod") -> str:
    """The URN of a resource inside the components `within` (types joined by `$`)."""
    return f"urn:pulumi:{stack}::mesh::{within + '$' if within else ''}{type_}::{name}"


def resource(type_: str, props: Mapping[str, Any] | None = None, name: str = "it", **more: Any) -> Resource:
    """A resource deployed with the account's provider; `within` and `stack` go into its URN."""
    where = {key: more.pop(key) for key in ("within", "stack") if key in more}
    more.setdefault("provider", provider() if type_.startswith("aws:") else None)
    return Resource(type_, urn(type_, name, **where), name, props or {}, **more)


def policy(*statements: Mapping[str, Any]) -> str:
    """The text of an IAM document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


@dataclass(frozen=True)
class Case:
    """One thing a control judges, and the key of the finding it gives; none when it must be accepted."""

    about: str
    subject: Resource | Stack
    finding: str | None = None
    facts: Facts = field(default_factory=facts)
    undetermined: bool = False


def accepted(about: str, subject: Resource | Sequence[Resource], **more: Any) -> Case:
    """Something a careful reviewer accepts."""
    return Case(about, subject if isinstance(subject, Resource) else Stack(subject), **more)


def refused(about: str, subject: Resource | Sequence[Resource], finding: str, **more: Any) -> Case:
    """Something the control has to find."""
    return Case(about, subject if isinstance(subject, Resource) else Stack(subject), finding, **more)


def steps(path: str) -> list[str]:
    return plain_path(path).split(".")


def put(props: dict[str, Any], path: str, value: Any) -> None:
    """Set the value at a path, with one element in each list on the way."""
    *way, last = steps(path)
    at: Any = props
    for step in way:
        at = at.setdefault(step[:-2], [{}])[0] if step.endswith("[]") else at.setdefault(step, {})
    at[last.removesuffix("[]")] = value


def remove(props: dict[str, Any], path: str) -> None:
    """Leave out the property at a path."""
    *way, last = steps(path)
    at: Any = props
    for step in way:
        at = at.get(step.removesuffix("[]"), {})
        at = at[0] if isinstance(at, list) else at
    at.pop(last.removesuffix("[]"), None)


def satisfy(props: dict[str, Any], condition: str) -> None:
    """Make a condition of the table hold."""
    path, _, wanted = condition.partition("=")
    value = wanted.split("|")[0] if wanted else "set"
    put(props, path, value == "True" or value)


def sdk_lacks(type_: str, *conditions: str) -> list[str]:
    """Those of the properties named, also in conditions `path=value`, that pulumi-aws does not have on a type."""
    inputs = sdk.input_paths(type_)
    named = [plain_path(condition.partition("=")[0]) for condition in conditions if condition]
    in_map = {path for path in named if "Mapping[" in inputs.get(path.rpartition(".")[0], "")}
    return [path for path in named if path not in inputs and f"{path}[]" not in inputs and path not in in_map]
