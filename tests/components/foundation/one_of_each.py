"""A program with one of every foundation component, for tests that hold for all of them."""

from collections.abc import Callable, Mapping
from functools import cache

from components.foundation.account import Account
from components.foundation.alarms import AlarmTopics, AlarmTopicsArgs
from components.foundation.boundary import BoundaryPolicy, BoundaryPolicyArgs
from components.foundation.buckets import Bucket, BucketArgs, Lifecycle
from components.foundation.bus import EventBus, EventBusArgs
from components.foundation.classification import Classification
from components.foundation.functions import PANDAS, Function, FunctionArgs
from components.foundation.keys import Key, KeyArgs
from components.foundation.log_buckets import LogArchive, LogArchiveArgs, LogBucket, LogBucketArgs
from components.foundation.network import Network, NetworkArgs
from components.foundation.provider import account_provider
from components.foundation.queues import Queue, QueueArgs
from components.foundation.replication import BucketReplication, BucketReplicationArgs
from components.foundation.tables import Attribute, Index, Table, TableArgs
from components.foundation.triggers import on_bucket, on_queue, on_rule, on_schedule, on_table
from tests.components.harness import Program, make_account, run

HANDLER = "handlers.files.ingest.handler"
CONFIDENTIAL = Classification.CONFIDENTIAL


def make_key(account: Account, classification: Classification = CONFIDENTIAL) -> Key:
    primary = "arn:aws:kms:eu-west-1:222222222222:key/mrk-1" if account.is_recovery else None
    args = KeyArgs(
        account=account,
        classification=classification,
        primary_key_arn=primary,
        reader_arns=["arn:aws:iam::111111111111:role/acme-governance-prod-lake"],
    )
    return Key(classification.value, args)


def domain() -> None:
    """The primary stack of a domain."""
    account = make_account()
    account_provider(account)
    BoundaryPolicy("boundary", BoundaryPolicyArgs(account=account))
    key = make_key(account)
    LogBucket("logs", LogBucketArgs(account=account))
    AlarmTopics("alarms", AlarmTopicsArgs(account=account, key=key))
    landing = Bucket(
        "landing",
        BucketArgs(account=account, what="landing", key=key, lifecycle=[Lifecycle(expire_after_days=30)]),
    )
    orders = Queue("orders", QueueArgs(account=account, what="orders", key=key, visibility_timeout_seconds=360))
    bus = EventBus("events", EventBusArgs(account=account, what="events", key=key, publisher_accounts=["333333333333"]))
    lineage = Table(
        "lineage",
        TableArgs(
            account=account,
            what="lineage",
            key=key,
            partition_key=Attribute("dataset"),
            sort_key=Attribute("at", "N"),
            indexes=[Index(name="by-run", partition_key=Attribute("run"), sort_key=Attribute("at", "N"))],
            stream=True,
            expiry_attribute="expires",
        ),
    )
    network = Network("network", NetworkArgs(account=account, key=key))
    ingest = Function(
        "ingest",
        FunctionArgs(
            account=account,
            what="orders-ingest",
            handler=HANDLER,
            key=key,
            grants=[landing.reading("orders/"), orders.consuming(), lineage.following(), bus.publishing()],
            environment={"MESH_HUB_BUS_ARN": bus.arn},
            layers=[PANDAS],
            placement=network.placement("ingest"),
            data_product="sales/orders",
        ),
    )
    landing.notify(on_bucket("ingest-landing", ingest, landing, prefix="orders/"), event_bridge=True)
    on_queue("ingest-orders", ingest, orders)
    on_table("ingest-lineage", ingest, lineage)
    on_schedule("ingest-nightly", ingest, "ingest-nightly", "rate(1 day)", event={"full": True})
    on_rule("ingest-asked", ingest, "ingest-asked", {"source": ["mesh"]}, bus=bus)


def hub() -> None:
    """What only the hub has."""
    account = make_account().hub
    LogArchive("archive", LogArchiveArgs(account=account, source_accounts=["111111111111", "222222222222"]))


def pilot_light() -> None:
    """The recovery stack of a domain."""
    account = make_account(region="eu-central-1")
    key = make_key(account)
    LogBucket("logs", LogBucketArgs(account=account))
    landing = Bucket("landing", BucketArgs(account=account, what="landing", key=key))
    BucketReplication("landing", BucketReplicationArgs(account=account, what="landing", target=landing, key=key))


PROGRAMS: Mapping[str, Callable[[], None]] = {"domain": domain, "hub": hub, "pilot light": pilot_light}


@cache
def deployed(which: str) -> Program:
    """The program as an update runs it. Its registrations never change, so tests share them."""
    return run(PROGRAMS[which])


@cache
def previewed(which: str) -> Program:
    """The program as a preview of an empty stack runs it."""
    return run(PROGRAMS[which], preview=True)
