"""Replicas belong in the recovery region, under the key that is there."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from components.foundation.account import Account
from components.foundation.classification import Classification
from components.foundation.keys import Key, KeyArgs
from components.recovery.replicas import ReplicaBuckets, ReplicaBucketsArgs, ReplicaTables, ReplicaTablesArgs
from tests.components.harness import Program, make_account, run

KEY = "arn:aws:kms:eu-west-1:222222222222:key/mrk-internal"


def recovery(build: Callable[[Account, Key], object]) -> Program:
    def program() -> None:
        account = make_account(region="eu-central-1")
        arguments = KeyArgs(account=account, classification=Classification.INTERNAL, primary_key_arn=KEY)
        build(account, Key("internal", arguments))

    return run(program)


def test_each_bucket_gets_a_counterpart_that_its_primary_replicates_into() -> None:
    made = recovery(
        lambda account, key: ReplicaBuckets(
            "sales", ReplicaBucketsArgs(account=account, key=key, purposes=["products"])
        )
    )
    replica = made.one("s3.Bucket", "sales-products")
    assert replica.inputs["bucket"] == "acme-sales-prod-products-222222222222-eu-central-1"
    assert replica.protect
    rule = made.one("s3.BucketReplicationConfig", "sales-products").inputs
    assert (rule["region"], rule["bucket"]) == ("eu-west-1", "acme-sales-prod-products-222222222222-eu-west-1")
    assert (
        rule["rules"][0]["destination"]["bucket"] == "arn:aws:s3:::acme-sales-prod-products-222222222222-eu-central-1"
    )


def test_each_table_gets_a_replica_that_can_be_recovered() -> None:
    made = recovery(
        lambda account, key: ReplicaTables(
            "ledger", ReplicaTablesArgs(account=account, key=key, tables={"q": "quality"})
        )
    )
    replica = made.one("dynamodb.TableReplica", "ledger-q").inputs
    assert replica["globalTableArn"] == "arn:aws:dynamodb:eu-west-1:222222222222:table/quality"
    assert replica["pointInTimeRecovery"] is True
    assert replica["deletionProtectionEnabled"] is True


@pytest.mark.parametrize("component", ["buckets", "tables"])
def test_replicas_in_the_primary_region_are_refused(component: str) -> None:
    def program() -> None:
        account = make_account()
        key = Key("internal", KeyArgs(account=account, classification=Classification.INTERNAL))
        if component == "buckets":
            ReplicaBuckets("sales", ReplicaBucketsArgs(account=account, key=key, purposes=["products"]))
        else:
            ReplicaTables("ledger", ReplicaTablesArgs(account=account, key=key, tables={"q": "quality"}))

    with pytest.raises(ValueError, match="account: replicas belong in the recovery region"):
        run(program)
