"""HTTP APIs in front of functions."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

import pytest
from joserfc import jwt
from moto.backends import get_backend

from localcloud.runtime.api import payload, routes
from localcloud.runtime.api.payload import Response

from .conftest import ACCOUNT, Cloud, Function

ECHO = "def handler(event, context): return event"


def api(cloud: Cloud, function: Function, *route_keys: str, stage: str = "$default", **settings: Any) -> str:
    """A new API whose routes all lead to one function; its id."""
    client = cloud.client("apigatewayv2")
    route_settings = settings.pop("route", {})
    version = settings.pop("payload_format_version", "2.0")
    api_id = str(client.create_api(Name="api", ProtocolType="HTTP", **settings)["ApiId"])
    integration = client.create_integration(
        ApiId=api_id,
        IntegrationType="AWS_PROXY",
        IntegrationUri=function.arn,
        PayloadFormatVersion=version,
    )["IntegrationId"]
    for key in route_keys:
        client.create_route(ApiId=api_id, RouteKey=key, Target=f"integrations/{integration}", **route_settings)
    client.create_stage(ApiId=api_id, StageName=stage, AutoDeploy=True, StageVariables={"v": "1"})
    return api_id


def test_a_request_becomes_the_event_of_payload_format_2(cloud: Cloud) -> None:
    function = cloud.function(ECHO)
    api_id = api(cloud, function, "POST /items/{id}")
    status, body, _ = cloud.get(
        f"/{api_id}/items/a%20b?q=1&q=2&empty=",
        data=b'{"n": 1}',
        headers={"Content-Type": "application/json", "X-One": "1", "Cookie": "a=1; b=2", "User-Agent": "test"},
    )
    event = json.loads(body)
    context = event["requestContext"]
    assert status == 200
    assert event["version"] == "2.0"
    assert event["routeKey"] == context["routeKey"] == "POST /items/{id}"
    assert event["rawPath"] == context["http"]["path"] == "/items/a%20b"
    assert event["rawQueryString"] == "q=1&q=2&empty="
    assert event["queryStringParameters"] == {"q": "1,2", "empty": ""}
    assert event["pathParameters"] == {"id": "a b"}
    assert event["stageVariables"] == {"v": "1"}
    assert event["headers"]["x-one"] == "1"
    assert event["cookies"] == ["a=1", "b=2"]
    assert "cookie" not in event["headers"]
    assert (event["body"], event["isBase64Encoded"]) == ('{"n": 1}', False)
    assert context["http"]["method"] == "POST"
    assert context["http"]["userAgent"] == "test"
    assert (context["accountId"], context["apiId"], context["stage"]) == (ACCOUNT, api_id, "$default")
    [entry] = cloud.runtime.journal.entries(function=function.name)
    assert entry.trigger == f"arn:aws:execute-api:eu-west-1:{ACCOUNT}:{api_id}/$default/POST /items/{{id}}"


def test_a_named_stage_is_part_of_the_path(cloud: Cloud) -> None:
    api_id = api(cloud, cloud.function(ECHO), "GET /items", stage="prod")
    status, body, _ = cloud.get(f"/{api_id}/prod/items")
    assert (status, json.loads(body)["rawPath"]) == (200, "/prod/items")
    assert cloud.get(f"/{api_id}/items")[0] == 404


def test_bytes_go_both_ways_as_base64(cloud: Cloud) -> None:
    function = cloud.function(
        """
        def handler(event, context):
            assert event["isBase64Encoded"]
            return {"statusCode": 201, "isBase64Encoded": True, "body": event["body"], "cookies": ["a=1", "b=2"],
                    "headers": {"Content-Type": "image/png", "X-Two": "2"}}
        """
    )
    api_id = api(cloud, function, "$default")
    status, body, headers = cloud.get(f"/{api_id}/x", data=b"\x00\xff", headers={"Content-Type": "image/png"})
    assert (status, body) == (201, b"\x00\xff")
    assert headers["content-type"] == "image/png"
    assert headers["x-two"] == "2"
    assert headers.get_all("set-cookie") == ["a=1", "b=2"]


def test_what_the_function_does_wrong_is_an_internal_error(cloud: Cloud) -> None:
    function = cloud.function("def handler(event, context): raise ValueError('secret')")
    status, body, _ = cloud.get(f"/{api(cloud, function, '$default')}/")
    assert (status, json.loads(body)) == (500, {"message": "Internal Server Error"})
    wrong = cloud.function("def handler(event, context): return {'statusCode': 200, 'body': {'no': 'string'}}")
    assert cloud.get(f"/{api(cloud, wrong, '$default')}/")[0] == 500


def test_unknown_apis_and_routes_are_not_found(cloud: Cloud) -> None:
    api_id = api(cloud, cloud.function(ECHO), "GET /only")
    assert cloud.get(f"/{api_id}/other")[0] == 404
    assert cloud.get(f"/{api_id}/only", data=b"post")[0] == 404
    assert cloud.get("/nosuchapi/only")[0] == 404


def test_a_body_of_unknown_length_and_a_broken_api_are_answered(cloud: Cloud) -> None:
    function = cloud.function(ECHO)
    assert cloud.get(f"/{api(cloud, function, '$default')}/", headers={"Transfer-Encoding": "chunked"})[0] == 411
    without_authorizer = api(cloud, function, "GET /", route={"AuthorizationType": "JWT", "AuthorizerId": "gone"})
    assert cloud.get(f"/{without_authorizer}/")[0] == 500


def test_what_is_not_run_is_said(cloud: Cloud) -> None:
    function = cloud.function(ECHO)
    old = api(cloud, function, "GET /", payload_format_version="1.0")
    status, body, _ = cloud.get(f"/{old}/")
    assert status == 501
    assert "payload format 1.0" in json.loads(body)["message"]
    signed = api(cloud, function, "GET /", route={"AuthorizationType": "AWS_IAM"})
    status, body, _ = cloud.get(f"/{signed}/")
    assert status == 501
    assert "AWS_IAM" in json.loads(body)["message"]


def test_browsers_of_allowed_origins_are_answered(cloud: Cloud) -> None:
    cors = {"AllowOrigins": ["https://a.example"], "AllowMethods": ["GET"], "AllowHeaders": ["x-one"], "MaxAge": 60}
    api_id = api(cloud, cloud.function(ECHO), "GET /", CorsConfiguration=cors)
    _, _, headers = cloud.get(f"/{api_id}/", headers={"Origin": "https://a.example"})
    assert headers["access-control-allow-origin"] == "https://a.example"
    assert headers["access-control-allow-methods"] == "GET"
    assert headers["access-control-max-age"] == "60"
    _, _, headers = cloud.get(f"/{api_id}/", headers={"Origin": "https://b.example"})
    assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize(
    ("method", "path", "route", "parameters"),
    [
        ("GET", "/items", "GET /items", {}),
        ("POST", "/items", "ANY /items", {}),
        ("GET", "/items/7", "GET /items/{id}", {"id": "7"}),
        ("GET", "/items/special", "GET /items/special", {}),
        ("GET", "/items/7/parts/8", "GET /{proxy+}", {"proxy": "items/7/parts/8"}),
        ("GET", "/", "GET /", {}),
        ("DELETE", "/items/7", "$default", {}),
    ],
)
def test_the_most_specific_route_is_taken(method: str, path: str, route: str, parameters: dict[str, str]) -> None:
    keys = ["$default", "GET /{proxy+}", "GET /items/{id}", "GET /items/special", "ANY /items", "GET /items", "GET /"]
    assert routes.match(keys, method, path) == routes.Match(route, parameters)


def test_without_a_default_there_may_be_no_route() -> None:
    assert routes.match(["GET /items/{id}"], "GET", "/items") is None
    assert routes.match(["GET /items/{proxy+}"], "GET", "/items") is None


def test_a_result_without_status_is_the_body() -> None:
    assert payload.response({"a": 1}) == Response(200, [("content-type", "application/json")], b'{"a": 1}')
    assert payload.response(None).body == b"null"
    with pytest.raises(ValueError, match="must be a string"):
        payload.response({"statusCode": 200, "body": 1})
    with pytest.raises(ValueError, match=r"."):
        payload.response({"statusCode": 200, "body": "*", "isBase64Encoded": True})


class Pool:
    """A user pool with one client, and an API behind it."""

    def __init__(self, cloud: Cloud, *scopes: str) -> None:
        self.cloud = cloud
        cognito = cloud.client("cognito-idp")
        self.id = cognito.create_user_pool(PoolName="pool")["UserPool"]["Id"]
        self.client_id = cognito.create_user_pool_client(UserPoolId=self.id, ClientName="c")["UserPoolClient"][
            "ClientId"
        ]
        self.issuer = f"https://cognito-idp.eu-west-1.amazonaws.com/{self.id}"
        gateway = cloud.client("apigatewayv2")
        self.api_id = api(cloud, cloud.function(ECHO))
        authorizer = gateway.create_authorizer(
            ApiId=self.api_id,
            Name="jwt",
            AuthorizerType="JWT",
            IdentitySource=["$request.header.Authorization"],
            JwtConfiguration={"Issuer": self.issuer, "Audience": [self.client_id]},
        )["AuthorizerId"]
        integration = gateway.get_integrations(ApiId=self.api_id)["Items"][0]["IntegrationId"]
        gateway.create_route(
            ApiId=self.api_id,
            RouteKey="GET /",
            Target=f"integrations/{integration}",
            AuthorizationType="JWT",
            AuthorizerId=authorizer,
            AuthorizationScopes=list(scopes),
        )

    def token(self, **claims: Any) -> str:
        pool = get_backend("cognito-idp")[ACCOUNT]["eu-west-1"].user_pools[self.id]
        now = int(time.time())
        content = {"iss": self.issuer, "aud": self.client_id, "iat": now, "exp": now + 60, "sub": "me", **claims}
        return str(jwt.encode({"alg": "RS256"}, content, pool.json_web_key))

    def status(self, token: str | None) -> int:
        return self.cloud.get(f"/{self.api_id}/", headers={"Authorization": token} if token else {})[0]


def test_a_token_of_a_user_pool_opens_the_route_and_its_claims_arrive(cloud: Cloud) -> None:
    pool = Pool(cloud)
    status, body, _ = cloud.get(
        f"/{pool.api_id}/", headers={"Authorization": f"Bearer {pool.token(groups=['a', 'b'], admin=True)}"}
    )
    assert status == 200
    authorizer = json.loads(body)["requestContext"]["authorizer"]["jwt"]
    assert authorizer["claims"]["sub"] == "me"
    assert authorizer["claims"]["groups"] == "[a b]"
    assert authorizer["claims"]["admin"] == "true"
    assert authorizer["scopes"] is None


def test_tokens_that_are_no_good_are_refused(cloud: Cloud) -> None:
    pool, other = Pool(cloud), Pool(cloud)
    good = pool.token()
    head, body, signature = good.split(".")
    forged = base64.urlsafe_b64encode(json.dumps({"sub": "you"}).encode()).decode().rstrip("=")
    unsigned = base64.urlsafe_b64encode(b'{"alg": "none"}').decode().rstrip("=")
    assert pool.status(good) == 200
    for bad in (
        None,
        "Bearer",
        "no.token.atall",
        f"{head}.{forged}.{signature}",
        f"{head}.{body}.",
        other.token(),
        pool.token(aud="another"),
        pool.token(exp=int(time.time()) - 1),
        pool.token(nbf=int(time.time()) + 60),
        f"{unsigned}.{body}.{signature}",
    ):
        assert pool.status(bad) == 401, bad


def test_one_of_the_routes_scopes_is_needed(cloud: Cloud) -> None:
    pool = Pool(cloud, "read", "write")
    assert pool.status(pool.token(scope="openid write")) == 200
    assert pool.status(pool.token(scope="openid")) == 403


def test_an_issuer_without_known_keys_is_said(cloud: Cloud) -> None:
    pool = Pool(cloud)
    token = pool.token()
    cloud.client("cognito-idp").delete_user_pool(UserPoolId=pool.id)
    assert pool.status(token) == 501
