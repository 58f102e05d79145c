"""Tags, which every service's API takes in its own way."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from localcloud.cloud.materialise import shapes
from localcloud.cloud.materialise.kind import Props


@dataclass(frozen=True)
class Tagging:
    """The three operations of one service's tag API, and what they call their parameters.

    resource  parameter that names the resource
    """

    tag: str = "tag_resource"
    untag: str = "untag_resource"
    list: str = "list_tags_for_resource"
    resource: str = "ResourceArn"
    tags: str = "Tags"
    keys: str = "TagKeys"
    listed: str = "Tags"
    fixed: tuple[tuple[str, str], ...] = ()

    def read(self, client: Any, resource: str) -> dict[str, str]:
        """The tags of `resource` now."""
        answer = getattr(client, self.list)(**{self.resource: resource}, **dict(self.fixed))
        found = shapes.dig(answer, self.listed) or {}
        return found if isinstance(found, dict) else shapes.as_map(found) or {}

    def change(self, client: Any, resource: str, olds: Mapping[str, str], news: Mapping[str, str]) -> None:
        """Replace the tags `olds` by `news`; tags that were in neither stay."""
        address = {self.resource: resource, **dict(self.fixed)}
        added = {key: value for key, value in news.items() if olds.get(key) != value}
        removed = [key for key in olds if key not in news]
        if added:
            operation = getattr(client, self.tag)
            members = _input(client, self.tag)
            operation(**address, **shapes.request(members, {self.tags: added}))
        if removed:
            getattr(client, self.untag)(**address, **{self.keys: removed})


def wanted(inputs: Props) -> dict[str, str]:
    """The tags a resource is to have: its own and, when the plugin knows them, the provider's default tags."""
    return {**(inputs.get("tags") or {}), **(inputs.get("tagsAll") or {})}


def observed(inputs: Props, found: Mapping[str, str]) -> Props:
    """`tags` and `tagsAll` as `found`; default tags count to the latter alone."""
    defaults = set(inputs.get("tagsAll") or {}) - set(inputs.get("tags") or {})
    own = {key: value for key, value in found.items() if key not in defaults}
    observed: Props = {"tags": own} if own or "tags" in inputs else {}
    return observed | ({"tagsAll": dict(found)} if "tagsAll" in inputs else {})


def _input(client: Any, method: str) -> Any:
    return client.meta.service_model.operation_model(client.meta.method_to_api_mapping[method]).input_shape
