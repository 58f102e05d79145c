"""The mesh as every stack sees it: each domain's products, compiled from `domains/` for the account they live in."""

from __future__ import annotations

from dataclasses import replace

from components.contracts import Context, DataProduct, load_products
from components.foundation.account import Account
from components.foundation.classification import Classification
from components.foundation.naming import Names
from components.governance.catalog import DomainRegistration
from stacks.documents import ROOT, DocumentError, shown
from stacks.organisation import AccountEntry, Organisation

DOMAINS = ROOT / "domains"


def domain_products(organisation: Organisation, domain: Account) -> tuple[DataProduct, ...]:
    """The products of a domain account.

    Raises:
        components.contracts.ContractError: a product's file is wrong; names file, line, path and expectation.
    """
    names = Names(domain.in_region(domain.primary_region))
    context = Context(
        catalog_id=domain.hub_account_id,
        database=Names(domain.hub).glue_database(domain.name),
        bucket=names.bucket("products"),
    )
    kind = organisation.accounts[domain.name].domain_type
    return load_products(ROOT, domain.name, context, kind.value if kind else None)


def classifications(entry: AccountEntry, products: tuple[DataProduct, ...]) -> set[Classification]:
    """Every classification of a domain's data; a domain that has none yet gets ready for internal data."""
    return {*entry.keeps, *(product.classification for product in products)} or {Classification.INTERNAL}


def registrations(organisation: Organisation, hub: Account) -> dict[str, DomainRegistration]:
    """What the hub makes room for, by domain: read from the files that domain teams own, not from their stacks.

    Raises:
        DocumentError: a folder in `domains/` is no domain's, so that its products would go unseen.
    """
    for folder in sorted(DOMAINS.glob("[!.]*")):
        if folder.is_dir() and folder.name not in organisation.domains:
            known = ", ".join(organisation.domains)
            raise DocumentError(f"{shown(folder)}: expected a domain of stacks/organisation.yaml ({known})")
    found = {}
    ids = organisation.ids(hub.environment)
    for name, entry in organisation.domains.items():
        if name not in ids:
            continue
        account = replace(
            hub.peer(name, ids[name]),
            owner=entry.owner,
            cost_centre=entry.cost_centre,
            business_unit=entry.business_unit,
        )
        products = domain_products(organisation, account)
        found[name] = DomainRegistration(
            account=account,
            products=[product.name for product in products],
            classifications=classifications(entry, products),
        )
    return found
