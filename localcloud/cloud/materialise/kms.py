"""KMS: keys, their replicas in other regions, and aliases."""

from dataclasses import dataclass
from typing import Any

from localcloud.cloud.materialise import shapes
from localcloud.cloud.materialise.kind import Props
from localcloud.cloud.materialise.resource import Resource, gone_is_fine
from localcloud.cloud.materialise.shapes import Layout
from localcloud.cloud.materialise.tagging import Tagging
from localcloud.cloud.target import Target

TAGS = Tagging(list="list_resource_tags", resource="KeyId")

DELETION_WINDOW_DAYS = 30
"""What KMS waits when it is not told (KMS API reference, ScheduleKeyDeletion)."""


@dataclass(frozen=True, kw_only=True)
class Key(Resource):
    """A key. Its policy, rotation and state have operations of their own; deleting it is scheduled, as on AWS."""

    def settle(self, target: Target, physical_id: str, olds: Props, news: Props) -> None:
        """Rotation and state."""
        client = target.client("kms")
        rotation = {name: news.get(name) for name in ("enableKeyRotation", "rotationPeriodInDays")}
        if rotation != {name: olds.get(name) for name in rotation}:
            if not news.get("enableKeyRotation"):
                client.disable_key_rotation(KeyId=physical_id)
            elif news.get("rotationPeriodInDays"):
                client.enable_key_rotation(KeyId=physical_id, RotationPeriodInDays=int(news["rotationPeriodInDays"]))
            else:
                client.enable_key_rotation(KeyId=physical_id)
        enabled = news.get("isEnabled", news.get("enabled", True))
        if enabled != olds.get("isEnabled", olds.get("enabled", True)):
            (client.enable_key if enabled else client.disable_key)(KeyId=physical_id)

    def describe(self, target: Target, physical_id: str, inputs: Props) -> Any:
        client = target.client("kms")
        found = super().describe(target, physical_id, inputs)
        if found is None or found["KeyState"].startswith("Pending"):
            return None
        rotation = client.get_key_rotation_status(KeyId=physical_id)
        return {
            **found,
            "Policy": client.get_key_policy(KeyId=physical_id, PolicyName="default")["Policy"],
            "Rotates": rotation["KeyRotationEnabled"],
            "RotationPeriodInDays": rotation.get("RotationPeriodInDays"),
        }

    def present(self, inputs: Props, description: Any, shape: Any) -> Props:
        seen = {
            "enableKeyRotation": description["Rotates"],
            "rotationPeriodInDays": description["RotationPeriodInDays"],
            "isEnabled": description["Enabled"],
            "enabled": description["Enabled"],
        }
        return super().present(inputs, description, shape) | {n: seen[n] for n in inputs if n in seen}

    def delete(self, target: Target, physical_id: str, inputs: Props) -> None:
        window = int(inputs.get("deletionWindowInDays") or DELETION_WINDOW_DAYS)
        with gone_is_fine():
            client = target.client("kms")
            if not client.describe_key(KeyId=physical_id)["KeyMetadata"]["KeyState"].startswith("Pending"):
                client.schedule_key_deletion(KeyId=physical_id, PendingWindowInDays=window)


KEY = Key(
    service="kms",
    create_by="create_key",
    read_by="describe_key",
    update_by=("update_key_description", "put_key_policy"),
    delete_by="schedule_key_deletion",
    at="KeyMetadata",
    address={"KeyId": "{id}"},
    identity=":KeyMetadata.KeyId",
    arn="arn:{partition}:kms:{region}:{account}:key/{id}",
    reports={"keyId": "KeyId", "policy": "Policy"},
    defaults={"description": ""},
    layout=Layout(renames={"customerMasterKeySpec": "KeySpec", "bypassPolicyLockoutSafetyCheck": ""}),
    tags=TAGS,
    tagged="{id}",
)


@dataclass(frozen=True, kw_only=True)
class Replica(Key):
    """A multi-region key's replica: asked for in the primary's region, living in the stack's."""

    def begin(self, target: Target, inputs: Props) -> Any:
        primary = inputs["primaryKeyArn"].split(":")
        asked = {**inputs, "keyId": primary[-1].removeprefix("key/"), "replicaRegion": target.region, "tags": None}
        return self.call(Target(target.endpoint, primary[4], primary[3]).client("kms"), self.create_by, asked)

    def settle(self, target: Target, physical_id: str, olds: Props, news: Props) -> None:
        """Description and policy too: moto copies the primary's, whatever it is asked for."""
        client = target.client("kms")
        if not olds:
            client.update_key_description(KeyId=physical_id, Description=news.get("description") or "")
        if not olds and news.get("policy"):
            client.put_key_policy(KeyId=physical_id, PolicyName="default", Policy=shapes.text(news["policy"]))
        super().settle(target, physical_id, olds, news)


REPLICA = Replica(
    service="kms",
    create_by="replicate_key",
    read_by="describe_key",
    update_by=("update_key_description", "put_key_policy"),
    delete_by="schedule_key_deletion",
    at="KeyMetadata",
    address={"KeyId": "{id}"},
    identity=":ReplicaKeyMetadata.KeyId",
    arn="arn:{partition}:kms:{region}:{account}:key/{id}",
    reports={"keyId": "KeyId", "policy": "Policy"},
    defaults={"description": ""},
    tags=TAGS,
    tagged="{id}",
    tagged_at_birth=False,
)


@dataclass(frozen=True, kw_only=True)
class Alias(Resource):
    """An alias; the API can only list them."""

    def describe(self, target: Target, physical_id: str, inputs: Props) -> Any:
        pages = target.client("kms").get_paginator("list_aliases").paginate()
        found = next((alias for page in pages for alias in page["Aliases"] if alias["AliasName"] == physical_id), None)
        if found is None:
            return None
        key = f"arn:aws:kms:{target.region}:{target.account}:key/{found['TargetKeyId']}"
        wanted = str(inputs.get("targetKeyId", ""))
        return {**found, "TargetKeyArn": key, "TargetKeyId": key if wanted.startswith("arn:") else found["TargetKeyId"]}


ALIAS = Alias(
    service="kms",
    create_by="create_alias",
    read_by="list_aliases",
    update_by=("update_alias",),
    delete_by="delete_alias",
    address={"AliasName": "{id}"},
    identity="{name}",
    arn="arn:{partition}:kms:{region}:{account}:{id}",
    reports={"targetKeyArn": "TargetKeyArn"},
    layout=Layout(renames={"name": "AliasName"}),
)
