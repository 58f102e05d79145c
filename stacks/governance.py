"""The governance hub: the mesh's catalog, its ledger of lineage and quality, and the archive of everybody's logs."""

from __future__ import annotations

from components.foundation.naming import Names
from components.governance.catalog import Catalog, CatalogArgs
from components.governance.ledger import Ledger, LedgerArgs
from components.recovery.replicas import ReplicaTables, ReplicaTablesArgs
from stacks.baseline import account_of, lay
from stacks.exports import GovernanceExports, PilotLightExports, write
from stacks.mesh import registrations
from stacks.settings import StackSettings

LEDGER_TABLES = ("lineage", "quality")


def build(settings: StackSettings) -> None:
    """The hub's primary stack."""
    domains = registrations(settings.organisation, account_of(settings))
    base = lay(settings, set())
    catalog = Catalog("catalog", CatalogArgs(account=base.account, domains=domains), base.options)
    publishers = sorted(each.account.account_id for each in domains.values())
    ledger = Ledger(
        "ledger",
        LedgerArgs(account=base.account, key=base.operations_key, publisher_accounts=publishers),
        base.options,
    )
    write(
        {
            "account_id": base.account.account_id,
            "region": base.account.region,
            "keys": base.key_arns(),
            "buckets": {"logs": base.log_bucket.name, "log-archive": Names(base.account).bucket("log-archive")},
            "catalog_id": base.account.account_id,
            "databases": catalog.databases,
            "bus": ledger.bus.arn,
            "tables": {"lineage": ledger.lineage.name, "quality": ledger.quality.name},
        },
        GovernanceExports,
    )


def build_recovery(settings: StackSettings) -> None:
    """The hub's pilot light: keys, log buckets, and replicas of the ledger."""
    base = lay(settings, set())
    names = Names(base.account)
    ReplicaTables(
        "ledger",
        ReplicaTablesArgs(
            account=base.account, key=base.operations_key, tables={each: names.table(each) for each in LEDGER_TABLES}
        ),
        base.options,
    )
    write(
        {
            "account_id": base.account.account_id,
            "region": base.account.region,
            "keys": base.key_arns(),
            "buckets": {"logs": base.log_bucket.name, "log-archive": names.bucket("log-archive")},
            "tables": {each: names.table(each) for each in LEDGER_TABLES},
            "primary": base.primary_stores(),
        },
        PilotLightExports,
    )
