"""Lambda's Invoke API: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, MutableMapping
from typing import Any, Protocol

from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import LambdaFunction

from localcloud.runtime.deployment import RoleError
from localcloud.runtime.execution import Outcome
from localcloud.runtime.functions import ThrottledError

TRIGGER = "invoke"
"""What the journal names as the trigger of these invocations."""

SYNCHRONOUS_BYTES = 6 * 1024 * 1024
ASYNCHRONOUS_BYTES = 1024 * 1024
"""The largest payloads: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""


class Invoker(Protocol):
    """Runs a function now, or queues an event for it."""

    def invoke(self, function: LambdaFunction, payload: str) -> Outcome: ...
    def invoke_later(self, function_arn: str, payload: str, *, trigger: str) -> str: ...


class RefusedError(LambdaClientError):
    """An invocation that was not made, with Lambda's code and HTTP status for why."""

    def __init__(self, status: int, code: str, message: str) -> None:
        self.code = status
        super().__init__(code, message)


def invoked(
    invoker: Invoker,
    function: LambdaFunction,
    body: bytes | str | None,
    request_headers: Mapping[str, str],
    response_headers: MutableMapping[str, Any],
) -> bytes:
    """The body of the answer to an Invoke request; what else it says is put into `response_headers`.

    Raises:
        RefusedError: the payload is no JSON or too large, the function is throttled, or it has no role.
    """
    kind = request_headers.get("x-amz-invocation-type") or "RequestResponse"
    payload = checked(body, ASYNCHRONOUS_BYTES if kind == "Event" else SYNCHRONOUS_BYTES)
    if kind == "DryRun":
        return b""
    if kind == "Event":
        invoker.invoke_later(function.function_arn, payload, trigger=TRIGGER)
        return b""
    try:
        outcome = invoker.invoke(function, payload)
    except ThrottledError as error:
        raise RefusedError(429, "TooManyRequestsException", f"Rate Exceeded: {error}") from error
    except RoleError as error:
        message = f"The role defined for the function cannot be assumed by Lambda: {error}"
        raise RefusedError(403, "AccessDeniedException", message) from error
    response_headers["x-amz-executed-version"] = outcome.version
    response_headers["x-amz-log-result"] = base64.b64encode(outcome.log_tail).decode()
    if outcome.error is not None:
        response_headers["x-amz-function-error"] = "Unhandled"
    return outcome.payload.encode()


def checked(body: bytes | str | None, limit: int) -> str:
    """The payload as JSON text; without one it is an empty object."""
    text = body.decode() if isinstance(body, bytes) else body or "{}"
    size = len(text.encode())
    if size > limit:
        message = f"{size} byte payload is too large for the limit of {limit} bytes"
        raise RefusedError(413, "RequestTooLargeException", message)
    try:
        json.loads(text)
    except ValueError as error:
        message = f"Could not parse request body into json: {error}"
        raise RefusedError(400, "InvalidRequestContentException", message) from error
    return text
