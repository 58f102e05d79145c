"""Resource policies, asked what they say of single requests."""

import json

import pytest

from components.foundation import trust
from components.foundation.policy import document
from components.foundation.resource_policies import (
    bucket_policy,
    bus_policy,
    endpoint_policy,
    key_policy,
    queue_policy,
    role_use,
    service_use,
    topic_policy,
)
from tests.components.foundation.evaluation import matching
from tests.components.foundation.grants_of_every_kind import ACCOUNT, BUCKET, NAMES

OURS = {
    "aws:PrincipalOrgID": "o-acme000001",
    "aws:PrincipalIsAWSService": "false",
    "aws:SecureTransport": "true",
    "s3:TlsVersion": "1.3",
}
KIND, KEY = "s3:x-amz-server-side-encryption", "s3:x-amz-server-side-encryption-aws-kms-key-id"
OBJECT = f"arn:aws:s3:::{BUCKET}/orders/1"
BUCKET_POLICY = bucket_policy(ACCOUNT, BUCKET, key_encrypted=True)
READER = "arn:aws:iam::111111111111:role/acme-governance-prod-lake"


def put(**changes: str) -> list[str]:
    named = {
        "tls": "aws:SecureTransport",
        "version": "s3:TlsVersion",
        "kind": KIND,
        "key": KEY,
        "org": "aws:PrincipalOrgID",
        "supplied": "s3:x-amz-server-side-encryption-customer-algorithm",
    }
    context = OURS | {named[name]: value for name, value in changes.items()}
    return matching(BUCKET_POLICY, context, action="s3:PutObject", resource=OBJECT)


def test_a_put_over_tls_with_the_buckets_own_encryption_passes() -> None:
    assert put() == []
    assert put(kind="aws:kms") == []
    assert put(kind="aws:kms", key="arn:aws:kms:eu-west-1:222222222222:key/1") == []


@pytest.mark.parametrize(
    ("change", "denied"),
    [
        ({"tls": "false"}, "DenyPlainText"),
        ({"version": "1.1"}, "DenyOldTls"),
        ({"kind": "AES256"}, "DenyOtherEncryption"),
        ({"kind": "aws:kms", "key": "arn:aws:kms:eu-west-1:999999999999:key/1"}, "DenyForeignKeys"),
        ({"org": "o-other00001"}, "DenyOutsideTheOrganisation"),
        ({"supplied": "AES256"}, "DenySuppliedKeys"),
    ],
)
def test_each_weaker_put_is_denied_for_its_own_reason(change: dict[str, str], denied: str) -> None:
    assert put(**change) == [f"Deny {denied}"]


def test_an_aws_service_is_not_taken_for_a_stranger() -> None:
    service = {"aws:PrincipalIsAWSService": "true", "aws:SecureTransport": "true", "s3:TlsVersion": "1.2"}
    assert matching(BUCKET_POLICY, service, action="s3:PutObject", resource=OBJECT) == []


def test_callers_without_credentials_are_strangers() -> None:
    """Who does not sign a request has none of the keys about callers (IAM user guide, `aws:PrincipalIsAWSService`)."""
    anonymous = {"aws:SecureTransport": "true", "s3:TlsVersion": "1.2"}
    assert matching(BUCKET_POLICY, anonymous, action="s3:GetObject", resource=OBJECT) == [
        "Deny DenyOutsideTheOrganisation"
    ]


def test_a_bucket_without_key_takes_s3s_own_encryption() -> None:
    policy = bucket_policy(ACCOUNT, BUCKET, key_encrypted=False)
    assert matching(policy, OURS | {KIND: "AES256"}, action="s3:PutObject", resource=OBJECT) == []
    assert matching(policy, OURS | {"aws:SecureTransport": "false"}, action="s3:GetObject", resource=OBJECT)


def test_a_named_role_of_another_account_may_read_what_is_shared_and_others_may_not() -> None:
    shared = role_use(ACCOUNT, [READER], ("s3:GetObject",), (f"arn:aws:s3:::{BUCKET}/*",), "Lake")
    policy = bucket_policy(ACCOUNT, BUCKET, key_encrypted=True, shared=[shared])
    reader = OURS | {"aws:PrincipalArn": READER}
    assert matching(policy, reader, action="s3:GetObject", resource=OBJECT) == ["Allow Lake"]
    assert matching(policy, reader, action="s3:PutObject", resource=OBJECT) == []
    assert matching(policy, OURS | {"aws:PrincipalArn": f"{READER}2"}, action="s3:GetObject", resource=OBJECT) == []
    gone = reader | {"aws:PrincipalOrgID": "o-other00001"}
    assert "Allow Lake" not in matching(policy, gone, action="s3:GetObject", resource=OBJECT)
    assert json.loads(document([shared]))["Statement"][0]["Principal"] == {"AWS": "arn:aws:iam::111111111111:root"}


def test_a_key_serves_its_accounts_log_groups_and_services_only() -> None:
    policy = key_policy(ACCOUNT)
    group = "kms:EncryptionContext:aws:logs:arn"
    logs = {"aws:PrincipalIsAWSService": "true", group: "arn:aws:logs:eu-west-1:222222222222:log-group:/g"}
    assert "Allow LogGroupsOfThisAccount" in matching(policy, logs, action="kms:GenerateDataKey")
    foreign = logs | {group: "arn:aws:logs:eu-west-1:333333333333:log-group:/g"}
    assert "Allow LogGroupsOfThisAccount" not in matching(policy, foreign, action="kms:GenerateDataKey")
    service = {"aws:PrincipalIsAWSService": "true", "aws:SourceAccount": "222222222222"}
    assert "Allow ServicesOfThisAccount" in matching(policy, service, action="kms:Decrypt")
    assert "Allow ServicesOfThisAccount" not in matching(policy, service, action="kms:ScheduleKeyDeletion")


def test_a_key_is_useless_outside_of_the_organisation_but_never_locked_to_its_account() -> None:
    stranger = OURS | {"aws:PrincipalOrgID": "o-other00001"}
    denied = "Deny DenyUseOutsideTheOrganisation"
    assert denied in matching(key_policy(ACCOUNT), stranger, action="kms:Decrypt")
    assert denied in matching(key_policy(ACCOUNT), {"aws:PrincipalIsAWSService": "false"}, action="kms:Decrypt")
    assert denied not in matching(key_policy(ACCOUNT), stranger, action="kms:PutKeyPolicy")
    assert denied not in matching(key_policy(ACCOUNT), OURS, action="kms:Decrypt")


def test_a_keys_readers_decrypt_and_do_nothing_else() -> None:
    policy = key_policy(ACCOUNT, [READER])
    reader = OURS | {"aws:PrincipalArn": READER}
    assert "Allow Readers" in matching(policy, reader, action="kms:Decrypt")
    assert "Allow Readers" not in matching(policy, reader, action="kms:Encrypt")


@pytest.mark.parametrize(
    ("policy", "action", "resource"),
    [
        (queue_policy(ACCOUNT, "q"), "sqs:SendMessage", NAMES.arns.queue("q")),
        (topic_policy(ACCOUNT, "t"), "sns:Publish", NAMES.arns.topic("t")),
    ],
)
def test_queues_and_topics_refuse_plain_text(policy: str, action: str, resource: str) -> None:
    plain = OURS | {"aws:SecureTransport": "false"}
    assert matching(policy, plain, action=action, resource=resource) == ["Deny DenyPlainText"]
    assert matching(policy, OURS, action=action, resource=resource) == []


def test_a_service_sends_for_its_own_sources_only() -> None:
    queue = NAMES.arns.queue("q")
    sender = service_use(
        ACCOUNT, "s3.amazonaws.com", ("sqs:SendMessage",), queue, (NAMES.arns.bucket(BUCKET),), "Objects"
    )
    policy = queue_policy(ACCOUNT, "q", [sender])
    s3 = OURS | {"aws:SourceArn": f"arn:aws:s3:::{BUCKET}", "aws:SourceAccount": "222222222222"}
    assert matching(policy, s3, action="sqs:SendMessage", resource=queue) == ["Allow Objects"]
    for change in ({"aws:SourceArn": "arn:aws:s3:::other"}, {"aws:SourceAccount": "333333333333"}):
        assert matching(policy, s3 | change, action="sqs:SendMessage", resource=queue) == []


def test_a_bus_lets_accounts_in_while_they_are_in_the_organisation() -> None:
    policy = bus_policy(ACCOUNT, "events", ["333333333333", "111111111111"])
    assert json.loads(policy)["Statement"][0]["Principal"] == {
        "AWS": ["arn:aws:iam::111111111111:root", "arn:aws:iam::333333333333:root"]
    }
    bus = NAMES.arns.bus("events")
    assert matching(policy, OURS, action="events:PutEvents", resource=bus) == ["Allow OrganisationPublishes"]
    assert matching(policy, {"aws:PrincipalOrgID": "o-x"}, action="events:PutEvents", resource=bus) == []


def test_an_endpoint_passes_our_principals_to_our_resources() -> None:
    policy = endpoint_policy(ACCOUNT, "s3")
    inside = OURS | {"aws:ResourceOrgID": "o-acme000001"}
    assert matching(policy, inside, action="s3:GetObject") == ["Allow OrganisationOnly"]
    assert matching(policy, inside | {"aws:ResourceOrgID": "o-x"}, action="s3:PutObject") == []
    assert matching(policy, inside | {"aws:PrincipalOrgID": "o-x"}, action="s3:GetObject") == []
    assert matching(policy, inside, action="sqs:SendMessage") == []


def test_a_service_assumes_a_role_for_this_account_and_its_resource() -> None:
    flow = document([trust.by_service(ACCOUNT, "vpc-flow-logs.amazonaws.com", "arn:aws:ec2:eu-west-1:222222222222:*")])
    ours = {
        "aws:SourceAccount": "222222222222",
        "aws:SourceArn": "arn:aws:ec2:eu-west-1:222222222222:vpc-flow-log/fl-1",
    }
    assert matching(flow, ours, action="sts:AssumeRole") == ["Allow"]
    assert matching(flow, ours | {"aws:SourceAccount": "333333333333"}, action="sts:AssumeRole") == []


def test_s3_assumes_a_replication_role_without_saying_for_whom() -> None:
    statement = trust.by_service(ACCOUNT, "s3.amazonaws.com")
    assert matching(document([statement]), {}, action="sts:AssumeRole") == ["Allow"]


def test_roles_elsewhere_are_trusted_by_name_within_the_organisation() -> None:
    policy = document([trust.by_roles(ACCOUNT, [READER])])
    reader = {"aws:PrincipalArn": READER, "aws:PrincipalOrgID": "o-acme000001"}
    assert matching(policy, reader, action="sts:AssumeRole") == ["Allow"]
    assert matching(policy, reader | {"aws:PrincipalOrgID": "o-x"}, action="sts:AssumeRole") == []
    assert (
        matching(policy, reader | {"aws:PrincipalArn": "arn:aws:iam::111111111111:role/x"}, action="sts:AssumeRole")
        == []
    )
