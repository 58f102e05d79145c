"""Policy documents, in the JSON that the real provider writes.

The first expected text is that of the example on the data source's own page in the Terraform registry.
"""

import json
from typing import Any

import pytest

from localcloud.plugins.policy_document import DocumentError, policy_document


def document(**args: Any) -> Any:
    return json.loads(policy_document(args)["json"])


def statements(**args: Any) -> Any:
    return document(**args)["Statement"]


def test_a_document_with_everything_is_written_as_the_provider_writes_it() -> None:
    found = policy_document(
        {
            "statements": [
                {
                    "sid": "1",
                    "actions": ["s3:ListAllMyBuckets", "s3:GetBucketLocation"],
                    "resources": ["arn:aws:s3:::*"],
                },
                {
                    "actions": ["s3:ListBucket"],
                    "resources": ["arn:aws:s3:::acme"],
                    "conditions": [
                        {
                            "test": "StringLike",
                            "variable": "s3:prefix",
                            "values": ["", "home/", "home/&{aws:username}/"],
                        }
                    ],
                },
            ]
        }
    )
    assert found["json"] == (
        """{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "1",
      "Effect": "Allow",
      "Action": [
        "s3:ListAllMyBuckets",
        "s3:GetBucketLocation"
      ],
      "Resource": "arn:aws:s3:::*"
    },
    {
      "Effect": "Allow",
      "Action": "s3:ListBucket",
      "Resource": "arn:aws:s3:::acme",
      "Condition": {
        "StringLike": {
          "s3:prefix": [
            "",
            "home/",
            "home/${aws:username}/"
          ]
        }
      }
    }
  ]
}"""
    )
    assert json.loads(found["minifiedJson"]) == json.loads(found["json"])
    assert "\n" not in found["minifiedJson"]
    assert found["id"].isdigit()


def test_negated_elements_and_effects() -> None:
    found = statements(
        statements=[
            {
                "effect": "Deny",
                "notActions": ["iam:*"],
                "notResources": ["b", "a"],
                "notPrincipals": [{"type": "AWS", "identifiers": ["222222222222", "111111111111"]}],
            }
        ]
    )
    assert found == [
        {
            "Effect": "Deny",
            "NotAction": "iam:*",
            "NotResource": ["b", "a"],
            "NotPrincipal": {"AWS": ["222222222222", "111111111111"]},
        }
    ]


@pytest.mark.parametrize(
    ("principals", "expected"),
    [
        ([{"type": "*", "identifiers": ["*"]}], "*"),
        ([{"type": "AWS", "identifiers": ["*"]}], {"AWS": "*"}),
        (
            [
                {"type": "Service", "identifiers": ["lambda.amazonaws.com"]},
                {"type": "AWS", "identifiers": ["1", "2"]},
                {"type": "Service", "identifiers": ["states.amazonaws.com"]},
            ],
            {"AWS": ["2", "1"], "Service": ["lambda.amazonaws.com", "states.amazonaws.com"]},
        ),
    ],
)
def test_principals(principals: list[dict[str, Any]], expected: Any) -> None:
    found = statements(statements=[{"actions": ["sts:AssumeRole"], "principals": principals}])
    assert found[0]["Principal"] == expected


def test_conditions_on_one_key_are_joined() -> None:
    conditions = [
        {"test": "StringEquals", "variable": "aws:PrincipalOrgID", "values": ["o-1"]},
        {"test": "Bool", "variable": "aws:SecureTransport", "values": ["true"]},
        {"test": "StringEquals", "variable": "aws:PrincipalOrgID", "values": ["o-2"]},
    ]
    found = statements(statements=[{"actions": ["s3:*"], "conditions": conditions}])
    assert found[0]["Condition"] == {
        "Bool": {"aws:SecureTransport": "true"},
        "StringEquals": {"aws:PrincipalOrgID": ["o-1", "o-2"]},
    }


def text(*given: dict[str, Any], **more: str) -> str:
    return json.dumps({"Version": "2008-10-17", "Statement": list(given), **more})


def test_sources_come_first_and_their_statements_are_replaced_by_sid() -> None:
    source = text({"Sid": "Read", "Effect": "Allow", "Action": "s3:Get*"}, {"Effect": "Allow", "Action": "a:b"})
    found = document(
        sourcePolicyDocuments=[source], statements=[{"sid": "Read", "actions": ["s3:GetObject"]}, {"actions": ["c:d"]}]
    )
    assert found["Version"] == "2012-10-17"
    assert found["Statement"] == [
        {"Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject"},
        {"Effect": "Allow", "Action": "a:b"},
        {"Effect": "Allow", "Action": "c:d"},
    ]


def test_overrides_come_last() -> None:
    override = text({"Sid": "Read", "Effect": "Deny", "Action": ["s3:*"], "Principal": "*"}, Id="final")
    found = document(statements=[{"sid": "Read", "actions": ["s3:GetObject"]}], overridePolicyDocuments=[override])
    assert found["Id"] == "final"
    assert found["Version"] == "2012-10-17", "an older document does not take the version back"
    assert found["Statement"] == [{"Sid": "Read", "Effect": "Deny", "Action": ["s3:*"], "Principal": "*"}]


def test_documents_given_as_text_keep_their_meaning() -> None:
    given = {
        "Sid": "All",
        "Effect": "Allow",
        "Action": ["s3:B", "s3:A"],
        "Resource": "*",
        "Principal": {"AWS": ["1", "2"]},
        "Condition": {"Bool": {"aws:SecureTransport": True}, "StringLike": {"s3:prefix": ["a", "b"]}},
    }
    assert statements(sourcePolicyDocuments=[text(given)]) == [
        {
            **given,
            "Principal": {"AWS": ["2", "1"]},
            "Condition": {"Bool": {"aws:SecureTransport": "true"}, "StringLike": {"s3:prefix": ["a", "b"]}},
        }
    ]


def test_a_single_statement_may_stand_without_a_list() -> None:
    source = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "a:b"}})
    assert statements(sourcePolicyDocuments=[source]) == [{"Effect": "Allow", "Action": "a:b"}]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"statements": [{"sid": "A"}, {"sid": "A"}]}, r"duplicate Sid \(A\)"),
        ({"sourcePolicyDocuments": [text({"Sid": "A"}), text({"Sid": "A"})]}, "in source_policy_documents"),
        ({"statements": [{"sid": "not-alphanumeric"}]}, "alphanumeric"),
        ({"statements": [{"effect": "Maybe"}]}, "expected effect"),
        ({"version": "2024-01-01"}, "expected version"),
        ({"overridePolicyDocuments": ["no json"]}, "override document 0"),
        ({"sourcePolicyDocuments": ["[1]"]}, "source document 0"),
        ({"version": "2008-10-17", "statements": [{"resources": ["&{aws:username}"]}]}, "2008-10-17"),
    ],
)
def test_what_is_no_document_is_refused(args: dict[str, Any], message: str) -> None:
    with pytest.raises(DocumentError, match=message):
        policy_document(args)


def test_signs_are_escaped_as_the_provider_escapes_them() -> None:
    found = policy_document({"statements": [{"actions": ["a:b"], "resources": ["<&>"]}]})
    assert "\\u003c\\u0026\\u003e" in found["minifiedJson"]
    assert json.loads(found["json"])["Statement"][0]["Resource"] == "<&>"
