"""Quirks of Lake Formation."""

from collections.abc import Callable
from typing import Any

from moto.lakeformation.models import LakeFormationBackend, PermissionCatalog

from localcloud.cloud.quirks.patching import replace


def add_lake_formation_tags_to_those_there_are() -> None:
    """AddLFTagsToResource replaced every tag that the resource had."""

    def added(original: Callable[..., list[Any]]) -> Callable[..., list[Any]]:
        def add(self: Any, catalog_id: str, resource: dict[str, Any], tags: list[dict[str, Any]]) -> list[Any]:
            database, table, _ = self.get_resource_lf_tags(catalog_id, resource)
            new = {tag["TagKey"] for tag in tags}
            return original(self, catalog_id, resource, [t for t in database + table if t["TagKey"] not in new] + tags)

        return add

    def none_yet(original: Callable[..., Any]) -> Callable[..., Any]:
        def get(self: Any, catalog_id: str, resource: dict[str, Any]) -> Any:
            try:
                return original(self, catalog_id, resource)
            except KeyError:  # no tag yet
                return [], [], []

        return get

    replace(LakeFormationBackend, "add_lf_tags_to_resource", added)
    replace(LakeFormationBackend, "get_resource_lf_tags", none_yet)


def keep_lake_formation_grants_findable() -> None:
    """A grant that was added to could never be revoked: it was changed inside a set, which kept its old hash."""

    def add_permission(self: Any, permission: Any) -> None:
        for known in [known for known in self.permissions if permission.equal_principal_and_resouce(known)]:
            self.permissions.remove(known)
            permission.merge(known)
        self.permissions.add(permission)

    replace(PermissionCatalog, "add_permission", lambda _: add_permission)
