"""What an id alone says, and what an answer of the local cloud adds."""

from typing import Any

import pytest

from localcloud.plugins import sdk
from localcloud.plugins.importing import found, probe


def resource(token: str) -> sdk.Resource:
    known = sdk.resource(token)
    assert known is not None
    return known


@pytest.mark.parametrize(
    ("token", "physical_id", "said"),
    [
        ("aws:s3/bucket:Bucket", "acme", {"bucket": "acme"}),
        ("aws:iam/rolePolicy:RolePolicy", "ingest:read", {"role": "ingest", "name": "read"}),
        (
            "aws:glue/catalogTable:CatalogTable",
            "111111111111:sales:orders",
            {"catalogId": "111111111111", "databaseName": "sales", "name": "orders"},
        ),
        ("aws:sqs/queue:Queue", "https://sqs.eu-west-1.amazonaws.com/1/q", {"name": None}),
    ],
)
def test_an_id_says_the_inputs_it_is_made_from(token: str, physical_id: str, said: dict[str, Any]) -> None:
    asked = probe(resource(token), physical_id)
    assert set(asked) == set(resource(token).inputs), "everything is asked for"
    assert {name: asked[name] for name in said} == said


def test_a_probe_asks_for_nested_values() -> None:
    asked = probe(resource("aws:dynamodb/table:Table"), "orders")
    assert asked["attributes"] == [{"name": None, "type": None}]
    assert asked["tags"] == {}
    assert asked["serverSideEncryption"] == {"enabled": None, "kmsKeyArn": None}


def test_what_is_not_said_is_left_out() -> None:
    observed = {
        "name": "orders",
        "hashKey": None,
        "attributes": [{"name": "id", "type": "S"}, {"name": None}],
        "serverSideEncryption": {"enabled": None},
        "readCapacity": 0,
        "streamEnabled": False,
        "arn": "arn:x",
    }
    assert found(resource("aws:dynamodb/table:Table"), observed) == {
        "name": "orders",
        "attributes": [{"name": "id", "type": "S"}],
        "readCapacity": 0,
        "streamEnabled": False,
    }


def test_documents_become_the_texts_that_they_are() -> None:
    observed = {"assumeRolePolicy": {"Version": "2012-10-17"}, "tags": {"a": "b"}}
    assert found(resource("aws:iam/role:Role"), observed) == {
        "assumeRolePolicy": '{"Version": "2012-10-17"}',
        "tags": {"a": "b"},
    }
