"""Which resources the aws plugin really creates in the local cloud, and where the local cloud is.

The kinds and their clients are imported when the first of them is needed: a preview needs none.
"""

import os
from collections.abc import Mapping
from typing import Any, Protocol

from localcloud.engine.values import Props
from localcloud.plugins.errors import RefusedError

ENDPOINT = "LOCALCLOUD_ENDPOINT"
"""The environment variable that holds the local cloud's address, or `none`."""

NOWHERE = "none"


class NoCloudError(RefusedError):
    """A resource is to be created in the local cloud, and there is no saying where that is."""


class Kind(Protocol):
    """How resources of one type are kept in the local cloud; see `localcloud.cloud.materialise.kind`."""

    def create(self, target: Any, inputs: Props, /) -> tuple[str, Props]: ...
    def read(self, target: Any, physical_id: str, inputs: Props, /) -> Props | None: ...
    def update(self, target: Any, physical_id: str, olds: Props, news: Props, /) -> Props: ...
    def delete(self, target: Any, physical_id: str, inputs: Props, /) -> None: ...


class LocalCloud(Protocol):
    """Where materialised resources live."""

    def kind(self, token: str) -> Kind | None:
        """How resources of this type are created; None when they live in state alone."""
        ...

    def target(self, account: str, region: str) -> Any:
        """The place in the local cloud that kinds are told to work in."""
        ...


class Daemon:
    """The local cloud that the environment names; with `none`, every resource lives in state alone."""

    def kind(self, token: str) -> Kind | None:
        if os.environ.get(ENDPOINT) == NOWHERE:
            return None
        from localcloud.cloud.materialise import KINDS

        kinds: Mapping[str, Kind] = KINDS
        return kinds.get(token)

    def target(self, account: str, region: str) -> Any:
        endpoint = os.environ.get(ENDPOINT)
        if not endpoint:
            raise NoCloudError(
                f"{ENDPOINT} does not say where the local cloud is: deploy with `python -m localcloud up`, "
                f"or set it to '{NOWHERE}' to keep every resource in state alone"
            )
        from localcloud.cloud.target import Target

        return Target(endpoint, account, region)
