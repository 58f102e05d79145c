"""Quirks of how moto serves requests: it was made for one thread."""

import threading
from collections.abc import Callable
from typing import Any

from moto.core.responses import BaseResponse
from moto.dynamodb.responses import DynamoHandler
from moto.iam.models import IAMBackend

from localcloud.cloud.quirks.patching import replace


def serve_one_request_of_a_service_at_a_time() -> None:
    """Two conditional writes of one item both succeeded, and listing failed while another thread created.

    S3, whose requests take another way through moto, needs none of it; those that wait for something else (a function's
    answer, a message) hold nobody up.
    """
    locks: dict[str, threading.RLock] = {}

    def locked(original: Callable[..., Any]) -> Callable[..., Any]:
        def call_action(self: Any) -> Any:
            if waits(self):
                return original(self)
            with locks.setdefault(self.service_name, threading.RLock()):
                return original(self)

        return call_action

    replace(BaseResponse, "call_action", locked)
    replace(DynamoHandler, "call_action", locked)


def waits(response: Any) -> bool:
    """Whether the request is answered when something else has happened."""
    match response.service_name:
        case "awslambda":
            return str(response.path).rstrip("/").endswith(("invocations", "invoke-async"))
        case "sqs":
            target = response.headers.get("X-Amz-Target") or response.querystring.get("Action", [""])[0]
            return str(target).endswith("ReceiveMessage")
    return False


def look_for_roles_among_those_there_are() -> None:
    """Every request of an assumed role looks for it among all roles, and failed when another thread made one."""
    replace(IAMBackend, "get_roles", lambda original: lambda self: list(original(self)))
