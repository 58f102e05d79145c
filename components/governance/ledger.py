"""The mesh's ledger: every lineage and quality event of every domain arrives on one bus and is kept in two tables."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.foundation.account import Account
from components.foundation.bus import EventBus, EventBusArgs
from components.foundation.functions import Function, FunctionArgs
from components.foundation.keys import Key
from components.foundation.tables import Attribute, Table, TableArgs
from components.foundation.triggers import on_rule

BUS = "mesh"
"""The bus's part of its name; domains compute its ARN from it."""
EVENT_TYPES = ("OpenLineage Run Event", "Quality Result")


@dataclass(frozen=True, kw_only=True)
class LedgerArgs:
    account: Account
    key: Key
    publisher_accounts: Sequence[str]
    """Ids of the domain accounts that report here."""
    protect: bool = True


class Ledger(pulumi.ComponentResource):
    """Bus, recorder and tables. An event that cannot be recorded waits in the recorder's failures queue, and the bus's
    archive can replay what was lost."""

    bus: EventBus
    lineage: Table
    quality: Table
    recorder: Function

    def __init__(self, name: str, args: LedgerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("mesh:governance:Ledger", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.bus = EventBus(
            name,
            EventBusArgs(account=args.account, what=BUS, key=args.key, publisher_accounts=args.publisher_accounts),
            child,
        )
        self.lineage = self._table(f"{name}-lineage", "lineage", "job", args)
        self.quality = self._table(f"{name}-quality", "quality", "product", args)
        self.recorder = Function(
            f"{name}-recorder",
            FunctionArgs(
                account=args.account,
                what="record",
                handler="handlers.hub.record.handler",
                key=args.key,
                grants=[self.lineage.writing(), self.quality.writing()],
                environment={
                    "MESH_LINEAGE_TABLE": self.lineage.name,
                    "MESH_QUALITY_TABLE": self.quality.name,
                },
            ),
            child,
        )
        on_rule(name, self.recorder, "record", {"detail-type": list(EVENT_TYPES)}, bus=self.bus)
        self.register_outputs({"bus": self.bus.arn, "lineage": self.lineage.name, "quality": self.quality.name})

    def _table(self, name: str, what: str, subject: str, args: LedgerArgs) -> Table:
        """One item per event, by what it is about and when it was."""
        return Table(
            name,
            TableArgs(
                account=args.account,
                what=what,
                key=args.key,
                partition_key=Attribute(subject),
                sort_key=Attribute("event"),
                stream=True,  # a replica in the recovery region needs one: DynamoDB developer guide, "Global tables"
                protect=args.protect,
            ),
            pulumi.ResourceOptions(parent=self),
        )
