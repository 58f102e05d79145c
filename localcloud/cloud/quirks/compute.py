"""Quirks of Lambda, KMS and Cognito."""

from collections.abc import Callable
from typing import Any

from moto.awslambda.models import LambdaFunction
from moto.cognitoidp.models import CognitoIdpUserPool
from moto.kms.models import KmsBackend

from localcloud.cloud.quirks.patching import replace


def accept_layers_of_other_accounts() -> None:
    """A function could not use a layer that somebody else published, as AWS and Powertools do theirs."""

    def owned(original: Callable[..., list[Any]]) -> Callable[..., list[Any]]:
        def layers_data(self: Any, arns: list[str]) -> list[Any]:
            known = {
                layer["Arn"]: layer for arn in arns if _owner(arn) == self.account_id for layer in original(self, [arn])
            }
            return [known.get(arn, {"Arn": arn, "CodeSize": 0}) for arn in arns]

        return layers_data

    replace(LambdaFunction, "_get_layers_data", owned)


def _owner(arn: str) -> str:
    return arn.split(":")[4]


def give_key_replicas_their_own_aliases() -> None:
    """A replica key shared its primary's aliases, so that no alias could have the same name in both regions."""

    def separate(original: Callable[..., Any]) -> Callable[..., Any]:
        def replicate_key(self: Any, *args: Any, **kwargs: Any) -> Any:
            replica = original(self, *args, **kwargs)
            replica.aliases = {}
            return replica

        return replicate_key

    replace(KmsBackend, "replicate_key", separate)


def keep_how_users_are_named() -> None:
    """UpdateUserPool forgot what only CreateUserPool can say, and users could no longer sign in by their address."""
    fixed = ("AliasAttributes", "UsernameAttributes", "UsernameConfiguration")

    def keeping(original: Callable[..., None]) -> Callable[..., None]:
        def update_extended_config(self: Any, extended_config: dict[str, Any]) -> None:
            known = getattr(self, "extended_config", {})
            original(self, {**{name: known[name] for name in fixed if name in known}, **(extended_config or {})})

        return update_extended_config

    replace(CognitoIdpUserPool, "update_extended_config", keeping)
