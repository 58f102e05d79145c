"""A request to a deployed HTTP API, from its path to the function's response."""

from __future__ import annotations

import json
import logging
import time
from typing import Any

from moto.apigatewayv2.models import Api, ApiGatewayV2Backend, Route
from moto.backends import get_backend

from localcloud.runtime import deployed
from localcloud.runtime.api import payload, routes, tokens
from localcloud.runtime.api.payload import Request, Response, Routed
from localcloud.runtime.functions import Functions, ThrottledError

_log = logging.getLogger(__name__)


class Gateway:
    """Answers requests to `/<api id>/<path>` ($default stage) and `/<api id>/<stage>/<path>`."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    def answer(self, request: Request) -> Response:
        """Run the function of the route that the request takes."""
        api_id, _, rest = request.path.lstrip("/").partition("/")
        found = find_api(api_id)
        if found is None:
            return Response.message(404, "Not Found")
        backend, api = found
        path = f"/{rest}"
        first = rest.partition("/")[0]
        stage = first if first in api.stages else routes.DEFAULT
        if stage not in api.stages:
            return Response.message(404, "Not Found")
        routed_path = path if stage == routes.DEFAULT else path.removeprefix(f"/{stage}") or "/"
        inner = Request(request.method, path, request.query, request.headers, request.body, request.source_ip)
        cors = cors_headers(api, request.header("origin"))
        if cors and request.method == "OPTIONS" and request.header("access-control-request-method"):
            return Response(204, cors)
        match = routes.match([route.route_key for route in api.routes.values()], request.method, routed_path)
        if match is None:
            return Response.message(404, "Not Found")
        route = next(route for route in api.routes.values() if route.route_key == match.route_key)
        response = self._authorized(backend, api, route, stage, match, inner)
        return Response(response.status, [*response.headers, *cors], response.body)

    def _authorized(
        self,
        backend: ApiGatewayV2Backend,
        api: Api,
        route: Route,
        stage: str,
        match: routes.Match,
        request: Request,
    ) -> Response:
        try:
            authorizer = authorize(api, route, request)
        except tokens.UnauthorizedError:
            return Response.message(401, "Unauthorized")
        except tokens.ForbiddenError:
            return Response.message(403, "Forbidden")
        except (tokens.UnknownIssuerError, NotRunError) as error:
            return Response.message(501, f"the local cloud cannot authorize this: {error}")
        routed = Routed(
            account=backend.account_id,
            api_id=api.api_id,
            region=backend.region_name,
            stage=stage,
            route_key=route.route_key,
            parameters=match.parameters,
            stage_variables=dict(api.stages[stage].stage_variables or {}),
            authorizer=authorizer,
        )
        try:
            function_arn = integrated_function(api, route)
        except NotRunError as error:
            return Response.message(501, str(error))
        source = f"arn:aws:execute-api:{routed.region}:{routed.account}:{api.api_id}/{stage}/{route.route_key}"
        return self._invoked(function_arn, payload.event(request, routed), source)

    def _invoked(self, function_arn: str, event: dict[str, Any], source: str) -> Response:
        try:
            outcome = self._functions.run(deployed.function(function_arn), json.dumps(event), trigger=source)
            if outcome.error is None:
                return payload.response(outcome.result)
        except ThrottledError:
            return Response.message(503, "Service Unavailable")
        except Exception as error:
            _log.warning("%s: %s: %s", source, type(error).__name__, error)
        return Response.message(500, "Internal Server Error")


class NotRunError(Exception):
    """A part of an API that the local cloud does not run."""


def find_api(api_id: str) -> tuple[ApiGatewayV2Backend, Api] | None:
    """The HTTP API with this id, in whichever account and region."""
    for account in list(get_backend("apigatewayv2").values()):
        for backend in list(account.values()):
            if api_id in backend.apis:
                return backend, backend.apis[api_id]
    return None


def authorize(api: Api, route: Route, request: Request) -> dict[str, Any] | None:
    """What the route's authorizer adds to the request's context; None for an open route.

    Raises:
        tokens.UnauthorizedError, tokens.ForbiddenError, tokens.UnknownIssuerError, NotRunError
    """
    kind = route.authorization_type or "NONE"
    if kind == "NONE":
        return None
    if kind != "JWT":
        raise NotRunError(f"authorization type {kind}")
    authorizer = api.authorizers[route.authorizer_id or ""]
    source = authorizer.identity_source or "$request.header.Authorization"
    name = (source[0] if isinstance(source, list) else source).removeprefix("$request.header.").lower()
    configuration: dict[str, Any] = authorizer.jwt_config  # type: ignore[assignment]
    return {"jwt": tokens.claims(request.header(name), configuration, route.authorization_scopes or (), time.time())}


def integrated_function(api: Api, route: Route) -> str:
    """The ARN of the function behind a route.

    Raises:
        NotRunError: the route has no function with payload format 2.0 behind it.
    """
    integration = api.integrations.get((route.target or "").removeprefix("integrations/"))
    if integration is None or integration.integration_type != "AWS_PROXY" or not integration.integration_uri:
        raise NotRunError(f"route {route.route_key} has no function behind it")
    if (integration.payload_format_version or "1.0") != "2.0":
        raise NotRunError(f"route {route.route_key} wants payload format {integration.payload_format_version or '1.0'}")
    uri = integration.integration_uri
    return uri.partition("/functions/")[2].removesuffix("/invocations") if "/functions/" in uri else uri


def cors_headers(api: Api, origin: str | None) -> list[tuple[str, str]]:
    """The headers that the API's CORS configuration adds for a request from `origin`; none without either.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
    """
    configuration: dict[str, Any] = api.cors_configuration or {}  # type: ignore[assignment]
    allowed = configuration.get("allowOrigins") or []
    if origin is None or not ({"*", origin} & set(allowed)):
        return []
    headers = [("access-control-allow-origin", "*" if "*" in allowed else origin)]
    for setting, header in (
        ("allowMethods", "access-control-allow-methods"),
        ("allowHeaders", "access-control-allow-headers"),
        ("exposeHeaders", "access-control-expose-headers"),
    ):
        if configuration.get(setting):
            headers.append((header, ",".join(configuration[setting])))
    if configuration.get("maxAge"):
        headers.append(("access-control-max-age", str(configuration["maxAge"])))
    if configuration.get("allowCredentials"):
        headers.append(("access-control-allow-credentials", "true"))
    return headers
