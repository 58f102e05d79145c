"""Which services say on whose behalf they act."""

from __future__ import annotations

import pytest
from mesh_guardrails.documents import Kind
from mesh_guardrails.iam.deputies import regionless, source_keys

ACCOUNT = "aws:sourceaccount"


@pytest.mark.parametrize(
    ("service", "kind", "keys"),
    [
        ("lambda.amazonaws.com", Kind.TRUST, {ACCOUNT, "aws:sourcearn"}),
        ("lambda.eu-west-1.amazonaws.com", Kind.TRUST, {ACCOUNT}),
        ("cloudtrail.amazonaws.com", Kind.RESOURCE, {ACCOUNT, "aws:sourceorgid"}),
        ("logs.eu-west-1.amazonaws.com", Kind.KEY, {ACCOUNT, "kms:encryptioncontext:aws:logs:arn"}),
        ("a-new-service.amazonaws.com", Kind.RESOURCE, {ACCOUNT}),
    ],
)
def test_keys_that_a_service_sends(service: str, kind: Kind, keys: set[str]) -> None:
    assert keys <= source_keys(service, kind)


@pytest.mark.parametrize(
    ("service", "kind"),
    [
        ("s3.amazonaws.com", Kind.TRUST),
        ("ec2.amazonaws.com", Kind.TRUST),
        ("a-new-service.amazonaws.com", Kind.TRUST),
        ("logdelivery.elasticloadbalancing.amazonaws.com", Kind.RESOURCE),
        ("s3.amazonaws.com", Kind.ENDPOINT),
    ],
)
def test_nothing_is_asked_of_services_that_send_none(service: str, kind: Kind) -> None:
    assert source_keys(service, kind) == frozenset()


@pytest.mark.parametrize(
    ("service", "name"),
    [
        ("logs.eu-west-1.amazonaws.com", "logs.amazonaws.com"),
        ("logs.us-gov-west-1.amazonaws.com", "logs.amazonaws.com"),
        ("ec2.amazonaws.com.cn", "ec2.amazonaws.com"),
        ("vpc-flow-logs.amazonaws.com", "vpc-flow-logs.amazonaws.com"),
        ("delivery.logs.amazonaws.com", "delivery.logs.amazonaws.com"),
        ("ecs-tasks.amazonaws.com", "ecs-tasks.amazonaws.com"),
    ],
)
def test_a_service_is_the_same_in_every_region(service: str, name: str) -> None:
    assert regionless(service) == name
