"""Which changes there are, and which replace: spot checks of the measured table, and the rules around it."""

from typing import Any

import pytest

from localcloud.engine.values import ARCHIVE, SIGNATURE, UNKNOWN, Secret
from localcloud.plugins import sdk
from localcloud.plugins.diffing import Diff, diff, same


def compare(token: str, olds: dict[str, Any], news: dict[str, Any], ignore: tuple[str, ...] = ()) -> Diff:
    resource = sdk.resource(token)
    assert resource is not None
    return diff(resource, olds, news, list(ignore))


def changed(found: Diff) -> dict[str, str]:
    return {
        difference.text: difference.change.value + ("+replace" if difference in found.replacing else "")
        for difference in found.differences
    }


@pytest.mark.parametrize(
    ("token", "olds", "news", "expected"),
    [
        ("aws:s3/bucket:Bucket", {"bucket": "a"}, {"bucket": "b"}, {"bucket": "update+replace"}),
        ("aws:sqs/queue:Queue", {"fifoQueue": False}, {"fifoQueue": True}, {"fifoQueue": "update+replace"}),
        ("aws:sqs/queue:Queue", {"delaySeconds": 1}, {"delaySeconds": 2}, {"delaySeconds": "update"}),
        ("aws:lambda/function:Function", {"memorySize": 1}, {"memorySize": 2}, {"memorySize": "update"}),
        (
            "aws:lambda/function:Function",
            {"packageType": "Zip"},
            {"packageType": "Image"},
            {"packageType": "update+replace"},
        ),
        ("aws:iam/role:Role", {"path": "/"}, {"path": "/x/"}, {"path": "update+replace"}),
        ("aws:dynamodb/table:Table", {"hashKey": "a"}, {"hashKey": "b"}, {"hashKey": "update+replace"}),
        (
            "aws:ec2/subnet:Subnet",
            {"tags": {"a": "1"}},
            {"tags": {"a": "2", "b.c": "3"}},
            {"tags.a": "update", 'tags["b.c"]': "add"},
        ),
        # Any type with a region is replaced in another one.
        ("aws:sqs/queue:Queue", {"region": "eu-west-1"}, {"region": "eu-central-1"}, {"region": "update+replace"}),
        # Only the listed changes of a conditional property replace.
        (
            "aws:ec2/vpc:Vpc",
            {"instanceTenancy": "default"},
            {"instanceTenancy": "dedicated"},
            {"instanceTenancy": "update+replace"},
        ),
        (
            "aws:ec2/vpc:Vpc",
            {"instanceTenancy": "dedicated"},
            {"instanceTenancy": "default"},
            {"instanceTenancy": "update"},
        ),
        (
            "aws:opensearch/domain:Domain",
            {"encryptAtRest": {"enabled": True}},
            {"encryptAtRest": {"enabled": False}},
            {"encryptAtRest.enabled": "update+replace"},
        ),
        (
            "aws:opensearch/domain:Domain",
            {"encryptAtRest": {"enabled": False}},
            {"encryptAtRest": {"enabled": True}},
            {"encryptAtRest.enabled": "update"},
        ),
        (
            "aws:sagemaker/notebookInstance:NotebookInstance",
            {"volumeSize": 9},
            {"volumeSize": 5},
            {"volumeSize": "update+replace"},
        ),
        (
            "aws:sagemaker/notebookInstance:NotebookInstance",
            {"volumeSize": 5},
            {"volumeSize": 9},
            {"volumeSize": "update"},
        ),
        # `a.#` in the table: adding or removing the block or an element of it.
        (
            "aws:glue/catalogTable:CatalogTable",
            {"partitionIndices": [{"indexName": "a"}]},
            {"partitionIndices": [{"indexName": "a"}, {"indexName": "b"}]},
            {"partitionIndices[1]": "add+replace"},
        ),
        (
            "aws:ec2/instance:Instance",
            {"ebsBlockDevices": [{"deviceName": "a"}]},
            {"ebsBlockDevices": [{"deviceName": "a"}, {"deviceName": "b"}]},
            {"ebsBlockDevices[1]": "add+replace"},
        ),
        # A block that comes with a property that replaces.
        (
            "aws:ec2/instance:Instance",
            {"ami": "a"},
            {"ami": "a", "rootBlockDevice": {"encrypted": True}},
            {"rootBlockDevice": "add+replace"},
        ),
        (
            "aws:ec2/instance:Instance",
            {"ami": "a"},
            {"ami": "a", "rootBlockDevice": {"volumeSize": 9}},
            {"rootBlockDevice": "add"},
        ),
        # A type that was not measured: its name and its parent's.
        (
            "aws:s3/vectorsIndex:VectorsIndex",
            {"vectorBucketName": "a", "tags": {}},
            {"vectorBucketName": "b", "tags": {"x": "y"}},
            {"vectorBucketName": "update+replace", "tags": "add"},
        ),
    ],
)
def test_changes_and_replacements(token: str, olds: Any, news: Any, expected: dict[str, str]) -> None:
    assert changed(compare(token, olds, news)) == expected


def test_an_unknown_value_counts_as_changed() -> None:
    found = compare("aws:ec2/subnet:Subnet", {"vpcId": "vpc-1"}, {"vpcId": UNKNOWN})
    assert changed(found) == {"vpcId": "update+replace"}


def test_an_input_that_aws_would_choose_itself_may_be_left_out() -> None:
    assert changed(compare("aws:ec2/subnet:Subnet", {"availabilityZone": "eu-west-1a"}, {})) == {}
    assert changed(compare("aws:sqs/queue:Queue", {"delaySeconds": 5}, {})) == {"delaySeconds": "delete"}


def test_what_an_import_found_may_be_left_out() -> None:
    assert changed(compare("aws:iam/role:Role", {"path": "/", "__defaults": ["path"]}, {})) == {}
    assert changed(compare("aws:iam/role:Role", {"path": "/"}, {})) == {"path": "delete+replace"}


@pytest.mark.parametrize("pattern", ["tags", "tags.a", "tags[*]"])
def test_ignored_paths_are_not_compared(pattern: str) -> None:
    assert changed(compare("aws:ec2/vpc:Vpc", {"tags": {"a": "1"}}, {"tags": {"a": "2"}}, (pattern,))) == {}


@pytest.mark.parametrize(
    ("token", "olds", "news", "first"),
    [
        (
            "aws:glue/catalogTable:CatalogTable",
            {"name": "t", "databaseName": "a"},
            {"name": "t", "databaseName": "b"},
            True,
        ),
        (
            "aws:glue/catalogTable:CatalogTable",
            {"name": "t", "databaseName": "a"},
            {"name": "u", "databaseName": "b"},
            False,
        ),
        (
            "aws:sqs/queue:Queue",
            {"name": "q-1", "fifoQueue": False, "__defaults": ["name"]},
            {"name": "q-1", "fifoQueue": True, "__defaults": ["name"]},
            False,
        ),
        ("aws:sqs/queue:Queue", {"name": "q", "delaySeconds": 1}, {"name": "q", "delaySeconds": 2}, False),
        (
            "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
            {"role": "a", "policyArn": "p"},
            {"role": "b", "policyArn": "p"},
            True,
        ),
        ("aws:ec2/vpc:Vpc", {"cidrBlock": "10.0.0.0/16"}, {"cidrBlock": "10.1.0.0/16"}, False),
    ],
)
def test_what_cannot_exist_twice_goes_before_its_replacement(token: str, olds: Any, news: Any, first: bool) -> None:
    assert compare(token, olds, news).delete_before_replace is first


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('{"a": 1, "b": 2}', '{"b":2,"a":1}', True),
        ('{"a": 1}', '{"a": 2}', False),
        ("{not json", "{not  json", False),
        (None, {}, True),
        ([], None, True),
        ("", None, False),
        (1, 1.0, True),
        (True, 1, False),
        (0, False, False),
        (Secret("a"), "a", True),
        ({SIGNATURE: ARCHIVE, "hash": "1", "path": "a"}, {SIGNATURE: ARCHIVE, "hash": "1"}, True),
        ({SIGNATURE: ARCHIVE, "hash": "1"}, {SIGNATURE: ARCHIVE, "hash": "2"}, False),
        (UNKNOWN, UNKNOWN, False),
        ({"a": {}}, {"a": None}, True),
    ],
)
def test_sameness(old: Any, new: Any, expected: bool) -> None:
    assert same(old, new) is expected
