"""Which resource patterns say which resources are meant."""

from __future__ import annotations

import pytest
from mesh_guardrails.iam.permissions import on_all

HERE = "eu-west-1:222222222222"


@pytest.mark.parametrize(
    "pattern",
    [
        "*",
        "arn:*",
        "arn:aws:s3:::*",
        "arn:aws:s3:::*/*",
        "arn:aws:s3:::*/logs/*",
        f"arn:aws:s3:{HERE}:accesspoint/*",
        f"arn:aws:sqs:{HERE}:*",
        f"arn:aws:lambda:{HERE}:function:*",
        f"arn:aws:dynamodb:{HERE}:table/*/index/*",
        f"arn:aws:logs:{HERE}:log-group:*:log-stream:*",
        f"arn:aws:elasticloadbalancing:{HERE}:loadbalancer/app/*",
        f"arn:aws:autoscaling:{HERE}:autoScalingGroup:*:autoScalingGroupName/*",
        "arn:aws:iam::222222222222:role/*",
        "arn:aws:apigateway:*::/restapis/*",
        "arn:aws:ec2:*:*:subnet/*",
    ],
)
def test_a_pattern_without_a_name_means_everything(pattern: str) -> None:
    assert on_all(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        "arn:aws:s3:::acme-*",
        "arn:aws:s3:::acme-landing/*",
        f"arn:aws:s3:{HERE}:accesspoint/orders/object/*",
        f"arn:aws:sqs:{HERE}:acme-*",
        f"arn:aws:sns:{HERE}:alarms:*",
        f"arn:aws:lambda:{HERE}:function:acme-*:*",
        f"arn:aws:dynamodb:{HERE}:table/orders/index/*",
        f"arn:aws:logs:{HERE}:log-group:/aws/lambda/acme:log-stream:*",
        f"arn:aws:glue:{HERE}:catalog",
        f"arn:aws:states:{HERE}:*:acme-*",
        f"arn:aws:elasticloadbalancing:{HERE}:loadbalancer/*/orders/*",
        f"arn:aws:autoscaling:{HERE}:autoScalingGroup:*:autoScalingGroupName/orders",
        "arn:aws:iam::*:role/*/acme-*",
        f"arn:aws:ecs:{HERE}:service/*/orders",
        f"arn:aws:execute-api:{HERE}:abc123/*",
        "arn:aws:iam::222222222222:user/${aws:username}",
        f"arn:aws:secretsmanager:{HERE}:secret:acme/*",
    ],
)
def test_a_pattern_with_a_name_means_what_it_names(pattern: str) -> None:
    assert not on_all(pattern)


def test_an_accounts_own_is_all_that_can_be_said_where_aws_assigns_the_ids() -> None:
    assert not on_all(f"arn:aws:ec2:{HERE}:subnet/*", "ec2:CreateNetworkInterface")
    assert on_all("arn:aws:ec2:eu-west-1:*:subnet/*", "ec2:CreateNetworkInterface")
    assert on_all(f"arn:aws:ec2:{HERE}:*", "ec2:CreateNetworkInterface")
