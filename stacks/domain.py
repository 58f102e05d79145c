"""A business unit's domain account: its buckets, its way in for files, and its data products."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from components.contracts.succession import may_go
from components.domain.data_domain import DataDomain, DataDomainArgs, location_role_arn
from components.domain.data_product import DataProduct, DataProductArgs
from components.domain.published_contracts import PublishedContracts, PublishedContractsArgs
from components.foundation.network import Network, NetworkArgs
from components.ingestion.files import FileTransfer, FileTransferArgs, SftpUser
from components.recovery.replicas import ReplicaBuckets, ReplicaBucketsArgs
from stacks.baseline import Baseline, account_of, lay
from stacks.documents import DocumentError, shown
from stacks.exports import (
    DomainExports,
    GovernanceExports,
    PilotLightExports,
    ProductExports,
    deployed_products,
    read,
    write,
)
from stacks.mesh import classifications, domain_products
from stacks.settings import StackSettings, stack_path

BUCKETS = ("landing", "products", "quarantine")


def build(settings: StackSettings) -> None:
    """A domain's primary stack."""
    account, file = account_of(settings), settings.file
    compiled = domain_products(settings.organisation, account)
    require_known_partners(settings, {product.name for product in compiled})
    found = classifications(settings.entry, compiled)
    base = lay(settings, found, readers=(location_role_arn(account),))
    network = _network(settings, base)
    domain = DataDomain(
        account.name,
        DataDomainArgs(
            account=account,
            keys={each: base.keys[each] for each in found},
            landing_days=file.retention.landing,
            quarantine_days=file.retention.quarantine,
        ),
        base.options,
    )
    contracts = PublishedContracts(
        "contracts",
        PublishedContractsArgs(domain=account.name, products=compiled, deployed=deployed_products()),
        base.options,
    )
    placement = network.placement("products")
    products = [
        DataProduct(
            product.name,
            DataProductArgs(
                account=account,
                product=product,
                domain=domain,
                placement=placement,
                protect=not may_go(product.contract),
            ),
            pulumi.ResourceOptions(parent=contracts),
        )
        for product in compiled
    ]
    domain.deliver(*(delivery for product in products if (delivery := product.delivery())))
    transfer = _file_transfer(settings, base, domain, network)
    hub = read(settings.hub_stack, GovernanceExports)
    write(
        {
            "account_id": account.account_id,
            "region": account.region,
            "keys": base.key_arns(),
            "buckets": {"logs": base.log_bucket.name} | {what: each.name for what, each in domain.buckets.items()},
            "tables": {},
            "products": pulumi.Output.all(hub, contracts.accepted).apply(
                lambda known: {
                    product.product.name: exported(
                        product, known[0], known[1], domain, partners(settings, product, transfer)
                    )
                    for product in products
                }
            ),
        },
        DomainExports,
    )


def build_recovery(settings: StackSettings) -> None:
    """A domain's pilot light: its keys, and its data."""
    account = account_of(settings)
    compiled = domain_products(settings.organisation, account)
    found = classifications(settings.entry, compiled)
    base = lay(settings, found, readers=(location_role_arn(account),))
    replicas = ReplicaBuckets(
        account.name,
        ReplicaBucketsArgs(account=account, key=base.keys[max(found)], purposes=BUCKETS),
        base.options,
    )
    write(
        {
            "account_id": account.account_id,
            "region": account.region,
            "keys": base.key_arns(),
            "buckets": {"logs": base.log_bucket.name} | {what: each.name for what, each in replicas.buckets.items()},
            "tables": {},
            "primary": base.primary_stores(),
        },
        PilotLightExports,
    )


def require_known_partners(settings: StackSettings, products: set[str]) -> None:
    """Every partner delivers a product that exists.

    Raises:
        DocumentError: naming the stack file and the partner.
    """
    transfer = settings.file.file_transfer
    for position, partner in enumerate(transfer.partners if transfer else ()):
        if partner.product not in products:
            raise DocumentError(
                f"{shown(stack_path(settings.stack))}: config.mesh:fileTransfer.partners[{position}].product: "
                f"expected a product of domains/{settings.file.account} ({', '.join(sorted(products)) or 'none yet'}); "
                f"found {partner.product!r}"
            )


def exported(
    product: DataProduct,
    hub: GovernanceExports,
    contracts: Mapping[str, str],
    domain: DataDomain,
    partner_roles: dict[str, str],
) -> dict[str, object]:
    """A product's export.

    Raises:
        ValueError: the hub has no database for the domain, or another one than the product was compiled for.
    """
    compiled = product.product
    place = compiled.validator["table"]
    if hub.databases.get(compiled.domain) != place["database"]:
        raise ValueError(
            f"the hub has no database {place['database']} for domain {compiled.domain}; deploy the hub's stack first"
        )
    export = ProductExports(
        version=compiled.version,
        catalog_id=hub.catalog_id,
        database=place["database"],
        table=compiled.table.name,
        location=compiled.location,
        landing=f"s3://{domain.landing.name}/{product.landing_prefix}",
        quarantine=f"s3://{domain.quarantine.name}/{compiled.name}/",
        ingest=product.ingest.name if product.ingest else "",
        replay=product.replay.name if product.replay else "",
        partners=partner_roles,
        contract=contracts[compiled.name],
        file=compiled.validator["file"],
    )
    return export.model_dump(by_alias=True)


def partners(settings: StackSettings, product: DataProduct, transfer: FileTransfer | None) -> dict[str, str]:
    """SFTP users that deliver a product, with the ARN of the role each acts under."""
    file = settings.file.file_transfer
    if file is None or transfer is None:
        return {}
    mine = [partner.user for partner in file.partners if partner.product == product.product.name]
    return {user: transfer.roles[user].arn for user in mine}


def _network(settings: StackSettings, base: Baseline) -> Network:
    file = settings.file
    assert file.network is not None, "settings require it of a domain's primary stack"
    return Network(
        "network",
        NetworkArgs(account=base.account, key=base.operations_key, cidr_block=str(file.network.cidr)),
        base.options,
    )


def _file_transfer(
    settings: StackSettings, base: Baseline, domain: DataDomain, network: Network
) -> FileTransfer | None:
    file = settings.file.file_transfer
    if file is None:
        return None
    return FileTransfer(
        "sftp",
        FileTransferArgs(
            account=base.account,
            key=base.operations_key,
            landing=domain.landing,
            network=network,
            allowed_networks=[str(each) for each in file.allowed_networks],
            users=[
                SftpUser(
                    name=partner.user,
                    folder=f"{partner.product}/",
                    public_key=partner.public_key,
                    data_product=f"{settings.file.account}/{partner.product}",
                )
                for partner in file.partners
            ],
            log_retention_days=settings.file.retention.logs,
        ),
        base.options,
    )
