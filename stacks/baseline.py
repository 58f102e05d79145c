"""What every account's stack begins with: its provider, permissions boundary, keys, log bucket and alarms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi.runtime import register_stack_transformation

from components.foundation.account import Account
from components.foundation.alarms import AlarmTopics, AlarmTopicsArgs
from components.foundation.boundary import BoundaryPolicy, BoundaryPolicyArgs
from components.foundation.classification import Classification
from components.foundation.keys import Key, KeyArgs
from components.foundation.log_buckets import LogArchive, LogArchiveArgs, LogBucket, LogBucketArgs
from components.foundation.provider import account_provider
from stacks.exports import AccountExports, read
from stacks.settings import StackSettings

OPERATIONS = Classification.INTERNAL
"""The classification of what an account says about itself: logs, alarms, events, metadata."""


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """The start of an account's stack."""

    account: Account
    options: pulumi.ResourceOptions
    """For every component of the stack: the account's one provider."""
    keys: Mapping[Classification, Key]
    log_bucket: LogBucket
    primary: pulumi.Output[AccountExports] | None
    """What the primary exports, in its pilot light."""

    @property
    def operations_key(self) -> Key:
        """The key of logs, alarms, events and metadata."""
        return self.keys[OPERATIONS]

    def primary_stores(self) -> pulumi.Output[dict[str, dict[str, str]]]:
        """What a pilot light stands in for: the primary's buckets and tables by purpose."""
        assert self.primary is not None, "only a pilot light has a primary"
        return self.primary.apply(lambda exports: {"buckets": exports.buckets, "tables": exports.tables})

    def key_arns(self) -> dict[str, pulumi.Output[str]]:
        """The keys as stacks export them."""
        return {classification.value: key.arn for classification, key in self.keys.items()}


def account_of(settings: StackSettings) -> Account:
    """The account that a stack deploys, as components know it."""
    organisation, entry = settings.organisation, settings.entry
    hub_name, hub = organisation.hub
    return Account(
        organisation=organisation.name,
        organisation_id=organisation.id,
        name=settings.file.account,
        environment=settings.file.environment.value,
        account_id=settings.account_id,
        region=settings.region,
        primary_region=organisation.regions.primary,
        recovery_region=organisation.regions.recovery,
        hub_account_id=hub.ids[settings.file.environment],
        hub_name=hub_name,
        owner=entry.owner,
        cost_centre=entry.cost_centre,
        business_unit=entry.business_unit,
    )


def lay(settings: StackSettings, classifications: set[Classification], readers: tuple[str, ...] = ()) -> Baseline:
    """Build the start of a stack.

    Args:
        settings: the stack's.
        classifications: of the data that the account holds; each gets a key, beside the one for operations.
        readers: roles elsewhere in the organisation that may decrypt data (not operations).
    """
    account = account_of(settings)
    options = pulumi.ResourceOptions(providers=[account_provider(account)])
    if not account.is_recovery:
        boundary = BoundaryPolicy("boundary", BoundaryPolicyArgs(account=account), options)
        _wait("aws:iam/role:Role", boundary.resource)
    wanted = sorted(classifications | {OPERATIONS})
    primary = read(settings.primary_stack, AccountExports) if account.is_recovery else None
    keys = {each: _key(each, account, primary, () if each is OPERATIONS else readers, options) for each in wanted}
    if account.is_hub:
        sources = sorted(settings.organisation.ids(account.environment).values())
        archive = LogArchive("log-archive", LogArchiveArgs(account=account, source_accounts=sources), options)
        _wait("aws:s3/bucketReplicationConfig:BucketReplicationConfig", archive)
    logs = LogBucket("logs", LogBucketArgs(account=account), options)
    _wait("aws:s3/bucketLogging:BucketLogging", logs)
    AlarmTopics("alarms", AlarmTopicsArgs(account=account, key=keys[OPERATIONS]), options)
    return Baseline(account=account, options=options, keys=keys, log_bucket=logs, primary=primary)


def _key(
    classification: Classification,
    account: Account,
    primary: pulumi.Output[AccountExports] | None,
    readers: tuple[str, ...],
    options: pulumi.ResourceOptions,
) -> Key:
    arn = primary.apply(lambda exports: exports.keys[classification.value]) if primary is not None else None
    return Key(
        classification.value,
        KeyArgs(account=account, classification=classification, primary_key_arn=arn, reader_arns=readers),
        options,
    )


def _wait(resource_type: str, needed: pulumi.Resource) -> None:
    """Let every later resource of a type wait for one that it names by ARN.

    Policies are known at preview because ARNs are computed, so the engine sees no dependency in them; AWS refuses what
    names something that is not there yet.
    """

    def transformation(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
        if args.type_ != resource_type:
            return None
        waiting = pulumi.ResourceOptions(depends_on=[needed])
        props: Any = args.props
        return pulumi.ResourceTransformationResult(props, pulumi.ResourceOptions.merge(args.opts, waiting))

    register_stack_transformation(transformation)
