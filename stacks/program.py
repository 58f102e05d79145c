"""The Pulumi program: the settings of the selected stack decide which blueprint is built."""

from __future__ import annotations

from collections.abc import Callable

import pulumi
from pulumi.runtime import get_config_env

from components.contracts import ContractError
from stacks import domain, governance
from stacks.documents import DocumentError
from stacks.organisation import Kind, load_organisation
from stacks.settings import StackSettings, decode_config, settings_from

Blueprint = Callable[[StackSettings], None]
BLUEPRINTS: dict[tuple[Kind, bool], Blueprint] = {
    (Kind.GOVERNANCE, False): governance.build,
    (Kind.GOVERNANCE, True): governance.build_recovery,
    (Kind.DOMAIN, False): domain.build,
    (Kind.DOMAIN, True): domain.build_recovery,
}
"""By kind of account, and whether the stack is a pilot light."""


def deploy() -> None:
    """Build the selected stack.

    Raises:
        pulumi.RunError: a stack file, the organisation or a product's file is wrong. Nothing was registered then.
    """
    try:
        settings = settings_from(pulumi.get_stack(), decode_config(get_config_env()), load_organisation())
        BLUEPRINTS[settings.entry.kind, settings.recovery](settings)
    except (DocumentError, ContractError) as error:
        raise pulumi.RunError(str(error)) from None
