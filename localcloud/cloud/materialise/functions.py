"""Lambda: functions, layers, aliases, permissions, event source mappings and asynchronous invocation."""

import base64
import hashlib
from dataclasses import dataclass
from typing import Any

from localcloud.cloud.materialise import archive, shapes
from localcloud.cloud.materialise.kind import Props
from localcloud.cloud.materialise.resource import Resource, Setting, gone_is_fine
from localcloud.cloud.materialise.shapes import Layout
from localcloud.cloud.materialise.tagging import Tagging
from localcloud.cloud.target import Target

ARN = "arn:{partition}:lambda:{region}:{account}:function:{id}"
TAGS = Tagging(list="list_tags", resource="Resource")


def invoke_arn(arn: str) -> str:
    """What API Gateway calls a function by (API Gateway developer guide, Lambda integrations)."""
    region = arn.split(":")[3]
    return f"arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{arn}/invocations"


@dataclass(frozen=True, kw_only=True)
class Function(Resource):
    """A function. Its code is sent as a zip file, made of the archive among its inputs."""

    def arrange(self, inputs: Props) -> Props:
        return {**inputs, "code": code(inputs), "fileSystemConfigs": inputs.get("fileSystemConfig")}

    def update(self, target: Target, physical_id: str, olds: Props, news: Props) -> Props:
        client = target.client("lambda")
        parts = code(news)
        deployed = client.get_function_configuration(FunctionName=physical_id)["CodeSha256"]
        if "zipFile" not in parts or sha256(parts["zipFile"]) != deployed:
            members = self.input(client, "update_function_code")
            client.update_function_code(
                **{**shapes.request(members, {**news, **parts}), "FunctionName": physical_id, "Publish": False}
            )
        outputs = super().update(target, physical_id, olds, news)
        if news.get("publish"):
            client.publish_version(FunctionName=physical_id)
            outputs = self.outputs(target, physical_id, news)
        return outputs

    def settle(self, target: Target, physical_id: str, olds: Props, news: Props) -> None:
        """The reserved concurrency; -1 stands for none."""
        client = target.client("lambda")
        before, after = (int(props.get("reservedConcurrentExecutions", -1)) for props in (olds, news))
        if after < 0 <= before:
            client.delete_function_concurrency(FunctionName=physical_id)
        elif after != before:
            client.put_function_concurrency(FunctionName=physical_id, ReservedConcurrentExecutions=after)

    def describe(self, target: Target, physical_id: str, inputs: Props) -> Any:
        found = super().describe(target, physical_id, inputs)
        if found and "reservedConcurrentExecutions" in inputs:
            answer = target.client("lambda").get_function_concurrency(FunctionName=physical_id)
            found["Reserved"] = answer.get("ReservedConcurrentExecutions", -1)
        return found

    def present(self, inputs: Props, description: Any, shape: Any) -> Props:
        observed = super().present(inputs, description, shape)
        if "reservedConcurrentExecutions" in inputs:
            observed["reservedConcurrentExecutions"] = description["Reserved"]
        if "layers" in inputs:
            observed["layers"] = shapes.same_or(inputs["layers"], [layer["Arn"] for layer in description["Layers"]])
        return observed

    def outputs(self, target: Target, physical_id: str, inputs: Props) -> Props:
        known = super().outputs(target, physical_id, inputs)
        arn = known["arn"]
        version = "$LATEST"
        if inputs.get("publish"):
            pages = (
                target.client("lambda").get_paginator("list_versions_by_function").paginate(FunctionName=physical_id)
            )
            version = [found["Version"] for page in pages for found in page["Versions"]][-1]
        return {
            **known,
            "invokeArn": invoke_arn(arn),
            "qualifiedArn": f"{arn}:{version}",
            "qualifiedInvokeArn": invoke_arn(f"{arn}:{version}"),
            "version": version,
        }


def code(inputs: Props) -> Props:
    """The API's `Code` of a function or `Content` of a layer."""
    if inputs.get("code") is not None:
        return {"zipFile": archive.zipped(inputs["code"])}
    return {name: inputs.get(name) for name in ("imageUri", "s3Bucket", "s3Key", "s3ObjectVersion")}


def sha256(content: bytes) -> str:
    """The form in which Lambda reports the hash of a function's code."""
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


BLIND = frozenset(
    {
        "code",
        "imageUri",
        "publish",
        "imageConfig",
        "snapStart",
        "tracingConfig",
        "ephemeralStorage",
        "fileSystemConfigs",
        "kmsKeyArn",
    }
)
"""The code, of which Lambda tells a hash alone (the output `codeSha256`); and what moto does not keep, or keeps as it
was when the function was created."""

FUNCTION = Function(
    service="lambda",
    create_by="create_function",
    read_by="get_function_configuration",
    update_by=("update_function_configuration",),
    delete_by="delete_function",
    address={"FunctionName": "{id}"},
    identity="{name}",
    arn=ARN,
    reports={"codeSha256": "CodeSha256", "sourceCodeSize": "CodeSize", "lastModified": "LastModified"},
    defaults={
        "description": "",
        "timeout": 3,
        "memorySize": 128,
        "environment": {"variables": {}},
        "layers": [],
        "deadLetterConfig": {"targetArn": ""},
    },
    layout=Layout(renames={"name": "FunctionName"}, blind=BLIND),
    tags=TAGS,
)


@dataclass(frozen=True, kw_only=True)
class LayerVersion(Resource):
    """A version of a layer; its id and arn are the version's."""

    def arrange(self, inputs: Props) -> Props:
        return {**inputs, "content": code(inputs)}

    def names(self, target: Target, operation: str, physical_id: str, inputs: Props) -> dict[str, Any]:
        layer, version = physical_id.rsplit(":", 1)
        return {"LayerName": layer.rsplit(":", 1)[1], "VersionNumber": int(version)}

    def outputs(self, target: Target, physical_id: str, inputs: Props) -> Props:
        layer, version = physical_id.rsplit(":", 1)
        return {**super().outputs(target, physical_id, inputs), "layerArn": layer, "version": version}


LAYER_VERSION = LayerVersion(
    service="lambda",
    create_by="publish_layer_version",
    read_by="get_layer_version",
    delete_by="delete_layer_version",
    address={},
    identity=":LayerVersionArn",
    arn="{id}",
    reports={"sourceCodeSize": "Content.CodeSize", "createdDate": "CreatedDate"},
    layout=Layout(blind=frozenset({"layerName", "licenseInfo", "compatibleArchitectures"})),
)


@dataclass(frozen=True, kw_only=True)
class Alias(Resource):
    """An alias of a function's version; its id is its ARN."""

    def outputs(self, target: Target, physical_id: str, inputs: Props) -> Props:
        return {**super().outputs(target, physical_id, inputs), "invokeArn": invoke_arn(physical_id)}


ALIAS = Alias(
    service="lambda",
    create_by="create_alias",
    read_by="get_alias",
    update_by=("update_alias",),
    delete_by="delete_alias",
    address={"FunctionName": "{functionName}", "Name": "{name}"},
    identity=":AliasArn",
    arn="{id}",
    defaults={"description": ""},
)


@dataclass(frozen=True, kw_only=True)
class Permission(Resource):
    """A statement of a function's resource policy."""

    def describe(self, target: Target, physical_id: str, inputs: Props) -> Any:
        asked = {"FunctionName": inputs["function"], "Qualifier": inputs.get("qualifier")}
        with gone_is_fine():
            answer = target.client("lambda").get_policy(**{name: value for name, value in asked.items() if value})
            statements = shapes.parsed(answer["Policy"])["Statement"]
            return next((statement for statement in statements if statement["Sid"] == physical_id), None)
        return None

    def present(self, inputs: Props, description: Any, shape: Any) -> Props:
        conditions = {
            key.lower(): value
            for operands in description.get("Condition", {}).values()
            for key, value in operands.items()
        }
        principal = description["Principal"]
        account = f":{inputs['principal']}:"
        seen = {
            "action": description["Action"],
            "principal": next(iter(principal.values())) if isinstance(principal, dict) else principal,
            "sourceArn": conditions.get("aws:sourcearn"),
            "sourceAccount": conditions.get("aws:sourceaccount"),
            "principalOrgId": conditions.get("aws:principalorgid"),
        }
        if account in seen["principal"]:  # an account id is reported as its root's ARN
            seen["principal"] = inputs["principal"]
        return {**inputs, **{name: value for name, value in seen.items() if name in inputs}}


PERMISSION = Permission(
    service="lambda",
    create_by="add_permission",
    read_by="get_policy",
    delete_by="remove_permission",
    address={"FunctionName": "{function}", "StatementId": "{id}"},
    identity="{statementId}",
    layout=Layout(renames={"function": "FunctionName"}),
)


@dataclass(frozen=True, kw_only=True)
class EventSourceMapping(Resource):
    """A queue or stream that a function reads from."""

    def present(self, inputs: Props, description: Any, shape: Any) -> Props:
        function = description["FunctionArn"]
        named = inputs["functionName"] in (function, function.rsplit(":", 1)[1])
        seen = {
            **description,
            "FunctionName": inputs["functionName"] if named else function,
            "Enabled": description["State"] in ("Enabled", "Enabling", "Creating"),
        }
        return super().present(inputs, seen, shape)


EVENT_SOURCE_MAPPING = EventSourceMapping(
    service="lambda",
    create_by="create_event_source_mapping",
    read_by="get_event_source_mapping",
    update_by=("update_event_source_mapping",),
    delete_by="delete_event_source_mapping",
    address={"UUID": "{id}"},
    identity=":UUID",
    arn="arn:{partition}:lambda:{region}:{account}:event-source-mapping:{id}",
    reports={"uuid": "UUID", "functionArn": "FunctionArn", "state": "State", "lastModified": "LastModified"},
    layout=Layout(blind=frozenset({"tags"})),
)

EVENT_INVOKE_CONFIG = Setting(
    service="lambda",
    create_by="put_function_event_invoke_config",
    read_by="get_function_event_invoke_config",
    delete_by="delete_function_event_invoke_config",
    address={"FunctionName": "{id}"},
    identity="{functionName}",
    layout=Layout(blind=frozenset({"qualifier"})),
)
