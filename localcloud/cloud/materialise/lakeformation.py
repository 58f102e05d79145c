"""Lake Formation: settings, registered locations, LF-Tags and permissions; kept and listed, enforced by nobody."""

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from localcloud.cloud.materialise import shapes
from localcloud.cloud.materialise.kind import Props
from localcloud.cloud.materialise.resource import Resource, Setting, gone_is_fine
from localcloud.cloud.materialise.shapes import Layout
from localcloud.cloud.target import Target


def number(*parts: Any) -> str:
    """A number as the provider makes ids of: the hash of what the resource is."""
    return str(zlib.crc32(json.dumps(parts, sort_keys=True).encode()))


@dataclass(frozen=True, kw_only=True)
class Settings(Setting):
    """The settings of an account's data lake. Deleting them puts them back to empty."""

    def arrange(self, inputs: Props) -> Props:
        arranged = {**inputs, "catalogId": inputs.get("catalogId")}
        for name in ("admins", "readOnlyAdmins", "externalDataFilteringAllowLists"):
            if name in inputs:
                arranged[name] = [{"dataLakePrincipalIdentifier": principal} for principal in inputs[name]]
        for name in ("createDatabaseDefaultPermissions", "createTableDefaultPermissions"):
            if name in inputs:
                arranged[name] = [
                    {**entry, "principal": {"dataLakePrincipalIdentifier": entry["principal"]}}
                    for entry in inputs[name]
                ]
        return arranged

    def identify(self, target: Target, inputs: Props, answer: Any) -> str:
        return number(inputs.get("catalogId") or target.account)

    def present(self, inputs: Props, description: Any, shape: Any) -> Props:
        observed: Props = super().present(self.arrange(inputs), description, shape)
        for name in ("admins", "readOnlyAdmins", "externalDataFilteringAllowLists"):
            if name in inputs:
                principals = [entry["dataLakePrincipalIdentifier"] for entry in map(_camel, observed[name] or ())]
                observed[name] = shapes.same_set(inputs[name], principals)
        for name in ("createDatabaseDefaultPermissions", "createTableDefaultPermissions"):
            if name in inputs:
                observed[name] = [
                    {**entry, "principal": _camel(entry["principal"])["dataLakePrincipalIdentifier"]}
                    for entry in map(_camel, observed[name] or ())
                ]
        return {name: observed[name] for name in inputs}

    def describe(self, target: Target, physical_id: str, inputs: Props) -> Any:
        asked = {"CatalogId": inputs["catalogId"]} if inputs.get("catalogId") else {}
        found = target.client("lakeformation").get_data_lake_settings(**asked)["DataLakeSettings"]
        return found or None


def _camel(value: Any) -> Any:
    return {name[0].lower() + name[1:]: item for name, item in value.items()} if isinstance(value, Mapping) else value


SETTINGS = Settings(
    service="lakeformation",
    create_by="put_data_lake_settings",
    read_by="get_data_lake_settings",
    delete_by="put_data_lake_settings",
    delete_with={"DataLakeSettings": {}},
    address={},
    identity="",
    layout=Layout(
        renames={
            "admins": "DataLakeAdmins",
            "readOnlyAdmins": "ReadOnlyAdmins",
            "authorizedSessionTagValueLists": "AuthorizedSessionTagValueList",
            "externalDataFilteringAllowLists": "ExternalDataFilteringAllowList",
        },
        nest={
            "DataLakeSettings": (
                "admins",
                "readOnlyAdmins",
                "createDatabaseDefaultPermissions",
                "createTableDefaultPermissions",
                "parameters",
                "trustedResourceOwners",
                "allowExternalDataFiltering",
                "allowFullTableExternalDataAccess",
                "authorizedSessionTagValueLists",
                "externalDataFilteringAllowLists",
            )
        },
        blind=frozenset({"catalogId"}),
    ),
)

LOCATION = Resource(
    service="lakeformation",
    create_by="register_resource",
    read_by="describe_resource",
    update_by=("update_resource",),
    delete_by="deregister_resource",
    at="ResourceInfo",
    address={"ResourceArn": "{id}"},
    identity="{arn}",
    arn="{id}",
    layout=Layout(
        renames={"arn": "ResourceArn"},
        blind=frozenset({"hybridAccessEnabled", "useServiceLinkedRole", "withFederation", "withPrivilegedAccess"}),
    ),
)


@dataclass(frozen=True, kw_only=True)
class Tag(Resource):
    """An LF-Tag: a key and the values it may have."""

    def fill(self, template: str, target: Target, physical_id: str, inputs: Props) -> str:
        catalog = inputs.get("catalogId") or target.account
        return super().fill(template, target, physical_id, {**inputs, "catalogId": catalog})

    def update(self, target: Target, physical_id: str, olds: Props, news: Props) -> Props:
        before, after = olds["values"], news["values"]
        changed = {
            "TagValuesToAdd": [value for value in after if value not in before],
            "TagValuesToDelete": [value for value in before if value not in after],
        }
        asked = {name: values for name, values in changed.items() if values}
        if asked:
            names = self.names(target, "update_lf_tag", physical_id, news)
            target.client("lakeformation").update_lf_tag(**names, **asked)
        return {}

    def describe(self, target: Target, physical_id: str, inputs: Props) -> Any:
        found = super().describe(target, physical_id, inputs)
        return found if found and found["TagValues"] else None


TAG = Tag(
    service="lakeformation",
    create_by="create_lf_tag",
    read_by="get_lf_tag",
    delete_by="delete_lf_tag",
    address={"CatalogId": "{catalogId}", "TagKey": "{key}"},
    identity="{catalogId}:{key}",
    layout=Layout(renames={"key": "TagKey", "values": "TagValues"}),
)

RESOURCES = ("database", "table", "tableWithColumns", "dataLocation", "dataCellsFilter", "lfTag", "lfTagPolicy")
"""Properties of which one says what is tagged or permitted; together they are the API's `Resource`."""

GRANT_OPTIONS = "permissionsWithGrantOptions"

TAGGABLE = RESOURCES[:3]
"""What can bear LF-Tags."""

LAYOUT = Layout(
    renames={
        "arn": "ResourceArn",
        "wildcard": "TableWildcard",
        "lfTagPolicy": "LFTagPolicy",
        "expressions": "Expression",
        "lfTag": "LFTag",
        "key": "TagKey",
        "values": "TagValues",
        "permissionsWithGrantOptions": "PermissionsWithGrantOption",
    },
    nest={"Resource": RESOURCES},
)


def resource(client: Any, inputs: Props, names: tuple[str, ...] = RESOURCES) -> dict[str, Any]:
    """The API's `Resource` among those inputs that `names` holds."""
    named = {name: _wildcard(inputs[name]) for name in names if inputs.get(name)}
    found: dict[str, Any] = shapes.request(Resource.input(client, "grant_permissions"), named, LAYOUT)["Resource"]
    return found


def _wildcard(value: Any) -> Any:
    """`wildcard: true` and excluded columns are structures to the API."""
    if not isinstance(value, Mapping):
        return value
    made = dict(value)
    if (
        "databaseName" in value
        and "columnNames" not in value
        and ("wildcard" in value or "excludedColumnNames" in value)
    ):
        wildcard = made.pop("wildcard", None)
        excluded = made.pop("excludedColumnNames", None)
        if excluded is not None:
            made["columnWildcard"] = {"excludedColumnNames": excluded}
        elif wildcard:
            made["columnWildcard" if "name" in value else "wildcard"] = {}
    return made


@dataclass(frozen=True)
class ResourceTags:
    """The LF-Tags of a database, table or columns; `tags` is the property that holds one or several."""

    tags: str

    def create(self, target: Target, inputs: Props) -> tuple[str, Props]:
        self.add(target, inputs)
        return number(target.account, inputs), {}

    def update(self, target: Target, physical_id: str, olds: Props, news: Props) -> Props:
        self.delete(target, physical_id, olds)
        self.add(target, news)
        return {}

    def add(self, target: Target, inputs: Props) -> None:
        """Give the resource its tags; Lake Formation tells failures in its answer."""
        client = target.client("lakeformation")
        answer = client.add_lf_tags_to_resource(
            **_catalog(inputs), Resource=resource(client, inputs, TAGGABLE), LFTags=self.pairs(inputs)
        )
        if answer.get("Failures"):
            raise ValueError(f"AddLFTagsToResource: {answer['Failures']}")

    def read(self, target: Target, physical_id: str, inputs: Props) -> Props | None:
        client = target.client("lakeformation")
        with gone_is_fine():
            answer = client.get_resource_lf_tags(**_catalog(inputs), Resource=resource(client, inputs, TAGGABLE))
            columns = [tag for column in answer.get("LFTagsOnColumns", ()) for tag in column["LFTags"]]
            found = [*answer.get("LFTagOnDatabase", ()), *answer.get("LFTagsOnTable", ()), *columns]
            has = {tag["TagKey"]: tag["TagValues"][0] for tag in found}
            wanted = _listed(inputs[self.tags])
            seen = [{**tag, "value": has[tag["key"]]} for tag in wanted if tag["key"] in has]
            if seen:
                return {**inputs, self.tags: seen if isinstance(inputs[self.tags], list) else seen[0]}
        return None

    def delete(self, target: Target, physical_id: str, inputs: Props) -> None:
        client = target.client("lakeformation")
        seen = self.read(target, physical_id, inputs)  # with the values that are there, which must be named
        if seen is not None:
            client.remove_lf_tags_from_resource(
                **_catalog(inputs), Resource=resource(client, inputs, TAGGABLE), LFTags=self.pairs(seen)
            )

    def pairs(self, inputs: Props) -> list[dict[str, Any]]:
        """The API's `LFTags`."""
        return [
            {"TagKey": tag["key"], "TagValues": [tag["value"]]}
            | ({"CatalogId": tag["catalogId"]} if tag.get("catalogId") else {})
            for tag in _listed(inputs[self.tags])
        ]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _catalog(inputs: Props) -> dict[str, str]:
    return {"CatalogId": inputs["catalogId"]} if inputs.get("catalogId") else {}


class Permissions:
    """What a principal may do with a resource. A change revokes and grants again."""

    def create(self, target: Target, inputs: Props) -> tuple[str, Props]:
        target.client("lakeformation").grant_permissions(**self.parameters(target, inputs))
        return number(target.account, inputs), {}

    def update(self, target: Target, physical_id: str, olds: Props, news: Props) -> Props:
        self.delete(target, physical_id, olds)
        self.create(target, news)
        return {}

    def read(self, target: Target, physical_id: str, inputs: Props) -> Props | None:
        wanted = self.parameters(target, inputs)
        answer = target.client("lakeformation").list_permissions(**_catalog(inputs))
        for found in answer["PrincipalResourcePermissions"]:
            if found["Principal"] == wanted["Principal"] and found["Resource"] == wanted["Resource"]:
                observed = {
                    "permissions": shapes.same_set(inputs["permissions"], found["Permissions"]),
                    GRANT_OPTIONS: shapes.same_set(
                        inputs.get(GRANT_OPTIONS) or [], found["PermissionsWithGrantOption"]
                    ),
                }
                return {**inputs, **{name: value for name, value in observed.items() if name in inputs}}
        return None

    def delete(self, target: Target, physical_id: str, inputs: Props) -> None:
        with gone_is_fine():
            target.client("lakeformation").revoke_permissions(**self.parameters(target, inputs))

    def parameters(self, target: Target, inputs: Props) -> dict[str, Any]:
        """The parameters of a grant or a revocation."""
        client = target.client("lakeformation")
        return {
            **_catalog(inputs),
            "Principal": {"DataLakePrincipalIdentifier": inputs["principal"]},
            "Resource": resource(client, inputs),
            "Permissions": inputs["permissions"],
            "PermissionsWithGrantOption": inputs.get(GRANT_OPTIONS) or [],
        }


RESOURCE_TAGS = ResourceTags("lfTags")
RESOURCE_TAG = ResourceTags("lfTag")
PERMISSIONS = Permissions()
