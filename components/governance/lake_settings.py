"""Lake Formation's settings of an account: who administers it, and that nothing is open by default."""

import pulumi
import pulumi_aws as aws

from components.foundation.account import Account
from components.foundation.naming import Names

# Lake Formation developer guide, "Updating cross-account data sharing version settings": from 3 on, grants to IAM
# principals of other accounts are possible; 4 allows hybrid access as well.
_CROSS_ACCOUNT_VERSION = "4"


def lake_settings(name: str, account: Account, parent: pulumi.Resource) -> aws.lakeformation.DataLakeSettings:
    """The settings of an account and region; there is one of them, so one stack makes it.

    The deploy role administers. It is named in the defaults as well, because AWS's own default opens every new table to
    whoever has IAM permissions for it, and an empty list would be dropped on its way to AWS.
    """
    names = Names(account)
    admin = names.arns.role(names.deploy_role())
    return aws.lakeformation.DataLakeSettings(
        name,
        admins=[admin],
        create_database_default_permissions=[{"principal": admin, "permissions": ["ALL"]}],
        create_table_default_permissions=[{"principal": admin, "permissions": ["ALL"]}],
        parameters={"CROSS_ACCOUNT_VERSION": _CROSS_ACCOUNT_VERSION},
        opts=pulumi.ResourceOptions(parent=parent),
    )
