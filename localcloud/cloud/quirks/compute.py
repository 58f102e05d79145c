"""Quirks of Lambda."""

from collections.abc import Callable
from typing import Any

from moto.awslambda.models import LambdaFunction

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
