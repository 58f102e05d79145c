"""Quirks of Lake Formation."""

from collections.abc import Callable, Iterator
from typing import Any

from moto.lakeformation.models import LakeFormationBackend, PermissionCatalog

from localcloud.cloud.quirks.patching import replace


def keep_lake_formation_tags_of_each_resource() -> None:
    """AddLFTagsToResource replaced every tag that the resource had, and columns tagged together shared one list.

    Removing the tags of two such columns, or asking for those of what had none, was an internal error.
    """

    def adding(original: Callable[..., list[Any]]) -> Callable[..., list[Any]]:
        def add(self: Any, catalog_id: str, resource: dict[str, Any], tags: list[dict[str, Any]]) -> list[Any]:
            failures = original(self, catalog_id, {}, tags)  # on no resource: whether the tags exist
            for known, bearer in () if failures else _bearers(self, resource):
                known[bearer] = _without(known.get(bearer, []), tags) + [dict(tag) for tag in tags]
            return failures

        return add

    def remove(self: Any, catalog_id: str, resource: dict[str, Any], tags: list[dict[str, Any]]) -> None:
        for known, bearer in _bearers(self, resource):
            known[bearer] = _without(known.get(bearer, []), tags)

    def none_yet(original: Callable[..., Any]) -> Callable[..., Any]:
        def get(self: Any, catalog_id: str, resource: dict[str, Any]) -> Any:
            for known, bearer in _bearers(self, resource):
                known.setdefault(bearer, [])
            return original(self, catalog_id, resource)

        return get

    replace(LakeFormationBackend, "add_lf_tags_to_resource", adding)
    replace(LakeFormationBackend, "remove_lf_tags_from_resource", lambda _: remove)
    replace(LakeFormationBackend, "get_resource_lf_tags", none_yet)


def _bearers(backend: Any, resource: dict[str, Any]) -> Iterator[tuple[dict[Any, Any], tuple[str, ...]]]:
    """Where moto keeps the tags of `resource`: a dictionary and the key in it, of each column its own."""
    for kind, known in (
        ("Database", backend.lf_database_tags),
        ("Table", backend.lf_table_tags),
        ("TableWithColumns", backend.lf_columns_tags),
    ):
        if kind in resource:
            named = {"CatalogId": backend.account_id, **resource[kind]}
            place = tuple(named[part] for part in ("CatalogId", "DatabaseName", "Name") if part in named)
            for column in named.get("ColumnNames", [None]):
                yield known, (*place, column) if column else place


def _without(tags: list[dict[str, Any]], others: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [tag for tag in tags if tag["TagKey"] not in {other["TagKey"] for other in others}]


def keep_lake_formation_grants_findable() -> None:
    """A grant that was added to could never be revoked: it was changed inside a set, which kept its old hash."""

    def add_permission(self: Any, permission: Any) -> None:
        for known in [known for known in self.permissions if permission.equal_principal_and_resouce(known)]:
            self.permissions.remove(known)
            permission.merge(known)
        self.permissions.add(permission)

    replace(PermissionCatalog, "add_permission", lambda _: add_permission)
