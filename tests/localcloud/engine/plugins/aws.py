"""A small `aws` resource provider for the engines' tests: it keeps nothing, computes what AWS would report, writes down
every call (SIMULATED_TRACE names the file), and fails when a resource's tags ask it to, until SIMULATED_HEALED exists:

boom  Create and Update are refused          init   they succeed, but the resource is not healthy
nodel Delete is refused                      gone   Read finds nothing
drift Read finds other tags                  slow   Create takes that many seconds
"""

# ruff: noqa: N802

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import json
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from google.protobuf import any_pb2, empty_pb2, json_format, struct_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2_grpc, status_pb2
from pulumi.runtime.proto import provider_pb2 as pb

from localcloud.engine.values import UNKNOWN, bare, decode_struct, encode_struct, is_asset

NAMES = {"aws:s3/bucket:Bucket": "bucket", "aws:iam/role:Role": "name", "aws:sqs/queue:Queue": "name"}
REPLACES = {
    "aws:s3/bucket:Bucket": {"bucket", "region"},
    "aws:iam/role:Role": {"name", "path"},
    "aws:iam/rolePolicy:RolePolicy": {"role"},
    "aws:ec2/vpc:Vpc": {"cidrBlock"},
    "aws:ec2/subnet:Subnet": {"vpcId", "cidrBlock"},
}
ACCOUNT = "123456789012"


def digest(*parts: str) -> str:
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:10]


class Aws(provider_pb2_grpc.ResourceProviderServicer):
    def __init__(self) -> None:
        self.region, self.default_tags = "us-east-1", {}
        self.trace, self.lock = os.environ.get("SIMULATED_TRACE"), threading.Lock()

    def note(self, method: str, request: Any) -> None:
        if self.trace:
            said = json_format.MessageToDict(request)
            for varies in ("randomSeed", "resourceStatusAddress", "resourceStatusToken"):
                said.pop(varies, None)
            line = json.dumps({"method": method, "request": said}, sort_keys=True)
            with self.lock, open(self.trace, "a") as file:
                file.write(line + "\n")

    # ---- configuration ----

    def Handshake(self, request, context):
        return pb.ProviderHandshakeResponse(accept_secrets=True, accept_resources=True, accept_outputs=True)

    def GetPluginInfo(self, request, context):
        return plugin_pb2.PluginInfo(version=importlib.metadata.version("pulumi-aws"))

    def Cancel(self, request, context):
        return empty_pb2.Empty()

    def CheckConfig(self, request, context):
        self.note("CheckConfig", request)
        return pb.CheckResponse(inputs=request.news)

    def DiffConfig(self, request, context):
        self.note("DiffConfig", request)
        olds, news = decode_struct(request.old_inputs), decode_struct(request.news)
        changed = sorted(key for key in {**olds, **news} if key != "version" and olds.get(key) != news.get(key))
        replaces = [key for key in changed if key == "region"]
        return pb.DiffResponse(changes=2 if changed else 1, diffs=changed, replaces=replaces)

    def Configure(self, request, context):
        self.note("Configure", request)
        args = bare(decode_struct(request.args))
        self.region = args.get("region", self.region)
        self.default_tags = json.loads(args["defaultTags"]).get("tags", {}) if "defaultTags" in args else {}
        return pb.ConfigureResponse(acceptSecrets=True, supportsPreview=True, acceptResources=True)

    # ---- resources ----

    def Check(self, request, context):
        self.note("Check", request)
        inputs, olds, failures = struct_pb2.Struct(), request.olds.fields, []
        inputs.CopyFrom(request.news)
        name = NAMES.get(request.type)
        if name and name not in inputs.fields:
            given = olds[name].string_value if name in olds else f"{request.name}-{digest(request.urn)}"
            inputs.fields[name].string_value = given
        bucket = bare(decode_struct(inputs)).get("bucket")
        if isinstance(bucket, str) and bucket != bucket.lower():
            failures.append(pb.CheckFailure(property="bucket", reason="must be lowercase"))
        return pb.CheckResponse(inputs=inputs, failures=failures)

    def Diff(self, request, context):
        self.note("Diff", request)
        olds, news = bare(decode_struct(request.old_inputs)), bare(decode_struct(request.news))
        ignored, detailed = set(request.ignoreChanges), {}
        for key in sorted({**olds, **news}):
            if key in ignored or key.startswith("__") or olds.get(key) == news.get(key):
                continue
            kind = 4 if key in olds and key in news else 0 if key in news else 2  # UPDATE, ADD, DELETE
            replaces = key in REPLACES.get(request.type, set())
            detailed[key] = pb.PropertyDiff(kind=kind + replaces, inputDiff=True)
        return pb.DiffResponse(
            changes=2 if detailed else 1,
            diffs=list(detailed),
            replaces=[key for key, change in detailed.items() if change.kind % 2],
            detailedDiff=detailed,
            hasDetailedDiff=bool(detailed),
        )

    def Create(self, request, context):
        self.note("Create", request)
        tags = self.faults(request.properties)
        if not request.preview:
            time.sleep(float(tags.get("slow", 0)))
        id_, outputs = self.observed(request.type, request.urn, request.properties, preview=request.preview)
        self.fail(context, tags, request.preview, id_, request.properties, outputs)
        return pb.CreateResponse(id=id_, properties=outputs)

    def Update(self, request, context):
        self.note("Update", request)
        _, outputs = self.observed(request.type, request.urn, request.news, id_=request.id, preview=request.preview)
        self.fail(context, self.faults(request.news), request.preview, request.id, request.news, outputs)
        return pb.UpdateResponse(properties=outputs)

    def Read(self, request, context):
        self.note("Read", request)
        if not request.HasField("properties") or not request.properties.fields:  # an import: the id is all there is
            inputs = {NAMES[request.type]: request.id} if request.type in NAMES else {}
            _, outputs = self.observed(request.type, request.urn, encode_struct(inputs), id_=request.id)
            return pb.ReadResponse(id=request.id, inputs=encode_struct(inputs), properties=outputs)
        tags = self.faults(request.properties)
        if "gone" in tags:
            return pb.ReadResponse()
        inputs, outputs = decode_struct(request.inputs), decode_struct(request.properties)
        if "drift" in tags:
            inputs, outputs = {**inputs, "tags": {"drift": "seen"}}, {**outputs, "tags": {"drift": "seen"}}
        return pb.ReadResponse(id=request.id, properties=encode_struct(outputs), inputs=encode_struct(inputs))

    def Delete(self, request, context):
        self.note("Delete", request)
        if "nodel" in self.faults(request.properties):
            context.abort(grpc.StatusCode.UNKNOWN, "the bucket is not empty")
        return empty_pb2.Empty()

    def Invoke(self, request, context):
        self.note("Invoke", request)
        known = {
            "aws:index/getCallerIdentity:getCallerIdentity": {"accountId": ACCOUNT, "id": ACCOUNT, "userId": "AIDA"},
            "aws:index/getRegion:getRegion": {"id": self.region, "name": self.region, "region": self.region},
        }
        if request.tok not in known:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"unknown function {request.tok}")
        return pb.InvokeResponse(**{"return": encode_struct(known[request.tok])})

    # ---- what AWS would report ----

    def observed(self, type_: str, urn: str, inputs: struct_pb2.Struct, *, id_: str = "", preview: bool = False):
        props = decode_struct(inputs)
        plain = bare(props)
        name = urn.rpartition("::")[2]
        id_ = id_ or plain.get(NAMES.get(type_, "")) or f"{name}-{digest(urn)}"
        region = plain.get("region", self.region)
        tags = plain["tags"] if isinstance(plain.get("tags"), dict) else {}
        arn = UNKNOWN if preview else f"arn:aws:x:{region}:{ACCOUNT}:{name}/{id_}"
        outputs = {key: {**value} if is_asset(value) else value for key, value in props.items()}
        outputs |= {"arn": arn, "region": region, "tagsAll": {**self.default_tags, **tags}}
        return "" if preview else id_, encode_struct(outputs)

    @staticmethod
    def faults(inputs: struct_pb2.Struct) -> dict[str, Any]:
        healed = os.path.exists(os.environ.get("SIMULATED_HEALED", "/nonexistent"))
        tags = bare(decode_struct(inputs)).get("tags")
        return {} if healed or not isinstance(tags, dict) else tags

    @staticmethod
    def fail(context, tags, preview, id_, inputs, outputs) -> None:
        if preview:
            return
        if "boom" in tags:
            context.abort(grpc.StatusCode.UNKNOWN, "boom, as the tags ask for")
        if "init" in tags:
            detail = any_pb2.Any()
            reasons = ["not healthy"]
            detail.Pack(pb.ErrorResourceInitFailed(id=id_, properties=outputs, inputs=inputs, reasons=reasons))
            status = status_pb2.Status(code=2, message="not healthy", details=[detail])
            context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
            context.abort(grpc.StatusCode.UNKNOWN, "not healthy")


def serve() -> None:
    server = grpc.server(ThreadPoolExecutor(16))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Aws(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        server.wait_for_termination()


if __name__ == "__main__":
    serve()
