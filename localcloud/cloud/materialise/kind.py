"""What the aws plugin asks of each resource type that is really created in the local cloud."""

from typing import Any, Protocol

from localcloud.cloud.target import Target

Props = dict[str, Any]
"""Properties as Pulumi sends them: camelCase names, plain values, secrets unwrapped, assets and archives as dicts."""


DISCARD = "LOCALCLOUD_DISCARD"
"""Set in the environment while the whole local cloud is taken down: its data is to go, production or not."""


class Kind(Protocol):
    """One resource type.

    botocore's ClientError, which carries the service's own refusal, passes through every method.
    """

    def create(self, target: Target, inputs: Props) -> tuple[str, Props]:
        """Create it: its id in the form the real provider gives it, and what AWS says of it (arn, …)."""
        ...

    def read(self, target: Target, physical_id: str, inputs: Props) -> Props | None:
        """What AWS has now for those of `inputs` that can be seen, None for what it no longer has; None when gone."""
        ...

    def update(self, target: Target, physical_id: str, olds: Props, news: Props) -> Props:
        """Change it from `olds` to `news`: what AWS says of it afterwards."""
        ...

    def delete(self, target: Target, physical_id: str, inputs: Props) -> None:
        """Delete it; that it is gone already is success."""
        ...
