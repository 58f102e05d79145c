"""One customer-managed key per account, region and classification."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.foundation import grants as grant
from components.foundation.account import Account
from components.foundation.classification import Classification
from components.foundation.grants import Grant
from components.foundation.naming import Names
from components.foundation.resource_policies import key_policy
from components.foundation.tags import data_tags

_DELETION_WINDOW_DAYS = 30  # the longest that KMS offers: KMS API, ScheduleKeyDeletion


@dataclass(frozen=True, kw_only=True)
class KeyArgs:
    account: Account
    classification: Classification
    primary_key_arn: pulumi.Input[str] | None = None
    """Required in the recovery region, where the key is a replica of this one; nowhere else."""
    reader_arns: Sequence[str] = ()
    """Roles elsewhere in the organisation that may decrypt, e.g. the hub's Lake Formation role."""
    protect: bool = True


class Key(pulumi.ComponentResource):
    """A multi-region key with rotation, and its alias.

    The alias is known at preview and is what grants name; `arn` is not, because key ids are random.
    """

    account: Account
    classification: Classification
    alias: str
    arn: pulumi.Output[str]

    def __init__(self, name: str, args: KeyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("mesh:foundation:Key", name, None, opts)
        require_primary_key(args.account, args.primary_key_arn is not None)
        self.account, self.classification = args.account, args.classification
        self.alias = Names(args.account).key_alias(args.classification)
        child = pulumi.ResourceOptions(parent=self, protect=args.protect)
        description = f"{args.classification.value} data of {args.account.name} {args.account.environment}"
        policy = key_policy(args.account, args.reader_arns)
        tags = data_tags(args.classification)
        key: aws.kms.Key | aws.kms.ReplicaKey
        if args.primary_key_arn is not None:
            key = aws.kms.ReplicaKey(
                name,
                primary_key_arn=args.primary_key_arn,
                description=description,
                deletion_window_in_days=_DELETION_WINDOW_DAYS,
                policy=policy,
                tags=tags,
                opts=child,
            )
        else:
            key = aws.kms.Key(
                name,
                description=description,
                deletion_window_in_days=_DELETION_WINDOW_DAYS,
                enable_key_rotation=True,
                multi_region=True,
                policy=policy,
                tags=tags,
                opts=child,
            )
        self.arn = key.arn
        alias = aws.kms.Alias(name, name=self.alias, target_key_id=key.key_id, opts=pulumi.ResourceOptions(parent=self))
        self.register_outputs({"arn": self.arn, "alias": alias.name})

    def arn_in(self, region: str) -> pulumi.Output[str]:
        """The ARN of this key's replica: they share an id (KMS developer guide, "How multi-Region keys work")."""
        here = self.account.region
        return self.arn.apply(lambda arn: arn.replace(f":{here}:", f":{region}:"))

    def decrypting(self, service: str = "") -> Grant:
        """Decrypt; `service` ("s3") limits it to calls made through that service."""
        return grant.key_decrypting(self.account, self.alias, service=service)

    def encrypting(self, service: str = "") -> Grant:
        """Encrypt, and decrypt what was just encrypted."""
        return grant.key_encrypting(self.account, self.alias, service=service)


def require_primary_key(account: Account, given: bool) -> None:
    """ValueError unless a primary key is given exactly where the key must be its replica."""
    if account.is_recovery and not given:
        raise ValueError("primary_key_arn: a key in the recovery region is a replica, name the key it replicates")
    if given and not account.is_recovery:
        raise ValueError("primary_key_arn: only a key in the recovery region is a replica")
