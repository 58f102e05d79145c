"""Secrets of Secrets Manager and parameters of Systems Manager."""

from dataclasses import dataclass
from typing import Any

from localcloud.cloud.materialise import shapes
from localcloud.cloud.materialise.kind import Props
from localcloud.cloud.materialise.resource import Resource, gone_is_fine
from localcloud.cloud.materialise.shapes import Layout
from localcloud.cloud.materialise.tagging import Tagging
from localcloud.cloud.target import Target


@dataclass(frozen=True, kw_only=True)
class Secret(Resource):
    """A secret without its value. `recoveryWindowInDays` 0 deletes it at once; otherwise it is scheduled."""

    def settle(self, target: Target, physical_id: str, olds: Props, news: Props) -> None:
        """The resource policy."""
        client = target.client("secretsmanager")
        before, after = olds.get("policy"), news.get("policy")
        if after and after != before:
            client.put_resource_policy(SecretId=physical_id, ResourcePolicy=shapes.text(after))
        elif before and not after:
            client.delete_resource_policy(SecretId=physical_id)

    def describe(self, target: Target, physical_id: str, inputs: Props) -> Any:
        found = super().describe(target, physical_id, inputs)
        return None if found is None or found.get("DeletedDate") else found

    def present(self, inputs: Props, description: Any, shape: Any) -> Props:
        replicas = description.get("ReplicationStatus")
        return super().present(inputs, {**description, "AddReplicaRegions": replicas}, shape)

    def delete(self, target: Target, physical_id: str, inputs: Props) -> None:
        if self.describe(target, physical_id, inputs) is None:
            return
        window = inputs.get("recoveryWindowInDays")
        days = 30 if window is None else int(window)  # 30 is the API reference's default
        client = target.client("secretsmanager")
        replicas = [replica["region"] for replica in inputs.get("replicas") or ()]
        if replicas:
            client.remove_regions_from_replication(SecretId=physical_id, RemoveReplicaRegions=replicas)
        if days:
            client.delete_secret(SecretId=physical_id, RecoveryWindowInDays=days)
        else:
            client.delete_secret(SecretId=physical_id, ForceDeleteWithoutRecovery=True)


SECRET = Secret(
    service="secretsmanager",
    create_by="create_secret",
    read_by="describe_secret",
    update_by=("update_secret",),
    delete_by="delete_secret",
    address={"SecretId": "{id}"},
    identity=":ARN",
    arn="{id}",
    defaults={"description": ""},
    layout=Layout(
        renames={"replicas": "AddReplicaRegions", "forceOverwriteReplicaSecret": "ForceOverwriteReplicaSecret"},
        blind=frozenset({"forceOverwriteReplicaSecret", "type"}),
    ),
    tags=Tagging(list="describe_secret", resource="SecretId"),
    tagged="{id}",
)


@dataclass(frozen=True, kw_only=True)
class SecretVersion(Resource):
    """A value of a secret; its id is the secret's ARN, a bar and the version's id. Deleting it removes its stages."""

    def identify(self, target: Target, inputs: Props, answer: Any) -> str:
        return f"{inputs['secretId']}|{answer['VersionId']}"

    def names(self, target: Target, operation: str, physical_id: str, inputs: Props) -> dict[str, Any]:
        secret, version = physical_id.split("|")
        return {"SecretId": secret, "VersionId": version}

    def outputs(self, target: Target, physical_id: str, inputs: Props) -> Props:
        secret, version = physical_id.split("|")
        return {"arn": secret, "versionId": version}

    def delete(self, target: Target, physical_id: str, inputs: Props) -> None:
        client = target.client("secretsmanager")
        with gone_is_fine():
            found = super().describe(target, physical_id, inputs) or {}
            for stage in found.get("VersionStages", ()):
                if stage != "AWSCURRENT":  # which Secrets Manager lets nobody remove
                    client.update_secret_version_stage(
                        SecretId=found["ARN"], VersionStage=stage, RemoveFromVersionId=found["VersionId"]
                    )


SECRET_VERSION = SecretVersion(
    service="secretsmanager",
    create_by="put_secret_value",
    read_by="get_secret_value",
    delete_by="update_secret_version_stage",
    address={},
    identity="",
    layout=Layout(blind=frozenset({"secretId"})),
)


@dataclass(frozen=True, kw_only=True)
class Parameter(Resource):
    """A parameter. `insecureValue` is a value that the state may show."""

    def arrange(self, inputs: Props) -> Props:
        return {**inputs, "value": inputs.get("value", inputs.get("insecureValue"))}

    def update(self, target: Target, physical_id: str, olds: Props, news: Props) -> Props:
        changed = {**self.arrange(news), "overwrite": True, "tags": None}
        self.call(target.client(self.service), self.create_by, changed)
        self.retag(target, physical_id, olds, news)
        return self.outputs(target, physical_id, news)

    def describe(self, target: Target, physical_id: str, inputs: Props) -> Any:
        found = super().describe(target, physical_id, inputs)
        if found is None:
            return None
        name = [{"Key": "Name", "Option": "Equals", "Values": [physical_id]}]
        described = target.client("ssm").describe_parameters(ParameterFilters=name)["Parameters"]
        return {**(described[0] if described else {}), **found}

    def present(self, inputs: Props, description: Any, shape: Any) -> Props:
        observed = super().present(inputs, description, shape)
        if inputs.get("insecureValue") is not None:
            observed["insecureValue"] = description["Value"]
        return observed


PARAMETER = Parameter(
    service="ssm",
    create_by="put_parameter",
    read_by="get_parameter",
    read_with={"WithDecryption": True},
    delete_by="delete_parameter",
    at="Parameter",
    address={"Name": "{id}"},
    identity="{name}",
    reports={"arn": "ARN", "version": "Version"},
    layout=Layout(blind=frozenset({"overwrite", "tier"})),
    tags=Tagging(
        "add_tags_to_resource",
        "remove_tags_from_resource",
        "list_tags_for_resource",
        "ResourceId",
        listed="TagList",
        fixed=(("ResourceType", "Parameter"),),
    ),
    tagged="{id}",
)
