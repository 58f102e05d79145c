"""The `aws` resource plugin: pulumi-aws without AWS, over Pulumi's own ResourceProvider protocol.

Every resource type of the installed SDK works, from the SDK's type information and the tables in `data/`. Types that
handlers touch are created in the local cloud; the others live in Pulumi's state alone.
"""

# ruff: noqa: N802 (the methods have the protocol's names)

import functools
import sys
from collections.abc import Callable, Sequence
from importlib import metadata
from typing import Any

import grpc
from google.protobuf import empty_pb2
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from localcloud.engine.values import Props, bare, decode_struct, encode_struct
from localcloud.plugins import configuration as configurations
from localcloud.plugins import diffing, functions, inputs, outputs, sdk
from localcloud.plugins.checking import Failure
from localcloud.plugins.diffing import Change, Diff
from localcloud.plugins.errors import RefusedError
from localcloud.plugins.lifecycle import Lifecycle
from localcloud.plugins.materialised import Daemon, LocalCloud
from localcloud.plugins.naming import Autonaming
from localcloud.plugins.outputs import State
from localcloud.plugins.sdk import Resource
from localcloud.plugins.serving import engine_address, serve

Method = Callable[["Aws", Any, Any], Any]

_KIND = provider_pb2.PropertyDiff
_DIFF_KINDS = {
    (Change.ADD, False): _KIND.ADD,
    (Change.ADD, True): _KIND.ADD_REPLACE,
    (Change.DELETE, False): _KIND.DELETE,
    (Change.DELETE, True): _KIND.DELETE_REPLACE,
    (Change.UPDATE, False): _KIND.UPDATE,
    (Change.UPDATE, True): _KIND.UPDATE_REPLACE,
}
_CONFIGURATION_REPLACES = {"region"}


def _refusing(method: Method) -> Method:
    """Answer what is refused with the refusal's message."""

    @functools.wraps(method)
    def answer(self: "Aws", request: Any, context: Any) -> Any:
        try:
            return method(self, request, context)
        except RefusedError as refused:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(refused))

    return answer


class Aws(provider_pb2_grpc.ResourceProviderServicer):
    """One provider: configured once, then asked about many resources from many threads."""

    def __init__(self, version: str, cloud: LocalCloud) -> None:
        self._version = version
        self._cloud = cloud
        self._configured: Lifecycle | None = None

    def Handshake(self, request: Any, context: Any) -> Any:
        return provider_pb2.ProviderHandshakeResponse(
            accept_secrets=True, accept_resources=True, supports_autonaming_configuration=True
        )

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        return plugin_pb2.PluginInfo(version=self._version)

    def GetSchema(self, request: Any, context: Any) -> Any:
        return provider_pb2.GetSchemaResponse(schema="{}")

    def Attach(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()

    def Cancel(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()

    def CheckConfig(self, request: Any, context: Any) -> Any:
        wrong = configurations.problems(decode_struct(request.news))
        return provider_pb2.CheckResponse(inputs=request.news, failures=_failures(wrong))

    def DiffConfig(self, request: Any, context: Any) -> Any:
        olds, news = _without_version(request.old_inputs), _without_version(request.news)
        changed = sorted(key for key in olds.keys() | news.keys() if not diffing.same(olds.get(key), news.get(key)))
        return provider_pb2.DiffResponse(
            changes=provider_pb2.DiffResponse.DIFF_SOME if changed else provider_pb2.DiffResponse.DIFF_NONE,
            diffs=changed,
            replaces=[key for key in changed if key in _CONFIGURATION_REPLACES],
        )

    @_refusing
    def Configure(self, request: Any, context: Any) -> Any:
        self._configured = Lifecycle(configurations.configuration(decode_struct(request.args)), self._cloud)
        return provider_pb2.ConfigureResponse(
            acceptSecrets=True, supportsPreview=True, acceptResources=True, supports_autonaming_configuration=True
        )

    @_refusing
    def Check(self, request: Any, context: Any) -> Any:
        checked = inputs.check(
            _resource(request),
            self._lifecycle.configuration,
            _name(request.urn),
            request.urn.encode() + request.randomSeed,
            decode_struct(request.news),
            decode_struct(request.olds),
            _autonaming(request),
        )
        return provider_pb2.CheckResponse(inputs=encode_struct(checked.inputs), failures=_failures(checked.failures))

    @_refusing
    def Diff(self, request: Any, context: Any) -> Any:
        olds, news = decode_struct(request.old_inputs), decode_struct(request.news)
        return _diff_response(diffing.diff(_resource(request), olds, news, list(request.ignoreChanges)))

    @_refusing
    def Create(self, request: Any, context: Any) -> Any:
        resource, news = _resource(request), decode_struct(request.properties)
        if request.preview:
            return provider_pb2.CreateResponse(properties=encode_struct(outputs.preview(resource, news)))
        made = self._lifecycle.create(resource, request.urn, news)
        return provider_pb2.CreateResponse(id=made.id, properties=encode_struct(made.outputs))

    @_refusing
    def Update(self, request: Any, context: Any) -> Any:
        resource, news = _resource(request), decode_struct(request.news)
        old = State(request.id, decode_struct(request.old_inputs), decode_struct(request.olds))
        if request.preview:
            made = outputs.updated(resource, old, news, {})
        else:
            made = self._lifecycle.update(resource, request.urn, old, news)
        return provider_pb2.UpdateResponse(properties=encode_struct(made))

    @_refusing
    def Read(self, request: Any, context: Any) -> Any:
        resource, known = _resource(request), decode_struct(request.properties)
        if request.HasField("inputs"):
            old = State(request.id, decode_struct(request.inputs), known)
            now = self._lifecycle.read(resource, request.urn, old)
        else:
            now = self._lifecycle.find(resource, request.urn, request.id, known)
        if now is None:
            return provider_pb2.ReadResponse()
        return provider_pb2.ReadResponse(
            id=now.id, inputs=encode_struct(now.inputs), properties=encode_struct(now.outputs)
        )

    @_refusing
    def Delete(self, request: Any, context: Any) -> Any:
        olds = decode_struct(request.old_inputs if request.HasField("old_inputs") else request.properties)
        self._lifecycle.delete(_resource(request), request.urn, request.id, olds)
        return empty_pb2.Empty()

    @_refusing
    def Invoke(self, request: Any, context: Any) -> Any:
        result = functions.invoke(request.tok, bare(decode_struct(request.args)), self._lifecycle.configuration)
        response = provider_pb2.InvokeResponse()
        getattr(response, "return").CopyFrom(encode_struct(result))
        return response

    @property
    def _lifecycle(self) -> Lifecycle:
        if self._configured is None:
            raise RefusedError("the aws provider is not configured")
        return self._configured


def _resource(request: Any) -> Resource:
    token = request.urn.split("::", 3)[2].rpartition("$")[2]
    found = sdk.resource(token)
    if found is None:
        raise RefusedError(f"pulumi-aws has no resource type {token}")
    return found


def _name(urn: str) -> str:
    return urn.split("::", 3)[3]


def _autonaming(request: Any) -> Autonaming:
    if not request.HasField("autonaming"):
        return Autonaming()
    asked = request.autonaming
    return Autonaming(asked.proposed_name, asked.mode == provider_pb2.CheckRequest.AutonamingOptions.DISABLE)


def _without_version(struct: Struct) -> Props:
    return {key: value for key, value in decode_struct(struct).items() if key != "version" and not key.startswith("__")}


def _failures(found: Sequence[Failure]) -> list[Any]:
    return [provider_pb2.CheckFailure(property=failure.path, reason=failure.reason) for failure in found]


def _diff_response(found: Diff) -> Any:
    if not found.differences:
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)
    detailed = {
        difference.text: provider_pb2.PropertyDiff(
            kind=_DIFF_KINDS[difference.change, difference in found.replacing], inputDiff=True
        )
        for difference in found.differences
    }
    return provider_pb2.DiffResponse(
        changes=provider_pb2.DiffResponse.DIFF_SOME,
        diffs=sorted({str(difference.path[0]) for difference in found.differences}),
        replaces=sorted({str(difference.path[0]) for difference in found.replacing}),
        detailedDiff=detailed,
        hasDetailedDiff=True,
        deleteBeforeReplace=found.delete_before_replace,
    )


def main() -> None:
    """Run the plugin as Pulumi's engine starts it: the last argument is the engine's address."""
    provider = Aws(metadata.version("pulumi_aws"), Daemon())
    serve(
        lambda server: provider_pb2_grpc.add_ResourceProviderServicer_to_server(provider, server),
        engine_address(sys.argv[1:]),
    )


if __name__ == "__main__":
    main()
