"""Event buses: encrypted, open to named accounts of the organisation, archived for replay."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.foundation import grants as grant
from components.foundation.account import Account
from components.foundation.grants import Grant
from components.foundation.keys import Key
from components.foundation.naming import Names
from components.foundation.policy import Statement
from components.foundation.queues import Queue, QueueArgs
from components.foundation.resource_policies import bus_policy, service_use
from components.foundation.tags import data_tags


@dataclass(frozen=True, kw_only=True)
class EventBusArgs:
    account: Account
    what: str
    key: Key
    publisher_accounts: Sequence[str] = ()
    """Ids of other accounts of the organisation that may put events."""
    archive_days: int = 30
    """How long events can be replayed."""


class EventBus(pulumi.ComponentResource):
    """An EventBridge bus with an archive. `arn` and `name` are known at preview; `resource` carries the outputs."""

    name: str
    arn: str
    resource: aws.cloudwatch.EventBus

    def __init__(self, name: str, args: EventBusArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("mesh:foundation:EventBus", name, None, opts)
        names = Names(args.account)
        self._account = args.account
        self.name = names.bus(args.what)
        self.arn = names.arns.bus(self.name)
        child = pulumi.ResourceOptions(parent=self)
        # Where events go that the key fails to encrypt or decrypt: EventBridge user guide, "DLQs for encrypted events".
        failures = Queue(
            f"{name}-failures",
            QueueArgs(
                account=args.account,
                what=f"{args.what}-failures",
                key=args.key,
                dead_letters_after=None,
                senders=[_bus_fails_here(args.account, self.arn, names.queue(f"{args.what}-failures"))],
            ),
            child,
        )
        self.resource = aws.cloudwatch.EventBus(
            name,
            name=self.name,
            kms_key_identifier=args.key.arn,
            dead_letter_config={"arn": failures.resource.arn},
            tags=data_tags(args.key.classification),
            opts=child,
        )
        if args.publisher_accounts:
            aws.cloudwatch.EventBusPolicy(
                name,
                event_bus_name=self.resource.name,
                policy=bus_policy(args.account, self.name, args.publisher_accounts),
                opts=child,
            )
        aws.cloudwatch.EventArchive(
            name,
            name=names.archive(args.what),
            event_source_arn=self.resource.arn,
            kms_key_identifier=args.key.arn,
            retention_days=args.archive_days,
            opts=child,
        )
        self.register_outputs({"arn": self.arn})

    def publishing(self) -> Grant:
        """Put events on the bus."""
        return grant.bus_publishing(self._account, self.name)


def _bus_fails_here(account: Account, bus_arn: str, queue: str) -> Statement:
    arn = Names(account).arns.queue(queue)
    return service_use(account, "events.amazonaws.com", ("sqs:SendMessage",), arn, (bus_arn,), "BusFailsHere")
