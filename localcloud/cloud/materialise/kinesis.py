"""Kinesis data streams."""

from dataclasses import dataclass
from typing import Any

from localcloud.cloud.materialise import shapes
from localcloud.cloud.materialise.kind import Props
from localcloud.cloud.materialise.resource import Resource
from localcloud.cloud.materialise.shapes import Layout
from localcloud.cloud.materialise.tagging import Tagging
from localcloud.cloud.target import Target


@dataclass(frozen=True, kw_only=True)
class Stream(Resource):
    """A stream; each of its settings has an operation of its own. Its id is its ARN."""

    def update(self, target: Target, physical_id: str, olds: Props, news: Props) -> Props:
        client = target.client("kinesis")
        if news.get("streamModeDetails") != olds.get("streamModeDetails"):
            mode = shapes.request(self.input(client, "update_stream_mode"), news)
            client.update_stream_mode(**{**mode, "StreamARN": physical_id})
        if news.get("shardCount") and news["shardCount"] != olds.get("shardCount"):
            shards = int(news["shardCount"])
            client.update_shard_count(StreamARN=physical_id, TargetShardCount=shards, ScalingType="UNIFORM_SCALING")
        return super().update(target, physical_id, olds, news)

    def settle(self, target: Target, physical_id: str, olds: Props, news: Props) -> None:
        """Retention (hours, 24 when unset) and encryption."""
        client = target.client("kinesis")
        before, after = (int(props.get("retentionPeriod") or 24) for props in (olds, news))
        if after > before:
            client.increase_stream_retention_period(StreamARN=physical_id, RetentionPeriodHours=after)
        elif after < before:
            client.decrease_stream_retention_period(StreamARN=physical_id, RetentionPeriodHours=after)
        encryption = {"EncryptionType": "KMS", "KeyId": news.get("kmsKeyId")}
        if news.get("encryptionType") == "KMS" and encryption["KeyId"] != olds.get("kmsKeyId"):
            client.start_stream_encryption(StreamARN=physical_id, **encryption)
        elif olds.get("encryptionType") == "KMS" and news.get("encryptionType") != "KMS":
            client.stop_stream_encryption(StreamARN=physical_id, EncryptionType="KMS", KeyId=olds["kmsKeyId"])

    def present(self, inputs: Props, description: Any, shape: Any) -> Props:
        seen = {
            "retentionPeriod": description["RetentionPeriodHours"],
            "encryptionType": description.get("EncryptionType", "NONE"),
            "kmsKeyId": description.get("KeyId"),
            "shardCount": description["OpenShardCount"],
        }
        observed = super().present(inputs, description, shape)
        return observed | {name: seen[name] for name in inputs if name in seen}


STREAM = Stream(
    service="kinesis",
    create_by="create_stream",
    read_by="describe_stream_summary",
    delete_by="delete_stream",
    delete_with={"EnforceConsumerDeletion": True},
    at="StreamDescriptionSummary",
    address={"StreamARN": "{id}"},
    identity="arn:{partition}:kinesis:{region}:{account}:stream/{name}",
    arn="{id}",
    layout=Layout(renames={"name": "StreamName"}, blind=frozenset({"maxRecordSizeInKib"})),
    tags=Tagging("add_tags_to_stream", "remove_tags_from_stream", "list_tags_for_stream", "StreamARN"),
    tagged="{id}",
    tagged_at_birth=False,
)
