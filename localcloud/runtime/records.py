"""The JSON documents that Lambda makes of invocations for whoever is told about them."""

from __future__ import annotations

import json
from typing import Any

from localcloud.runtime.execution import Outcome
from localcloud.runtime.timestamps import timestamp


def invocation_record(
    *,
    function_arn: str,
    request_id: str,
    condition: str,
    attempts: int,
    payload: str,
    outcome: Outcome | None,
    now: float,
) -> dict[str, Any]:
    """What a destination of an asynchronous invocation gets.

    https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html

    Args:
        condition: Success, RetriesExhausted, EventAgeExceeded or ZeroReservedConcurrency.
        attempts: how many times the function was invoked.
        outcome: of the last attempt, None when there was none.
        now: Unix time.
    """
    record: dict[str, Any] = {
        "version": "1.0",
        "timestamp": timestamp(now),
        "requestContext": {
            "requestId": request_id,
            "functionArn": qualified(function_arn),
            "condition": condition,
            "approximateInvokeCount": attempts,
        },
        "requestPayload": json.loads(payload),
    }
    if outcome is not None:
        record["responseContext"] = response_context(outcome)
        record["responsePayload"] = outcome.result
    return record


def response_context(outcome: Outcome) -> dict[str, Any]:
    """How an invocation ended, as records tell it."""
    context: dict[str, Any] = {"statusCode": 200, "executedVersion": outcome.version}
    if outcome.error is not None:
        context["functionError"] = "Unhandled"
    return context


def qualified(function_arn: str) -> str:
    """The ARN with its version: `$LATEST` when it names none."""
    return function_arn if function_arn.count(":") > 6 else f"{function_arn}:$LATEST"
