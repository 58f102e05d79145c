"""Cognito: user pools and their clients."""

from localcloud.cloud.materialise.resource import Resource
from localcloud.cloud.materialise.shapes import Layout

USER_POOL = Resource(
    service="cognito-idp",
    create_by="create_user_pool",
    read_by="describe_user_pool",
    update_by=("update_user_pool",),
    delete_by="delete_user_pool",
    at="UserPool",
    address={"UserPoolId": "{id}"},
    identity=":UserPool.Id",
    arn="arn:{partition}:cognito-idp:{region}:{account}:userpool/{id}",
    layout=Layout(
        renames={"name": "PoolName", "schemas": "Schema"},
        nest={"Policies": ("passwordPolicy", "signInPolicy")},
        blind=frozenset({"name", "schemas", "userPoolTier"}),
    ),
)

USER_POOL_CLIENT = Resource(
    service="cognito-idp",
    create_by="create_user_pool_client",
    read_by="describe_user_pool_client",
    update_by=("update_user_pool_client",),
    delete_by="delete_user_pool_client",
    at="UserPoolClient",
    address={"UserPoolId": "{userPoolId}", "ClientId": "{id}"},
    identity=":UserPoolClient.ClientId",
    reports={"clientSecret": "ClientSecret"},
    layout=Layout(
        renames={
            "name": "ClientName",
            "allowedOauthFlows": "AllowedOAuthFlows",
            "allowedOauthScopes": "AllowedOAuthScopes",
            "allowedOauthFlowsUserPoolClient": "AllowedOAuthFlowsUserPoolClient",
            "callbackUrls": "CallbackURLs",
            "logoutUrls": "LogoutURLs",
            "defaultRedirectUri": "DefaultRedirectURI",
        },
        blind=frozenset({"generateSecret"}),
    ),
)
