"""APIs, and who may call them."""

import json

from mesh_guardrails.resource import UNKNOWN, Resource

from tests.policy_packs.guardrails.building import Case, accepted, refused, resource

REST = "aws:apigateway/restApi:RestApi"
PATHS = {"/orders": {"get": {}}}
SCHEMES = {"users": {"type": "apiKey", "x-amazon-apigateway-authtype": "cognito_user_pools"}, "key": {"type": "apiKey"}}


def method(authorization: object, **more: object) -> Resource:
    return resource("aws:apigateway/method:Method", {"authorization": authorization, "httpMethod": "GET", **more})


def rest_api(types: str) -> Resource:
    return resource("aws:apigateway/restApi:RestApi", {"id": "api-1", "endpointConfiguration": {"types": types}})


def api(protocol: str, **more: object) -> Resource:
    return resource("aws:apigatewayv2/api:Api", {"id": "api-2", "protocolType": protocol, **more})


def route(key: str, authorization: object = None) -> Resource:
    return resource(
        "aws:apigatewayv2/route:Route", {"apiId": "api-2", "routeKey": key, "authorizationType": authorization}
    )


def described(paths: object, types: str = "REGIONAL", **more: object) -> Resource:
    body = json.dumps({"openapi": "3.0.1", "paths": paths, "components": {"securitySchemes": SCHEMES}, **more})
    return resource(REST, {"endpointConfiguration": {"types": types}, "body": body})


CASES: dict[str, list[Case]] = {
    "api-authorized": [
        accepted("IAM", [method("AWS_IAM")]),
        accepted("a preflight request", [method("NONE", httpMethod="OPTIONS")]),
        accepted("within a VPC", [rest_api("PRIVATE"), method("NONE", restApi="api-1")]),
        accepted("not known yet", [method(UNKNOWN)]),
        accepted("a document with an authorizer for all of it", [described(PATHS, security=[{"users": []}])]),
        accepted(
            "a document with roles", [described({"/x": {"post": {"x-amazon-apigateway-auth": {"type": "AWS_IAM"}}}})]
        ),
        accepted("a document about a preflight request", [described({"/x": {"options": {}}})]),
        accepted("a document within a VPC", [described(PATHS, types="PRIVATE")]),
        accepted("a document not known yet", [resource(REST, {"body": UNKNOWN})]),
        refused("a document that asks nobody", [described(PATHS)], "get /orders"),
        refused(
            "a document that asks nobody about anything",
            [described({"/{proxy+}": {"x-amazon-apigateway-any-method": {}}})],
            "x-amazon-apigateway-any-method /{proxy+}",
        ),
        refused("a document with a key only", [described(PATHS, security=[{"key": []}])], "get /orders"),
        refused(
            "a document with an exception",
            [described({"/orders": {"get": {"security": []}}}, security=[{"users": []}])],
            "get /orders",
        ),
        refused("nobody asked", [rest_api("REGIONAL"), method("NONE", restApi="api-1")], "authorization"),
        refused("a key is no authorization", [method("NONE", apiKeyRequired=True)], "authorization"),
    ],
    "http-api-authorized": [
        accepted("JWT", [route("GET /orders", "JWT")]),
        accepted("a preflight request", [route("OPTIONS /{proxy+}")]),
        accepted("a message on a connection", [api("WEBSOCKET"), route("$default"), route("sendMessage")]),
        accepted("the end of a connection", [route("$disconnect")]),
        accepted("not known yet", [route("GET /orders", UNKNOWN)]),
        refused("a path", [route("GET /orders")], "authorization"),
        refused("everything else", [api("HTTP"), route("$default", "NONE")], "authorization"),
        refused("a connection", [api("WEBSOCKET"), route("$connect", "NONE")], "authorization"),
        refused("an API made the quick way", [api("HTTP", target="arn:function")], "authorization"),
    ],
}
