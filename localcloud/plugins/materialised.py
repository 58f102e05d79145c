"""Which resources the aws plugin really creates in the local cloud, and where the local cloud is.

The kinds and their clients are imported when the first of them is needed: a preview needs none.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Protocol

from localcloud.plugins.errors import RefusedError

if TYPE_CHECKING:
    from localcloud.cloud.materialise.kind import Kind
    from localcloud.cloud.target import Target

ENDPOINT = "LOCALCLOUD_ENDPOINT"
"""The environment variable that holds the local cloud's address, or `none`."""

NOWHERE = "none"


class NoCloudError(RefusedError):
    """A resource is to be created in the local cloud, and there is no saying where that is."""


class LocalCloud(Protocol):
    """Where materialised resources live."""

    def kind(self, token: str) -> Kind | None:
        """How resources of this type are created; None when they live in state alone."""
        ...

    def target(self, account: str, region: str) -> Target:
        """The place in the local cloud that kinds are told to work in."""
        ...


class Daemon:
    """The local cloud that the environment names; with `none`, every resource lives in state alone."""

    def kind(self, token: str) -> Kind | None:
        if os.environ.get(ENDPOINT) == NOWHERE:
            return None
        from localcloud.cloud.materialise import KINDS

        return KINDS.get(token)

    def target(self, account: str, region: str) -> Target:
        endpoint = os.environ.get(ENDPOINT)
        if not endpoint:
            raise NoCloudError(
                f"{ENDPOINT} does not say where the local cloud is: deploy with `python -m localcloud up`, "
                f"or set it to '{NOWHERE}' to keep every resource in state alone"
            )
        from localcloud.cloud.target import Target

        return Target(endpoint, account, region)
