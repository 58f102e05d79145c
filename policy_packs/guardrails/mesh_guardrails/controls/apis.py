"""APIs ask who is calling."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from mesh_guardrails.control import Finding, Severity
from mesh_guardrails.controls.companions import stack_control
from mesh_guardrails.documents import parse
from mesh_guardrails.facts import Facts
from mesh_guardrails.resource import UNKNOWN, Resource, Stack

_REST: Final = "aws:apigateway/restApi:RestApi"
_METHOD: Final = "aws:apigateway/method:Method"
_API: Final = "aws:apigatewayv2/api:Api"
_ROUTE: Final = "aws:apigatewayv2/route:Route"
# A browser's preflight request carries no credentials.
_VERBS: Final = {
    **{verb: verb.upper() for verb in ("get", "put", "post", "delete", "head", "patch", "trace")},
    "x-amazon-apigateway-any-method": "ANY",
}
_OPEN: Final = "An open door to an API is an open door to what is behind it."


def _methods(stack: Stack, facts: Facts) -> Iterator[Finding]:
    within = {
        method.urn for api in stack.of(_REST) if _private(api) for method in stack.naming(api, "restApi", _METHOD)
    }
    for method in stack.of(_METHOD):
        if method.props.get("authorization") != "NONE" or method.props.get("httpMethod") in ("OPTIONS", UNKNOWN):
            continue
        if method.urn not in within:
            yield Finding("the method lets everybody in", "authorization", urn=method.urn)
    for api in stack.of(_REST):
        if not _private(api):
            yield from _described(api)


def _described(api: Resource) -> Iterator[Finding]:
    """The operations of an API's OpenAPI document that ask nobody who is calling.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
    """
    body = api.props.get("body")
    document = parse(body) if isinstance(body, str) else None
    if document is None:
        return
    for path, item in _mapping(document.get("paths")).items():
        for verb, operation in _mapping(item).items():
            asked = _mapping(operation).get("security", document.get("security"))
            role = _mapping(_mapping(operation).get("x-amazon-apigateway-auth")).get("type") == "AWS_IAM"
            if verb in _VERBS and not role and not any(_asks(document, name) for name in _schemes(asked)):
                told = f"{_VERBS[verb]} {path} of body lets everybody in"
                yield Finding(told, f"{verb} {path}", urn=api.urn)


def _schemes(security: Any) -> list[str]:
    listed = security if isinstance(security, list) else []
    return [name for requirement in listed for name in _mapping(requirement)]


def _asks(document: Mapping[str, Any], scheme: str) -> bool:
    """Whether a security scheme says who is calling; an API key alone does not."""
    schemes = _mapping(_mapping(document.get("components")).get("securitySchemes", document.get("securityDefinitions")))
    stated = _mapping(schemes.get(scheme))
    authorizes = {"x-amazon-apigateway-authtype", "x-amazon-apigateway-authorizer"} & stated.keys()
    return bool(authorizes) or stated.get("type") not in (None, "apiKey")


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _private(api: Resource) -> bool:
    """Whether an API is reached through endpoints of a VPC only, whose policies say who may."""
    types = api.get("endpointConfiguration.types")
    return types is UNKNOWN or types == "PRIVATE"


def _routes(stack: Stack, facts: Facts) -> Iterator[Finding]:
    websocket = {
        route.urn
        for api in stack.of(_API)
        if api.props.get("protocolType") == "WEBSOCKET"
        for route in stack.naming(api, "apiId", _ROUTE)
    }
    for route in stack.of(_ROUTE):
        key = str(route.props.get("routeKey", ""))
        is_open = route.props.get("authorizationType") in (None, "", "NONE")
        if is_open and _needs_authorizer(key, route.urn in websocket):
            yield Finding("the route lets everybody in", "authorization", urn=route.urn)
    for api in stack.of(_API):
        yield from _described(api)
        # https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis.html: the quick way to make an API
        if api.props.get("target") and api.props.get("protocolType") != "WEBSOCKET":
            yield Finding("target makes a route that lets everybody in", "authorization", urn=api.urn)


def _needs_authorizer(key: str, websocket: bool) -> bool:
    """On a WebSocket API, whose keys are no paths, only $connect takes an authorizer: it is for the whole connection.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-lambda-auth.html
    """
    if websocket or not ("/" in key or key == "$default"):
        return key == "$connect"
    return not key.startswith("OPTIONS ")


CONTROLS = (
    stack_control(
        "api-authorized",
        "Methods of REST APIs ask who is calling",
        Severity.HIGH,
        "exposure",
        _OPEN,
        "Set authorization to AWS_IAM, CUSTOM or COGNITO_USER_POOLS. An API key is no authorization.",
        _methods,
    ),
    stack_control(
        "http-api-authorized",
        "Routes of HTTP and WebSocket APIs ask who is calling",
        Severity.HIGH,
        "exposure",
        _OPEN,
        "Set authorizationType to AWS_IAM, JWT or CUSTOM; on a WebSocket API, that of the route $connect. Instead of "
        "target, declare the route.",
        _routes,
    ),
)
