"""DynamoDB tables. moto keeps no replicas: those of a global table live in the engine's state alone."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from localcloud.cloud.materialise import shapes
from localcloud.cloud.materialise.kind import DISCARD, Props
from localcloud.cloud.materialise.resource import Resource, gone_is_fine
from localcloud.cloud.materialise.shapes import Layout
from localcloud.cloud.materialise.tagging import Tagging
from localcloud.cloud.target import Target

STREAM = ("streamEnabled", "streamViewType")
CAPACITY = ("readCapacity", "writeCapacity")


def _throughput(props: Props) -> Props | None:
    """Provisioned capacity; there is none when it is paid by the request."""
    if not props.get("readCapacity"):
        return None
    return {"readCapacityUnits": props["readCapacity"], "writeCapacityUnits": props["writeCapacity"]}


def _key_schema(props: Props) -> list[Props]:
    keys = ((props.get("hashKey"), "HASH"), (props.get("rangeKey"), "RANGE"))
    single = [{"attributeName": name, "keyType": kind} for name, kind in keys if name]
    return props.get("keySchemas") or single


def index(props: Props, table: Props) -> Props:
    """An index as the API has it; a local one shares the table's hash key."""
    return {
        "indexName": props["name"],
        "keySchema": _key_schema(props if "hashKey" in props or "keySchemas" in props else {**table, **props}),
        "projection": {
            "projectionType": props["projectionType"],
            "nonKeyAttributes": props.get("nonKeyAttributes") or None,
        },
        "provisionedThroughput": _throughput(props),
    }


def _index_seen(like: Props, found: Props) -> Props:
    """An index as the stack has it."""
    keys = {entry["KeyType"]: entry["AttributeName"] for entry in found["KeySchema"]}
    non_key = shapes.dig(found, "Projection.NonKeyAttributes") or []
    seen: Props = {
        "name": found["IndexName"],
        "hashKey": keys.get("HASH"),
        "rangeKey": keys.get("RANGE"),
        "projectionType": shapes.dig(found, "Projection.ProjectionType"),
        "nonKeyAttributes": shapes.same_set(like.get("nonKeyAttributes") or [], non_key),
        "readCapacity": shapes.dig(found, "ProvisionedThroughput.ReadCapacityUnits") or None,
        "writeCapacity": shapes.dig(found, "ProvisionedThroughput.WriteCapacityUnits") or None,
    }
    return {name: seen.get(name, value) for name, value in like.items()}


@dataclass(frozen=True, kw_only=True)
class Table(Resource):
    """A table with its indexes, stream, time to live and point-in-time recovery."""

    def arrange(self, inputs: Props) -> Props:
        stream = {"streamEnabled": True, "streamViewType": inputs.get("streamViewType")}
        encryption = inputs.get("serverSideEncryption") or {}
        return {
            **{name: value for name, value in inputs.items() if name not in ("ttl", "pointInTimeRecovery", *STREAM)},
            "attributeDefinitions": [
                {"attributeName": attribute["name"], "attributeType": attribute["type"]}
                for attribute in inputs["attributes"]
            ],
            "keySchema": _key_schema(inputs),
            "provisionedThroughput": _throughput(inputs),
            "streamSpecification": stream if inputs.get("streamEnabled") else None,
            "sseSpecification": encryption_of(encryption) if encryption.get("enabled") else None,
            **{
                name: [index(entry, inputs) for entry in inputs[name]]
                for name in ("globalSecondaryIndexes", "localSecondaryIndexes")
                if inputs.get(name)
            },
        }

    def update(self, target: Target, physical_id: str, olds: Props, news: Props) -> Props:
        client = target.client("dynamodb")
        for change in changes(olds, news):
            if "GlobalSecondaryIndexUpdates" in change:
                change |= {"AttributeDefinitions": self.attribute_definitions(client, news)}
            client.update_table(TableName=physical_id, **change)
        return super().update(target, physical_id, olds, news)

    def attribute_definitions(self, client: Any, inputs: Props) -> Any:
        """The API's attribute definitions of a table."""
        return shapes.request(self.input(client, "create_table"), self.arrange(inputs))["AttributeDefinitions"]

    def settle(self, target: Target, physical_id: str, olds: Props, news: Props) -> None:
        """Time to live and point-in-time recovery."""
        client = target.client("dynamodb")
        before, after = (props.get("ttl") or {} for props in (olds, news))
        if after.get("enabled") and after != before:
            specification = {"Enabled": True, "AttributeName": after["attributeName"]}
            client.update_time_to_live(TableName=physical_id, TimeToLiveSpecification=specification)
        elif before.get("enabled") and not after.get("enabled"):
            specification = {"Enabled": False, "AttributeName": before["attributeName"]}
            client.update_time_to_live(TableName=physical_id, TimeToLiveSpecification=specification)
        was, wanted = (bool((props.get("pointInTimeRecovery") or {}).get("enabled")) for props in (olds, news))
        if was != wanted:
            specification = {"PointInTimeRecoveryEnabled": wanted}
            client.update_continuous_backups(TableName=physical_id, PointInTimeRecoverySpecification=specification)

    def delete(self, target: Target, physical_id: str, inputs: Props) -> None:
        if inputs.get("deletionProtectionEnabled") and os.environ.get(DISCARD):
            with gone_is_fine():
                target.client("dynamodb").update_table(TableName=physical_id, DeletionProtectionEnabled=False)
        super().delete(target, physical_id, inputs)

    def describe(self, target: Target, physical_id: str, inputs: Props) -> Any:
        client = target.client("dynamodb")
        found = super().describe(target, physical_id, inputs)
        with gone_is_fine():
            ttl = client.describe_time_to_live(TableName=physical_id)["TimeToLiveDescription"]
            backups = client.describe_continuous_backups(TableName=physical_id)["ContinuousBackupsDescription"]
            return found and {**found, "Ttl": ttl, "Backups": backups}
        return None

    def present(self, inputs: Props, description: Any, shape: Any) -> Props:
        keys = {entry["KeyType"]: entry["AttributeName"] for entry in description["KeySchema"]}
        stream = description.get("StreamSpecification") or {}
        types = {entry["AttributeName"]: entry["AttributeType"] for entry in description["AttributeDefinitions"]}
        ttl = description["Ttl"]
        recovery = "Backups.PointInTimeRecoveryDescription.PointInTimeRecoveryStatus"
        seen: Props = {
            "name": description["TableName"],
            "hashKey": keys.get("HASH"),
            "rangeKey": keys.get("RANGE"),
            "attributes": [{"name": name, "type": kind} for name, kind in types.items()],
            "billingMode": shapes.dig(description, "BillingModeSummary.BillingMode") or "PROVISIONED",
            "readCapacity": shapes.dig(description, "ProvisionedThroughput.ReadCapacityUnits") or None,
            "writeCapacity": shapes.dig(description, "ProvisionedThroughput.WriteCapacityUnits") or None,
            "streamEnabled": bool(stream.get("StreamEnabled")),
            "streamViewType": stream.get("StreamViewType"),
            "deletionProtectionEnabled": description.get("DeletionProtectionEnabled", False),
            "serverSideEncryption": {
                "enabled": shapes.dig(description, "SSEDescription.Status") == "ENABLED",
                "kmsKeyArn": shapes.dig(description, "SSEDescription.KMSMasterKeyArn"),
            },
            "ttl": {"enabled": ttl["TimeToLiveStatus"] == "ENABLED", "attributeName": ttl.get("AttributeName")},
            "pointInTimeRecovery": {"enabled": shapes.dig(description, recovery) == "ENABLED"},
            **{
                name: _indexes_seen(inputs[name], description.get(member) or [])
                for name, member in (
                    ("globalSecondaryIndexes", "GlobalSecondaryIndexes"),
                    ("localSecondaryIndexes", "LocalSecondaryIndexes"),
                )
                if name in inputs
            },
        }
        same_attributes = {entry["name"]: entry["type"] for entry in inputs["attributes"]} == types
        seen["attributes"] = inputs["attributes"] if same_attributes else seen["attributes"]
        for name in (
            "ttl",
            "pointInTimeRecovery",
            "serverSideEncryption",
        ):  # what the stack does not say of them is no drift
            if inputs.get(name):
                seen[name] = {**inputs[name], **{key: seen[name][key] for key in inputs[name] if key in seen[name]}}
        return {**inputs, **{name: value for name, value in seen.items() if name in inputs}}

    def outputs(self, target: Target, physical_id: str, inputs: Props) -> Props:
        return {"streamArn": "", "streamLabel": "", **super().outputs(target, physical_id, inputs)}


def encryption_of(inputs: Props) -> Props:
    """Encryption with a key of KMS; without a named one it is AWS's own."""
    return {"enabled": True, "sseType": "KMS", "kmsMasterKeyId": inputs.get("kmsKeyArn")}


def _indexes_seen(likes: list[Props], found: Iterable[Mapping[str, Any]]) -> list[Props]:
    by_name = {entry["IndexName"]: dict(entry) for entry in found}
    known = [_index_seen(like, by_name.pop(like["name"])) for like in likes if like["name"] in by_name]
    return known + [_index_seen(likes[-1] if likes else {"name": ""}, entry) for entry in by_name.values()]


def changes(olds: Props, news: Props) -> Iterable[dict[str, Any]]:
    """The parameters of the UpdateTable calls between two states; DynamoDB takes one kind of change at a time."""
    if any(olds.get(name) != news.get(name) for name in ("billingMode", *CAPACITY)):
        capacity = {"ReadCapacityUnits": news.get("readCapacity"), "WriteCapacityUnits": news.get("writeCapacity")}
        provisioned = {"ProvisionedThroughput": {name: int(value) for name, value in capacity.items() if value}}
        yield {
            "BillingMode": news.get("billingMode", "PROVISIONED"),
            **(provisioned if capacity["ReadCapacityUnits"] else {}),
        }
    if bool(olds.get("deletionProtectionEnabled")) != bool(news.get("deletionProtectionEnabled")):
        yield {"DeletionProtectionEnabled": bool(news.get("deletionProtectionEnabled"))}
    if any(olds.get(name) != news.get(name) for name in STREAM):
        if olds.get("streamEnabled"):
            yield {"StreamSpecification": {"StreamEnabled": False}}
        if news.get("streamEnabled"):
            yield {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": news["streamViewType"]}}
    yield from _index_changes(olds, news)


def _index_changes(olds: Props, news: Props) -> Iterable[dict[str, Any]]:
    before, after = (
        {entry["name"]: entry for entry in props.get("globalSecondaryIndexes") or ()} for props in (olds, news)
    )
    for name in before:
        if before[name] != after.get(name):
            yield {"GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": name}}]}
    for name, entry in after.items():
        if entry != before.get(name):
            yield {"GlobalSecondaryIndexUpdates": [{"Create": _pascal(index(entry, news))}]}


def _pascal(value: Any) -> Any:
    """The API's spelling of what `index` makes."""
    if isinstance(value, dict):
        return {name[0].upper() + name[1:]: _pascal(item) for name, item in value.items() if item is not None}
    return [_pascal(item) for item in value] if isinstance(value, list) else value


TABLE = Table(
    service="dynamodb",
    create_by="create_table",
    read_by="describe_table",
    delete_by="delete_table",
    at="Table",
    address={"TableName": "{id}"},
    identity="{name}",
    arn="arn:{partition}:dynamodb:{region}:{account}:table/{id}",
    reports={"streamArn": "LatestStreamArn", "streamLabel": "LatestStreamLabel"},
    layout=Layout(renames={"name": "TableName"}),
    tags=Tagging(list="list_tags_of_resource"),
)
