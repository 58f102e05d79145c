"""Log groups: encrypted under the account's key and kept for a stated time."""

import pulumi
import pulumi_aws as aws

from components.foundation.keys import Key

DEFAULT_RETENTION_DAYS = 365  # a year, the shortest that NIST 800-53 AU-11 baselines and PCI DSS 10.5.1 accept


def log_group(
    name: str, *, group: str, key: Key, retention_days: int = DEFAULT_RETENTION_DAYS, parent: pulumi.Resource
) -> aws.cloudwatch.LogGroup:
    """One log group; `group` is its full physical name (Names.log_group or Names.function_log_group)."""
    return aws.cloudwatch.LogGroup(
        name,
        name=group,
        kms_key_id=key.arn,
        retention_in_days=retention_days,
        opts=pulumi.ResourceOptions(parent=parent),
    )
