"""Payload format 2.0: the event of a request, and the response to a function's result.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

from __future__ import annotations

import base64
import binascii
import json
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

TEXT_TYPES = (
    "text/",
    "application/json",
    "application/javascript",
    "application/xml",
    "application/x-www-form-urlencoded",
)
"""Content types, by prefix, whose bodies reach the function as text; others are base64."""


@dataclass(frozen=True)
class Request:
    """An HTTP request to an API.

    path        without the API's id; with the stage, unless that is $default
    query       raw, without `?`
    headers     in order of arrival
    """

    method: str
    path: str
    query: str
    headers: Sequence[tuple[str, str]]
    body: bytes
    source_ip: str

    def header(self, name: str) -> str | None:
        """The values of a header (lower case), joined by commas; None when it was not sent."""
        values = [value for found, value in self.headers if found.lower() == name]
        return ",".join(values) if values else None


@dataclass(frozen=True)
class Response:
    """What goes back over HTTP."""

    status: int
    headers: Sequence[tuple[str, str]] = ()
    body: bytes = b""

    @classmethod
    def message(cls, status: int, text: str) -> Response:
        """API Gateway's own answers."""
        return cls(status, [("content-type", "application/json")], json.dumps({"message": text}).encode())


@dataclass(frozen=True, kw_only=True)
class Routed:
    """Where a request goes."""

    account: str
    api_id: str
    region: str
    stage: str
    route_key: str
    parameters: dict[str, str] = field(default_factory=dict)
    stage_variables: dict[str, str] = field(default_factory=dict)
    authorizer: dict[str, Any] | None = None


def event(request: Request, routed: Routed) -> dict[str, Any]:
    """The event that the function gets."""
    domain = f"{routed.api_id}.execute-api.{routed.region}.amazonaws.com"
    now = datetime.now(UTC)
    context: dict[str, Any] = {
        "accountId": routed.account,
        "apiId": routed.api_id,
        "domainName": domain,
        "domainPrefix": routed.api_id,
        "http": {
            "method": request.method,
            "path": request.path,
            "protocol": "HTTP/1.1",
            "sourceIp": request.source_ip,
            "userAgent": request.header("user-agent") or "",
        },
        "requestId": str(uuid.uuid4()),
        "routeKey": routed.route_key,
        "stage": routed.stage,
        "time": now.strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "timeEpoch": int(time.time() * 1000),
    }
    if routed.authorizer is not None:
        context["authorizer"] = routed.authorizer
    found: dict[str, Any] = {
        "version": "2.0",
        "routeKey": routed.route_key,
        "rawPath": request.path,
        "rawQueryString": request.query,
        "headers": {
            name: request.header(name)
            for name in dict.fromkeys(name.lower() for name, _ in request.headers)
            if name != "cookie"
        },
        "requestContext": context,
        "isBase64Encoded": False,
    }
    if cookie := request.header("cookie"):
        found["cookies"] = [part.strip() for part in cookie.split(";")]
    parameters: dict[str, list[str]] = {}
    for name, value in parse_qsl(request.query, keep_blank_values=True):
        parameters.setdefault(name, []).append(value)
    if parameters:
        found["queryStringParameters"] = {name: ",".join(values) for name, values in parameters.items()}
    if routed.parameters:
        found["pathParameters"] = routed.parameters
    if routed.stage_variables:
        found["stageVariables"] = routed.stage_variables
    if request.body:
        is_text = (request.header("content-type") or "text/plain").lower().startswith(TEXT_TYPES)
        found["isBase64Encoded"] = not is_text
        found["body"] = request.body.decode(errors="replace") if is_text else base64.b64encode(request.body).decode()
    return found


def response(result: Any) -> Response:
    """What a function's result means: a response when it has a `statusCode`, else a JSON body with status 200.

    Raises:
        ValueError: the result is a response, but not one that API Gateway understands.
    """
    if not isinstance(result, dict) or "statusCode" not in result:
        return Response(200, [("content-type", "application/json")], json.dumps(result).encode())
    body = result.get("body") or ""
    if not isinstance(body, str):
        raise ValueError("the body of a response must be a string")
    try:
        data = base64.b64decode(body, validate=True) if result.get("isBase64Encoded") else body.encode()
        status = int(result["statusCode"])
    except (binascii.Error, TypeError) as error:
        raise ValueError(str(error)) from error
    headers = [(str(name), str(value)) for name, value in (result.get("headers") or {}).items()]
    headers += [("set-cookie", cookie) for cookie in result.get("cookies") or ()]
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("content-type", "text/plain;charset=UTF-8"))
    return Response(status, headers, data)
