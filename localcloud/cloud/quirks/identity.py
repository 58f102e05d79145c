"""Quirks of IAM, KMS and Cognito."""

import json
import uuid
from collections.abc import Callable
from functools import cache
from typing import Any

from moto.cognitoidp.models import CognitoIdpUserPool
from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import AWSManagedPolicy, IAMBackend
from moto.kms import models as kms_models
from moto.kms.models import KmsBackend
from moto.kms.responses import KmsResponse

from localcloud.cloud.quirks.patching import replace


@cache
def _published() -> dict[str, Any]:
    """AWS's own policies by name."""
    known: dict[str, Any] = json.loads(aws_managed_policies_data)
    return known


def know_the_policies_that_aws_publishes() -> None:
    """No policy of AWS's could be attached; moto makes them all in every account (0.2 s each) or none."""

    def knowing(original: Callable[..., Any]) -> Callable[..., Any]:
        def call(self: Any, policy_arn: str, *args: Any, **kwargs: Any) -> Any:
            name = policy_arn.rpartition("/")[2]
            if ":iam::aws:policy/" in policy_arn and policy_arn not in self.managed_policies and name in _published():
                policy = AWSManagedPolicy.from_data(name, self.account_id, self.region_name, _published()[name])
                self.managed_policies[policy.arn] = policy
            return original(self, policy_arn, *args, **kwargs)

        return call

    for operation in ("attach_role_policy", "get_policy", "get_policy_version"):
        replace(IAMBackend, operation, knowing)


def give_key_replicas_their_own_aliases() -> None:
    """A replica key shared its primary's aliases, so that no alias could have the same name in both regions."""

    def separate(original: Callable[..., Any]) -> Callable[..., Any]:
        def replicate_key(self: Any, *args: Any, **kwargs: Any) -> Any:
            replica = original(self, *args, **kwargs)
            replica.aliases = {}
            return replica

        return replicate_key

    replace(KmsBackend, "replicate_key", separate)


def name_multi_region_keys_as_kms_does() -> None:
    """What a multi-region key encrypted could not be decrypted: moto cut its id, longer than KMS's, to 36 characters.

    An id of KMS is `mrk-` and 32 hexadecimal digits (KMS developer guide, "Multi-Region keys in AWS KMS").
    """

    def named(original: Callable[..., str]) -> Callable[..., str]:
        def generate_key_id(multi_region: bool = False) -> str:
            return f"mrk-{uuid.uuid4().hex}" if multi_region else original(multi_region)

        return generate_key_id

    def validating(original: Callable[..., None]) -> Callable[..., None]:
        def validate(self: Any, key_id: str) -> None:
            original(self, f"arn:aws:kms:::key/{key_id}" if key_id.startswith("mrk-") else key_id)

        return validate

    replace(kms_models, "generate_key_id", named)
    replace(KmsResponse, "_validate_cmk_id", validating)


def keep_how_users_are_named() -> None:
    """UpdateUserPool forgot what only CreateUserPool can say, and users could no longer sign in by their address."""
    fixed = ("AliasAttributes", "UsernameAttributes", "UsernameConfiguration")

    def keeping(original: Callable[..., None]) -> Callable[..., None]:
        def update_extended_config(self: Any, extended_config: dict[str, Any]) -> None:
            known = getattr(self, "extended_config", {})
            original(self, {**{name: known[name] for name in fixed if name in known}, **(extended_config or {})})

        return update_extended_config

    replace(CognitoIdpUserPool, "update_extended_config", keeping)
