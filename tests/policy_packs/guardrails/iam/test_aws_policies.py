"""The managed policies of AWS, more than a thousand documents that AWS itself takes, as moto has them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from mesh_guardrails.documents import Kind
from mesh_guardrails.iam import Concern, Context, analyse
from mesh_guardrails.iam.escalation import is_administrator, open_ways
from mesh_guardrails.iam.grammar import parse
from mesh_guardrails.iam.rights import Attached, Rights
from moto.iam.aws_managed_policies import aws_managed_policies_data


@pytest.fixture(scope="module")
def documents() -> dict[str, str]:
    policies: dict[str, dict[str, Any]] = json.loads(aws_managed_policies_data)
    return {name: json.dumps(policy["Document"]) for name, policy in policies.items()}


def test_all_of_them_keep_to_the_grammar_and_are_spelt_right(documents: dict[str, str]) -> None:
    assert len(documents) > 1000
    found = {
        name: [
            f.message
            for f in analyse(text, Kind.IDENTITY, Context())
            if f.concern in (Concern.GRAMMAR, Concern.SPELLING)
        ]
        for name, text in documents.items()
    }
    assert {name: messages for name, messages in found.items() if messages} == {}


@pytest.mark.parametrize(
    ("name", "concern"),
    [
        ("AdministratorAccess", Concern.ADMINISTRATOR),
        ("PowerUserAccess", Concern.NEGATION),
        ("AmazonS3FullAccess", Concern.SERVICE_WILDCARD),
        ("AmazonS3ReadOnlyAccess", Concern.READ_ON_ALL),
        ("IAMFullAccess", Concern.SERVICE_WILDCARD),
    ],
)
def test_what_each_is_known_for_is_found(documents: dict[str, str], name: str, concern: Concern) -> None:
    assert concern in {finding.concern for finding in analyse(documents[name], Kind.IDENTITY, Context())}


@pytest.mark.parametrize("name", ["AWSXRayDaemonWriteAccess", "AmazonSSMPatchAssociation"])
def test_what_names_no_resource_needs_none(documents: dict[str, str], name: str) -> None:
    findings = analyse(documents[name], Kind.IDENTITY, Context())
    assert [each.message for each in findings if "on *" in each.message and "xray" in each.message] == []


@pytest.mark.parametrize(
    ("name", "way"),
    [
        ("IAMFullAccess", "iam-001"),
        ("PowerUserAccess", "ssm-002"),
        ("AWSLambda_FullAccess", "lambda-003"),
        ("AmazonEC2FullAccess", "ec2-002"),
        ("AWSGlueConsoleFullAccess", "glue-002"),
    ],
)
def test_ways_to_more_rights_are_found(documents: dict[str, str], name: str, way: str) -> None:
    rights = Rights((Attached(name, parse(documents[name], Kind.IDENTITY).statements),))
    assert way in {open_way.id for open_way, _ in open_ways(rights)}
    assert not is_administrator(rights)


@pytest.mark.parametrize("name", ["AmazonS3ReadOnlyAccess", "CloudWatchReadOnlyAccess", "AWSXRayDaemonWriteAccess"])
def test_reading_opens_no_way(documents: dict[str, str], name: str) -> None:
    rights = Rights((Attached(name, parse(documents[name], Kind.IDENTITY).statements),))
    assert list(open_ways(rights)) == []
