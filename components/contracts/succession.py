"""Whether the contracts of a domain may take the place of those that are deployed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from components.contracts import odcs, source
from components.contracts.changes import DEPRECATED, RETIRED, gate
from components.contracts.delivery import delivery_changes
from components.contracts.diagnostics import ContractError, Diagnostic, Severity
from components.contracts.product import DataProduct, major_version


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """A product as its stack exported it last."""

    version: str
    contract: str
    """As `published` wrote it."""
    file: Mapping[str, Any] | None
    """How its files had to look; None when it took none."""


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """What keeps a product's contract from taking the deployed one's place."""

    product: str
    diagnostic: Diagnostic


def published(contract: odcs.Contract) -> str:
    """A contract as stacks export it: JSON, so that every number stays what it was."""
    return json.dumps(contract.document.value, ensure_ascii=False, sort_keys=True)


def refusals(domain: str, products: Iterable[DataProduct], deployed: Mapping[str, Deployed]) -> Iterator[Refusal]:
    """Everything that breaks whoever relies on the deployed contracts, and that no new major version announces.

    Args:
        domain: the domain's name.
        products: what its folder has now.
        deployed: its products by name.
    """
    by_name = {product.name: product for product in products}
    for name, before in sorted(deployed.items()):
        product = by_name.get(name)
        file = product.contract_file if product else f"domains/{domain}/{name}"
        try:
            old = odcs.contract(source.parse_json(before.contract, f"the deployed contract of {domain}/{name}"))
        except ContractError as error:
            message = f"cannot be compared with the deployed contract: {error}"
            yield Refusal(product=name, diagnostic=_error(file, message))
            continue
        if product is None:
            yield from _removal(name, old, file)
        else:
            found = (*gate(old, product.contract), *_delivery(before, product))
            yield from (Refusal(product=name, diagnostic=each) for each in found)


def may_go(contract: odcs.Contract) -> bool:
    """Whether a product that is deployed with this contract may be removed: it is retired, or nothing was promised
    before 1.0.0 (Semantic Versioning 2.0.0, item 4)."""
    return contract.model.status == RETIRED or major_version(contract.version) == 0


def _delivery(before: Deployed, product: DataProduct) -> Iterator[Diagnostic]:
    """The format of the files is the product's to say, so the product's version has to announce another one."""
    was, now = major_version(before.version), major_version(product.version)
    if not now or was != now:
        return
    for change in delivery_changes(before.file, product.validator["file"]):
        if change.breaking:
            yield _error(product.product_file, change.unannounced(product.version, now), "inputPorts")


def _removal(name: str, old: odcs.Contract, file: str) -> Iterator[Refusal]:
    if not may_go(old):
        stages = (RETIRED,) if old.model.status == DEPRECATED else (DEPRECATED, RETIRED)
        message = (
            f"the product is gone, but version {old.version} is deployed as {old.model.status}; bring the folder back, "
            f"deploy it with status: {' and then with status: '.join(stages)} in contract.odcs.yaml, and remove it then"
        )
        yield Refusal(product=name, diagnostic=_error(file, message))


def _error(file: str, message: str, path: str = "") -> Diagnostic:
    return Diagnostic(severity=Severity.ERROR, file=file, line=0, path=path, message=message)
