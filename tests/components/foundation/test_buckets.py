"""Buckets: every control is on, and there is one notification configuration."""

from typing import Any

import pytest

from components.foundation.buckets import Bucket, BucketArgs, Delivery, Lifecycle, lifecycle_rules, require_disjoint
from components.foundation.log_buckets import LogArchive, LogArchiveArgs
from components.foundation.replication import BucketReplication, BucketReplicationArgs
from tests.components.foundation.evaluation import matching
from tests.components.foundation.grants_of_every_kind import ACCOUNT
from tests.components.foundation.one_of_each import deployed, make_key
from tests.components.harness import make_account, run

NAME = "acme-sales-prod-landing-222222222222-eu-west-1"


def test_a_bucket_is_closed_in_every_way() -> None:
    made = deployed("domain")
    assert made.one("s3.Bucket", "landing").inputs["bucket"] == NAME
    assert made.one("s3.BucketVersioning", "landing").inputs["versioningConfiguration"] == {"status": "Enabled"}
    assert made.one("s3.BucketServerSideEncryptionConfiguration", "landing").inputs["rules"] == [
        {
            "applyServerSideEncryptionByDefault": {
                "sseAlgorithm": "aws:kms",
                "kmsMasterKeyId": "arn:aws:kms:eu-west-1:222222222222:key/mrk-confidential",
            },
            "bucketKeyEnabled": True,
        }
    ]
    block = made.one("s3.BucketPublicAccessBlock", "landing").inputs
    assert {name for name, value in block.items() if value is True} == {
        "blockPublicAcls",
        "blockPublicPolicy",
        "ignorePublicAcls",
        "restrictPublicBuckets",
    }
    assert made.one("s3.BucketOwnershipControls", "landing").inputs["rule"] == {
        "objectOwnership": "BucketOwnerEnforced"
    }


def test_every_part_of_a_bucket_names_it() -> None:
    parts = [one for one in deployed("domain").registrations if one.name == "landing" and one.kind.startswith("s3.")]
    assert len(parts) == 9
    assert {one.inputs["bucket"] for one in parts} == {NAME}


def test_the_policy_waits_for_the_public_access_block() -> None:
    made = deployed("domain")
    block = made.one("s3.BucketPublicAccessBlock", "landing")
    assert block.urn in made.one("s3.BucketPolicy", "landing").dependencies


def test_access_is_logged_to_the_accounts_log_bucket_of_the_region() -> None:
    logging = deployed("domain").one("s3.BucketLogging", "landing").inputs
    assert logging["targetBucket"] == "acme-sales-prod-logs-222222222222-eu-west-1"
    assert logging["targetPrefix"] == f"s3/{NAME}/"


@pytest.mark.parametrize(("environment", "emptied"), [("prod", False), ("dev", True)])
def test_only_outside_of_production_does_destroying_empty_it(environment: str, emptied: bool) -> None:
    account = make_account(environment=environment)
    made = run(lambda: Bucket("b", BucketArgs(account=account, what="b", key=make_key(account))))
    assert made.one("s3.Bucket").inputs["forceDestroy"] is emptied


def test_protection_can_be_dropped_where_nothing_is_kept() -> None:
    args = {"account": ACCOUNT, "what": "b", "protect": False}
    made = run(lambda: Bucket("b", BucketArgs(key=make_key(ACCOUNT), **args)))
    assert not made.one("s3.Bucket").protect


def test_lifecycle_keeps_house_and_then_does_as_asked() -> None:
    upkeep, expiring = lifecycle_rules([Lifecycle(prefix="a/b/", archive_after_days=30, expire_after_days=365)], 7)
    assert upkeep["noncurrent_version_expiration"] == {"noncurrent_days": 7}
    assert upkeep["abort_incomplete_multipart_upload"] == {"days_after_initiation": 7}
    assert expiring == {
        "id": "keep-a-b",
        "status": "Enabled",
        "filter": {"prefix": "a/b/"},
        "transitions": [{"days": 30, "storage_class": "GLACIER_IR"}],
        "expiration": {"days": 365},
    }


@pytest.mark.parametrize(
    ("lifecycle", "noncurrent_days", "field"),
    [
        (Lifecycle(), 90, "lifecycle"),
        (Lifecycle(archive_after_days=30, expire_after_days=30), 90, "lifecycle"),
        (Lifecycle(expire_after_days=1), 0, "noncurrent_days"),
    ],
)
def test_a_lifecycle_s3_would_refuse_is_refused(lifecycle: Lifecycle, noncurrent_days: int, field: str) -> None:
    with pytest.raises(ValueError, match=f"^{field}: "):
        lifecycle_rules([lifecycle], noncurrent_days)


def test_notifications_are_one_configuration_after_the_permission() -> None:
    made = deployed("domain")
    notification = made.one("s3.BucketNotification")
    (wish,) = notification.inputs["lambdaFunctions"]
    assert (wish["filterPrefix"], wish["events"]) == ("orders/", ["s3:ObjectCreated:*"])
    assert notification.inputs["eventbridge"] is True
    assert made.one("lambda.Permission", "ingest-landing").urn in notification.dependencies


def test_a_second_configuration_is_refused_because_it_would_replace_the_first() -> None:
    def program() -> None:
        bucket = Bucket("b", BucketArgs(account=ACCOUNT, what="b", key=make_key(ACCOUNT)))
        bucket.notify(event_bridge=True)
        bucket.notify()

    with pytest.raises(ValueError, match=r"^deliveries: .* already"):
        run(program)


@pytest.mark.parametrize(
    ("first", "second", "refused"),
    [
        ({"prefix": "orders/"}, {"prefix": "orders/eu/"}, True),
        ({"prefix": "orders/"}, {"prefix": "returns/"}, False),
        ({"suffix": ".csv"}, {"suffix": ".txt"}, False),
        ({"prefix": "orders/", "suffix": ".csv"}, {}, True),
        ({}, {"events": ("s3:ObjectRemoved:*",)}, False),
    ],
)
def test_overlapping_deliveries_are_refused(first: dict[str, Any], second: dict[str, Any], refused: bool) -> None:
    deliveries = [Delivery(function_arn="f", permission=None, **each) for each in (first, second)]  # type: ignore[arg-type]
    if refused:
        with pytest.raises(ValueError, match=r"^deliveries: .* overlap"):
            require_disjoint(deliveries)
    else:
        require_disjoint(deliveries)


def test_a_bucket_offers_grants_of_its_own_name_and_key() -> None:
    buckets: list[Bucket] = []
    run(lambda: buckets.append(Bucket("b", BucketArgs(account=ACCOUNT, what="b", key=make_key(ACCOUNT)))))
    (bucket,) = buckets
    assert bucket.writing("p/").statements[0].resources == (f"{bucket.arn}/p/*",)
    assert bucket.deleting("p/").statements[0].actions == ("s3:DeleteObject",)
    assert bucket.reading().statements[1].resources == (bucket.arn,)


def test_a_log_bucket_takes_logs_of_its_account_only() -> None:
    policy = deployed("domain").one("s3.BucketPolicy", "logs").inputs["policy"]
    target = "arn:aws:s3:::acme-sales-prod-logs-222222222222-eu-west-1/s3/x"
    ours = {
        "aws:SourceAccount": "222222222222",
        "aws:SourceArn": f"arn:aws:s3:::{NAME}",
        "aws:PrincipalIsAWSService": "true",
    }
    assert matching(policy, ours, action="s3:PutObject", resource=target) == ["Allow AccessLogs"]
    theirs = ours | {"aws:SourceAccount": "333333333333"}
    assert matching(policy, theirs, action="s3:PutObject", resource=target) == []


def test_a_log_bucket_is_under_s3s_own_key_as_log_delivery_demands() -> None:
    (rule,) = deployed("domain").one("s3.BucketServerSideEncryptionConfiguration", "logs").inputs["rules"]
    assert rule == {"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}


def test_a_log_bucket_feeds_the_hubs_archive_of_its_region() -> None:
    made = deployed("domain")
    replication = made.one("s3.BucketReplicationConfig")
    (rule,) = replication.inputs["rules"]
    assert rule["destination"] == {"bucket": "arn:aws:s3:::acme-governance-prod-log-archive-111111111111-eu-west-1"}
    assert made.one("s3.BucketVersioning", "logs").urn in replication.dependencies
    assert made.one("iam.RolePolicy", "logs-forward").urn in replication.dependencies


def test_the_archive_takes_replicas_of_forwarding_roles_and_nothing_else() -> None:
    policy = deployed("hub").one("s3.BucketPolicy", "archive").inputs["policy"]
    archive = "arn:aws:s3:::acme-governance-prod-log-archive-111111111111-eu-west-1/x"
    role = "arn:aws:iam::222222222222:role/acme-sales-prod-logs-forward"
    forward = {"aws:PrincipalArn": role, "aws:PrincipalOrgID": "o-acme000001"}
    assert matching(policy, forward, action="s3:ReplicateObject", resource=archive) == ["Allow Replicas"]
    assert matching(policy, forward, action="s3:DeleteObject", resource=archive) == []
    other = forward | {"aws:PrincipalArn": "arn:aws:iam::222222222222:role/acme-sales-prod-ingest"}
    assert matching(policy, other, action="s3:ReplicateObject", resource=archive) == []


def test_the_archive_is_the_hubs() -> None:
    with pytest.raises(ValueError, match=r"^account: "):
        run(lambda: LogArchive("a", LogArchiveArgs(account=ACCOUNT, source_accounts=["222222222222"])))


def test_the_pilot_light_puts_the_rule_on_the_primary_bucket() -> None:
    made = deployed("pilot light")
    replication = made.one("s3.BucketReplicationConfig", "landing")
    assert replication.inputs["region"] == "eu-west-1"
    assert replication.inputs["bucket"] == NAME
    (rule,) = replication.inputs["rules"]
    assert rule["destination"]["bucket"] == "arn:aws:s3:::acme-sales-prod-landing-222222222222-eu-central-1"
    assert rule["sourceSelectionCriteria"] == {"sseKmsEncryptedObjects": {"status": "Enabled"}}
    assert made.one("s3.BucketVersioning", "landing").urn in replication.dependencies


def test_replication_decrypts_here_and_encrypts_there() -> None:
    policy = deployed("pilot light").one("iam.RolePolicy", "landing").document("policy")
    keys = {
        one["Resource"]: one["Condition"]["StringEquals"] for one in policy["Statement"] if "kms" in str(one["Action"])
    }
    assert keys == {
        "arn:aws:kms:eu-west-1:222222222222:key/*": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"},
        "arn:aws:kms:eu-central-1:222222222222:key/*": {"kms:ViaService": "s3.eu-central-1.amazonaws.com"},
    }


def test_a_primary_owns_no_replication() -> None:
    def program() -> None:
        key = make_key(ACCOUNT)
        bucket = Bucket("b", BucketArgs(account=ACCOUNT, what="b", key=key))
        BucketReplication("b", BucketReplicationArgs(account=ACCOUNT, what="b", target=bucket, key=key))

    with pytest.raises(ValueError, match=r"^account: "):
        run(program)
