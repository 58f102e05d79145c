"""Glue: the catalogue's databases and tables, schema registries and schemas.

A catalogue may be another account's (`catalogId`): the call goes there, as on AWS.
"""

from dataclasses import dataclass
from typing import Any

from localcloud.cloud.materialise import shapes
from localcloud.cloud.materialise.kind import Props
from localcloud.cloud.materialise.resource import Resource
from localcloud.cloud.materialise.shapes import Layout
from localcloud.cloud.materialise.tagging import Tagging
from localcloud.cloud.target import Target

TAGS = Tagging(list="get_tags", tags="TagsToAdd", keys="TagsToRemove")


@dataclass(frozen=True, kw_only=True)
class InCatalog(Resource):
    """Something in a catalogue; ids begin with the catalogue's, which is the account's own unless told otherwise."""

    def arrange(self, inputs: Props) -> Props:
        return {**inputs, "tags": None}

    def fill(self, template: str, target: Target, physical_id: str, inputs: Props) -> str:
        catalog = inputs.get("catalogId") or target.account
        return super().fill(template, target, physical_id, {**inputs, "catalogId": catalog})

    def update(self, target: Target, physical_id: str, olds: Props, news: Props) -> Props:
        """Glue replaces the whole input, and knows the resource by its name."""
        self.call(
            target.client("glue"),
            self.update_by[0],
            news,
            self.names(target, self.update_by[0], physical_id, news),
        )
        self.retag(target, physical_id, olds, news)
        return self.outputs(target, physical_id, news)


DATABASE = InCatalog(
    service="glue",
    create_by="create_database",
    read_by="get_database",
    update_by=("update_database",),
    delete_by="delete_database",
    at="Database",
    address={"CatalogId": "{catalogId}", "Name": "{name}"},
    identity="{catalogId}:{name}",
    arn="arn:{partition}:glue:{region}:{catalogId}:database/{name}",
    layout=Layout(
        nest={
            "DatabaseInput": (
                "name",
                "description",
                "locationUri",
                "parameters",
                "targetDatabase",
                "createTableDefaultPermissions",
            )
        },
    ),
    tags=TAGS,
)

TABLE = InCatalog(
    service="glue",
    create_by="create_table",
    read_by="get_table",
    update_by=("update_table",),
    delete_by="delete_table",
    at="Table",
    address={"CatalogId": "{catalogId}", "DatabaseName": "{databaseName}", "Name": "{name}"},
    identity="{catalogId}:{databaseName}:{name}",
    arn="arn:{partition}:glue:{region}:{catalogId}:table/{databaseName}/{name}",
    layout=Layout(
        nest={
            "TableInput": (
                "name",
                "description",
                "owner",
                "parameters",
                "partitionKeys",
                "retention",
                "storageDescriptor",
                "tableType",
                "targetTable",
                "viewExpandedText",
                "viewOriginalText",
            )
        },
        blind=frozenset({"partitionIndices"}),
    ),
)


@dataclass(frozen=True, kw_only=True)
class Registry(Resource):
    """A schema registry; its id is its ARN."""

    def names(self, target: Target, operation: str, physical_id: str, inputs: Props) -> dict[str, Any]:
        return {"RegistryId": {"RegistryName": physical_id.rpartition("/")[2]}}


REGISTRY = Registry(
    service="glue",
    create_by="create_registry",
    read_by="get_registry",
    update_by=("update_registry",),
    delete_by="delete_registry",
    address={},
    identity=":RegistryArn",
    arn="{id}",
    tags=TAGS,
    tagged_at_birth=False,
)


@dataclass(frozen=True, kw_only=True)
class Schema(Resource):
    """A schema; a new definition registers a version. Its id is its ARN, which holds the registry's name too."""

    def arrange(self, inputs: Props) -> Props:
        registry = inputs.get("registryArn")
        return {**inputs, "registryId": {"registryName": registry.rpartition("/")[2]} if registry else None}

    def names(self, target: Target, operation: str, physical_id: str, inputs: Props) -> dict[str, Any]:
        registry, name = physical_id.split("/")[1:]
        return {"SchemaId": {"RegistryName": registry, "SchemaName": name}}

    def update(self, target: Target, physical_id: str, olds: Props, news: Props) -> Props:
        client = target.client("glue")
        named = self.names(target, "", physical_id, news)
        if news.get("compatibility") != olds.get("compatibility"):
            client.update_schema(
                **named, Compatibility=news["compatibility"], SchemaVersionNumber={"LatestVersion": True}
            )
        if shapes.parsed(news["schemaDefinition"]) != shapes.parsed(olds["schemaDefinition"]):
            client.register_schema_version(**named, SchemaDefinition=shapes.text(news["schemaDefinition"]))
        self.retag(target, physical_id, olds, news)
        return self.outputs(target, physical_id, news)

    def describe(self, target: Target, physical_id: str, inputs: Props) -> Any:
        found = super().describe(target, physical_id, inputs)
        if found is None:
            return None
        version = target.client("glue").get_schema_version(
            **self.names(target, "", physical_id, inputs), SchemaVersionNumber={"LatestVersion": True}
        )
        return {**found, "SchemaDefinition": version["SchemaDefinition"]}


SCHEMA = Schema(
    service="glue",
    create_by="create_schema",
    read_by="get_schema",
    delete_by="delete_schema",
    address={},
    identity=":SchemaArn",
    arn="{id}",
    reports={
        "registryName": "RegistryName",
        "latestSchemaVersion": "LatestSchemaVersion",
        "nextSchemaVersion": "NextSchemaVersion",
        "schemaCheckpoint": "SchemaCheckpoint",
    },
    tags=TAGS,
    tagged_at_birth=False,
)
