"""What is deployed, found by ARN in moto's backends: the one place that knows where moto keeps functions."""

from __future__ import annotations

from moto.awslambda.exceptions import UnknownFunctionException
from moto.awslambda.models import EventSourceMapping, LambdaFunction, lambda_backends

from localcloud.runtime.arns import Arn


def function(arn: str) -> LambdaFunction:
    """The function that an ARN, with or without a version or alias, names.

    Raises:
        moto.awslambda.exceptions.UnknownFunctionException: there is none.
    """
    parsed = Arn.parse(arn)
    return lambda_backends[parsed.account][parsed.region].get_function(arn)


def role(function_arn: str) -> str:
    """The ARN of a function's role, empty when there is no such function."""
    try:
        return str(function(function_arn).role)
    except UnknownFunctionException:
        return ""


def event_source_mappings() -> list[EventSourceMapping]:
    """Those of all accounts and regions, enabled or not."""
    return [
        mapping
        for account in list(lambda_backends.values())
        for backend in list(account.values())
        for mapping in list(backend._event_source_mappings.values())
    ]
