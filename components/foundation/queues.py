"""Queues: encrypted, TLS-only, each with a dead-letter queue of its own."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.foundation import grants as grant
from components.foundation.account import Account
from components.foundation.alarms import Metric, Severity, alarm
from components.foundation.grants import Grant
from components.foundation.keys import Key
from components.foundation.naming import Names
from components.foundation.policy import Statement
from components.foundation.resource_policies import queue_policy
from components.foundation.tags import data_tags

_RETENTION_SECONDS = 14 * 24 * 3600  # the most that SQS offers: SQS API, SetQueueAttributes
_VISIBILITY_LIMIT_SECONDS = 12 * 3600  # likewise


@dataclass(frozen=True, kw_only=True)
class QueueArgs:
    account: Account
    what: str
    key: Key
    visibility_timeout_seconds: int = 30
    """Six times a consuming function's timeout or more (Lambda developer guide, "Using Lambda with Amazon SQS")."""
    dead_letters_after: int | None = 5
    """Deliveries before a message moves to the dead-letter queue; None for a queue that itself holds dead letters."""
    senders: Sequence[Statement] = ()
    """Services and foreign roles that may send: resource_policies.service_use, role_use."""
    data_product: str = ""


class Queue(pulumi.ComponentResource):
    """An SQS queue, its dead-letter queue and an alarm for what arrives there.

    `arn` and `name` are known at preview; `resource.arn` and `url` wait for the queue.
    """

    name: str
    arn: str
    url: pulumi.Output[str]
    resource: aws.sqs.Queue
    dead_letters: aws.sqs.Queue | None = None
    dead_letters_name: str = ""

    def __init__(self, name: str, args: QueueArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("mesh:foundation:Queue", name, None, opts)
        if not 0 <= args.visibility_timeout_seconds <= _VISIBILITY_LIMIT_SECONDS:
            raise ValueError(f"visibility_timeout_seconds: {args.visibility_timeout_seconds} is not within 12 hours")
        names = Names(args.account)
        self._account, self._alias, self._key = args.account, args.key.alias, args.key
        self._tags = data_tags(args.key.classification, args.data_product)
        self.name = names.queue(args.what)
        self.arn = names.arns.queue(self.name)
        redrive = None
        if args.dead_letters_after is not None:
            self.dead_letters_name = names.queue(f"{args.what}-dead")
            self.dead_letters = self._queue(f"{name}-dead", self.dead_letters_name, ())
            redrive = redrive_policy(names.arns.queue(self.dead_letters_name), args.dead_letters_after)
        self.resource = self._queue(name, self.name, args.senders, args.visibility_timeout_seconds, redrive)
        self._alarm(name, args)
        self.url = self.resource.url
        self.register_outputs({"arn": self.arn, "url": self.url})

    def consuming(self) -> Grant:
        """Receive, extend and delete messages."""
        return grant.queue_consuming(self._account, self.name, alias=self._alias)

    def sending(self) -> Grant:
        """Send messages."""
        return grant.queue_sending(self._account, self.name, alias=self._alias)

    def _alarm(self, name: str, args: QueueArgs) -> None:
        """Dead letters wait for somebody to look: in the dead-letter queue, or here where there is none."""
        waiting = Metric(
            namespace="AWS/SQS",
            name="ApproximateNumberOfMessagesVisible",
            dimensions={"QueueName": self.dead_letters_name or self.name},
            statistic="Maximum",
        )
        alarm(
            name,
            account=args.account,
            what=f"{args.what}-dead" if self.dead_letters else args.what,
            severity=Severity.CRITICAL,
            metric=waiting,
            description=f"{self.name}: messages were given up on and wait",
            parent=self,
        )

    def _queue(
        self,
        name: str,
        physical: str,
        senders: Sequence[Statement],
        visibility_timeout_seconds: int | None = None,
        redrive: str | None = None,
    ) -> aws.sqs.Queue:
        child = pulumi.ResourceOptions(parent=self)
        queue = aws.sqs.Queue(
            name,
            name=physical,
            kms_master_key_id=self._key.arn,
            message_retention_seconds=_RETENTION_SECONDS,
            visibility_timeout_seconds=visibility_timeout_seconds,
            redrive_policy=redrive,
            tags=self._tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=self.dead_letters),
        )
        aws.sqs.QueuePolicy(
            name, queue_url=queue.url, policy=queue_policy(self._account, physical, senders), opts=child
        )
        return queue


def redrive_policy(dead_letters_arn: str, after: int) -> str:
    """Where messages go after `after` failed deliveries."""
    return json.dumps({"deadLetterTargetArn": dead_letters_arn, "maxReceiveCount": after}, separators=(",", ":"))
