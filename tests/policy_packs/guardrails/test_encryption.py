"""The encryption table against the installed pulumi-aws, and every line of it against resources."""

from __future__ import annotations

import re
from typing import Any

import pytest
from mesh_guardrails.controls.encryption import CONTROLS
from mesh_guardrails.data import sdk
from mesh_guardrails.encryption import EXEMPT, ROWS
from mesh_guardrails.encryption.rows import Aspect, Protection, Row
from mesh_guardrails.resource import UNKNOWN

from tests.policy_packs.guardrails.building import (
    KEY,
    facts,
    provider,
    put,
    remove,
    resource,
    satisfy,
    sdk_lacks,
)

INSTANCE = "aws:ec2/instance:Instance"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
SEARCH = "aws:opensearch/domain:Domain"
AURORA = "aws:rds/cluster:Cluster"
S3_ENDPOINT = "aws:dms/s3Endpoint:S3Endpoint"
ENDPOINT = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
STUDIO = "aws:sagemaker/domain:Domain"
DISK = {"encrypted": True, "kmsKeyId": KEY}
NO_DEVICE = {"deviceName": "/dev/sdb", "noDevice": True}
SEARCH_PROPS = {"encryptAtRest": {"enabled": True, "kmsKeyId": KEY}, "nodeToNodeEncryption": {"enabled": True}}
ENCRYPTION_INPUT = re.compile("kms|encrypt|cmk|^sse|customerManagedKey", re.IGNORECASE)
BY_TYPE = {type_: (row, control) for row, control in zip(ROWS, CONTROLS, strict=False) for type_ in row.types}
LINES = [pytest.param(row, aspect, id=f"{row.types[0]} {aspect.path}") for row in ROWS for aspect in row.aspects]


def good(aspect: Aspect) -> Any:
    return aspect.accepted[0] if aspect.accepted else KEY


def compliant(row: Row) -> dict[str, Any]:
    """Inputs in which every aspect of a line is on."""
    props: dict[str, Any] = {}
    for aspect in row.aspects:
        if aspect.when:
            satisfy(props, aspect.when)
    for aspect in row.aspects:
        put(props, aspect.path, good(aspect))
    return props


def lacking(row: Row, aspect: Aspect) -> dict[str, Any]:
    """The same with one aspect off, where it is looked at."""
    props = compliant(row)
    for condition in aspect.unless:
        remove(props, condition.partition("=")[0])
    if aspect.default or aspect.when == aspect.path:
        put(props, aspect.path, "off" if isinstance(good(aspect), str) else not good(aspect))
    else:
        put(props, aspect.path, None)
    if aspect.when and aspect.when != aspect.path:
        satisfy(props, aspect.when)
    return props


def keys(type_: str, props: dict[str, Any], **more: Any) -> set[str]:
    control = BY_TYPE[type_][1]
    return {finding.key for finding in control.check(resource(type_, props, **more), facts())}


def test_every_type_with_an_encryption_input_is_classified() -> None:
    exposed = {
        type_
        for type_ in sdk.resource_types()
        if any(ENCRYPTION_INPUT.search(path.rpartition(".")[2]) for path in sdk.input_paths(type_))
    }
    assert len(exposed) >= 222
    assert exposed - BY_TYPE.keys() - EXEMPT.keys() == set()


def test_no_type_is_both_controlled_and_exempt_and_every_reason_is_for_a_type_that_exists() -> None:
    assert BY_TYPE.keys() & EXEMPT.keys() == set()
    assert EXEMPT.keys() - sdk.resource_types().keys() == set()
    assert len(BY_TYPE) == sum(len(row.types) for row in ROWS), "a type is on two lines"


@pytest.mark.parametrize(("row", "aspect"), LINES)
def test_the_sdk_has_the_properties_a_line_names(row: Row, aspect: Aspect) -> None:
    for type_ in row.types:
        assert sdk_lacks(type_, aspect.path, aspect.when, *aspect.unless) == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.types[0])
def test_a_line_accepts_what_has_everything_on(row: Row) -> None:
    for type_ in row.types:
        assert keys(type_, compliant(row)) == set()


@pytest.mark.parametrize(("row", "aspect"), LINES)
def test_a_line_finds_what_is_off(row: Row, aspect: Aspect) -> None:
    assert aspect.key in keys(row.types[0], lacking(row, aspect))


@pytest.mark.parametrize(("row", "aspect"), LINES)
def test_what_is_set_but_unknown_counts_as_on(row: Row, aspect: Aspect) -> None:
    props = compliant(row)
    put(props, aspect.path, UNKNOWN)
    assert keys(row.types[0], props) == set()


@pytest.mark.parametrize(
    "row",
    [r for r in ROWS if any(a.protection is Protection.CUSTOMER_KEY for a in r.aspects)],
    ids=lambda r: r.types[0],
)
def test_public_data_needs_no_key_of_ones_own(row: Row) -> None:
    public = provider(defaultTags={"tags": {"Classification": "public"}})
    assert {k for k in keys(row.types[0], {}, provider=public) if k.startswith("customer-key")} == set()


def test_a_key_that_aws_manages_is_not_ones_own() -> None:
    for key in ("alias/aws/sqs", "arn:aws:kms:eu-west-1:222222222222:alias/aws/sqs"):
        assert keys("aws:sqs/queue:Queue", {"kmsMasterKeyId": key}) == {"customer-key:kmsMasterKeyId"}
    assert keys("aws:sqs/queue:Queue", {"kmsMasterKeyId": "alias/acme-sales-prod-internal"}) == set()


@pytest.mark.parametrize(
    ("type_", "props"),
    [
        ("aws:rds/instance:Instance", {"replicateSourceDb": "orders"}),
        ("aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream", {"kinesisSourceConfiguration": {"roleArn": "r"}}),
        ("aws:lambda/function:Function", {"handler": "a.b"}),
        ("aws:lambda/function:Function", {"environment": {"variables": {}}}),
        ("aws:ssm/parameter:Parameter", {"type": "String"}),
        ("aws:s3/bucketObject:BucketObject", {"key": "a"}),
        ("aws:ecs/cluster:Cluster", {"name": "plain"}),
        (
            "aws:ec2/launchTemplate:LaunchTemplate",
            {"blockDeviceMappings": [{"deviceName": "/dev/sdb", "noDevice": "true"}, {"ebs": DISK}]},
        ),
        ("aws:codebuild/project:Project", {"artifacts": {"type": "NO_ARTIFACTS"}, "encryptionKey": KEY}),
        ("aws:dynamodb/table:Table", {"serverSideEncryption": {"enabled": True, "kmsKeyArn": KEY}}),
        (
            "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
            {"rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}]},
        ),
        ("aws:athena/workgroup:Workgroup", {"configuration": {"resultConfiguration": {"outputLocation": "s3://b/"}}}),
        ("aws:athena/database:Database", {"bucket": "b"}),
        (INSTANCE, {"rootBlockDevice": DISK, "ebsBlockDevices": [{"snapshotId": "snap-1"}, DISK]}),
        (TEMPLATE, {"blockDeviceMappings": [{"ebs": {"snapshotId": "snap-1"}}, {"ebs": DISK}]}),
        (TEMPLATE, {"blockDeviceMappings": [{"noDevice": "true"}, {"virtualName": "ephemeral0"}, {"ebs": DISK}]}),
        (TEMPLATE, {"blockDeviceMappings": UNKNOWN}),
        (ENDPOINT, {"productionVariants": [{"serverlessConfig": {"maxConcurrency": 5}}]}),
        (ENDPOINT, {"productionVariants": [{"instanceType": "ml.g5.xlarge"}]}),
        ("aws:quicksight/dataSource:DataSource", {"type": "ATHENA"}),
        ("aws:ec2/launchConfiguration:LaunchConfiguration", {"rootBlockDevice": DISK, "ebsBlockDevices": [NO_DEVICE]}),
        ("aws:ecs/service:Service", {"volumeConfiguration": {"managedEbsVolume": {"kmsKeyId": KEY}}}),
        ("aws:codebuild/project:Project", {"artifacts": {"type": "NO_ARTIFACTS"}, "cache": {"type": "LOCAL"}}),
        (SEARCH, {**SEARCH_PROPS, "domainEndpointOptions": {"tlsSecurityPolicy": "Policy-Min-TLS-1-2-PFS-2023-10"}}),
        ("aws:rds/instance:Instance", {"storageEncrypted": True, "snapshotIdentifier": "rds:orders"}),
        (AURORA, {"snapshotIdentifier": "rds:orders"}),
        (AURORA, {"restoreToPointInTime": {"sourceClusterIdentifier": "orders"}}),
        (AURORA, {"replicationSourceIdentifier": "arn:aws:rds:eu-west-1:2:cluster:orders", "kmsKeyId": KEY}),
        (S3_ENDPOINT, {"endpointType": "source"}),
        ("aws:elasticache/cluster:Cluster", {"engine": "redis"}),
        ("aws:storagegateway/nfsFileShare:NfsFileShare", {"kmsEncrypted": True, "kmsKeyArn": KEY}),
        (STUDIO, {"kmsKeyId": KEY, "defaultUserSettings": {"sharingSettings": {"notebookOutputOption": "Disabled"}}}),
        (
            "aws:emrserverless/application:Application",
            {"monitoringConfiguration": {"managedPersistenceMonitoringConfiguration": {"enabled": False}}},
        ),
    ],
)
def test_near_misses_are_accepted(type_: str, props: dict[str, Any]) -> None:
    assert keys(type_, props) == set()


@pytest.mark.parametrize(
    ("type_", "props", "finding"),
    [
        (
            "aws:athena/workgroup:Workgroup",
            {"configuration": {"resultConfiguration": {"encryptionConfiguration": {"encryptionOption": "SSE_S3"}}}},
            "customer-key:configuration.resultConfiguration.encryptionConfiguration.kmsKeyArn",
        ),
        (
            INSTANCE,
            {"rootBlockDevice": DISK, "ebsBlockDevices": [{"snapshotId": "snap-1"}, {"kmsKeyId": KEY}]},
            "at-rest:ebsBlockDevices[].encrypted",
        ),
        (
            TEMPLATE,
            {"blockDeviceMappings": [{"ebs": {"kmsKeyId": KEY}}]},
            "at-rest:blockDeviceMappings[].ebs.encrypted",
        ),
        (ENDPOINT, {"productionVariants": [{"instanceType": "ml.m5.large"}]}, "customer-key:kmsKeyArn"),
        (
            "aws:codebuild/project:Project",
            {"artifacts": {"type": "NO_ARTIFACTS"}, "cache": {"type": "S3"}},
            "customer-key:encryptionKey",
        ),
        (
            SEARCH,
            {**SEARCH_PROPS, "domainEndpointOptions": {"enforceHttps": False}},
            "in-transit:domainEndpointOptions.enforceHttps",
        ),
        ("aws:rds/instance:Instance", {"snapshotIdentifier": "rds:orders"}, "at-rest:storageEncrypted"),
        (AURORA, {"snapshotIdentifier": "rds:orders", "storageEncrypted": False}, "at-rest:storageEncrypted"),
        (AURORA, {"globalClusterIdentifier": "orders", "kmsKeyId": KEY}, "at-rest:storageEncrypted"),
        (
            "aws:s3/bucketObject:BucketObject",
            {"serverSideEncryption": "AES256"},
            "customer-key:serverSideEncryption",
        ),
        ("aws:s3/bucketObject:BucketObject", {"serverSideEncryption": "aws:kms"}, "customer-key:kmsKeyId"),
        (
            "aws:codebuild/project:Project",
            {"artifacts": {"type": "S3"}, "cache": {"type": "S3"}},
            "customer-key:encryptionKey",
        ),
        (S3_ENDPOINT, {"endpointType": "target"}, "customer-key:encryptionMode"),
        (S3_ENDPOINT, {"encryptionMode": "SSE_KMS"}, "customer-key:serverSideEncryptionKmsKeyId"),
        ("aws:storagegateway/nfsFileShare:NfsFileShare", {}, "customer-key:kmsEncrypted"),
        ("aws:storagegateway/nfsFileShare:NfsFileShare", {"kmsEncrypted": True}, "customer-key:kmsKeyArn"),
        (
            "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream",
            {"serverSideEncryption": {"enabled": True, "keyArn": KEY}},
            "customer-key:serverSideEncryption.keyType",
        ),
        ("aws:dms/endpoint:Endpoint", {"engineName": "db2", "kmsKeyArn": KEY}, "in-transit:sslMode"),
    ],
)
def test_one_fault_is_one_finding(type_: str, props: dict[str, Any], finding: str) -> None:
    found = [found.key for found in BY_TYPE[type_][1].check(resource(type_, props), facts())]
    assert found == [finding]


def test_without_a_mapping_machines_have_the_disk_of_their_image() -> None:
    (clear, _) = BY_TYPE[TEMPLATE][1].check(resource(TEMPLATE, {"imageId": "ami-1"}), facts())
    assert clear.message == "blockDeviceMappings[0].ebs.encrypted has to be true, to encrypt data at rest"
