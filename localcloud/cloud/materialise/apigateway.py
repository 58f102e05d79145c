"""HTTP and WebSocket APIs of API Gateway."""

from localcloud.cloud.materialise.resource import Resource
from localcloud.cloud.materialise.shapes import Layout
from localcloud.cloud.materialise.tagging import Tagging

GATEWAY_ARN = "arn:{partition}:apigateway:{region}::/apis/"

API = Resource(
    service="apigatewayv2",
    create_by="create_api",
    read_by="get_api",
    update_by=("update_api",),
    delete_by="delete_api",
    address={"ApiId": "{id}"},
    identity=":ApiId",
    arn=GATEWAY_ARN + "{id}",
    reports={"apiEndpoint": "ApiEndpoint"},
    tags=Tagging(list="get_tags"),
)
ROUTE = Resource(
    service="apigatewayv2",
    create_by="create_route",
    read_by="get_route",
    update_by=("update_route",),
    delete_by="delete_route",
    address={"ApiId": "{apiId}", "RouteId": "{id}"},
    identity=":RouteId",
)
INTEGRATION = Resource(
    service="apigatewayv2",
    create_by="create_integration",
    read_by="get_integration",
    update_by=("update_integration",),
    delete_by="delete_integration",
    address={"ApiId": "{apiId}", "IntegrationId": "{id}"},
    identity=":IntegrationId",
    layout=Layout(renames={"timeoutMilliseconds": "TimeoutInMillis"}),
)
AUTHORIZER = Resource(
    service="apigatewayv2",
    create_by="create_authorizer",
    read_by="get_authorizer",
    update_by=("update_authorizer",),
    delete_by="delete_authorizer",
    address={"ApiId": "{apiId}", "AuthorizerId": "{id}"},
    identity=":AuthorizerId",
    layout=Layout(renames={"identitySources": "IdentitySource"}),
)
STAGE = Resource(
    service="apigatewayv2",
    create_by="create_stage",
    read_by="get_stage",
    update_by=("update_stage",),
    delete_by="delete_stage",
    address={"ApiId": "{apiId}", "StageName": "{id}"},
    identity="{name}",
    arn=GATEWAY_ARN + "{apiId}/stages/{id}",
    layout=Layout(renames={"name": "StageName"}),
)
