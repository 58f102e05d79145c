"""The account's one provider: it assumes the deploy role and refuses any other account."""

import pulumi_aws as aws

from components.foundation.account import Account
from components.foundation.naming import Names
from components.foundation.tags import default_tags


def account_provider(account: Account) -> aws.Provider:
    """The explicit provider of a stack. A stack whose credentials lead to another account fails before its first
    resource (allowed_account_ids). Resources of the account's other region say so with `region=`."""
    names = Names(account)
    return aws.Provider(
        f"{account.name}-{account.environment}",
        region=account.region,
        allowed_account_ids=[account.account_id],
        # Classes, not dicts: a provider's nested inputs travel as JSON, where the SDK leaves a dict's keys as they are.
        assume_roles=[
            aws.ProviderAssumeRoleArgs(
                role_arn=names.arns.role(names.deploy_role()), session_name=f"{names.prefix}-deploy"
            )
        ],
        default_tags=aws.ProviderDefaultTagsArgs(tags=default_tags(account)),
    )
