"""The `aws` resource plugin: pulumi-aws without AWS, over Pulumi's own ResourceProvider protocol.

Every resource type of the installed SDK works, from the SDK's type information and the tables in `data/`. Types that
handlers touch are created in the local cloud; the others live in Pulumi's state alone.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from typing import Any, NoReturn

import grpc
from google.protobuf import empty_pb2
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from localcloud.engine.values import Props, bare, decode_struct, encode_struct
from localcloud.plugins import configuration as configurations
from localcloud.plugins import diffing, functions, importing, inputs, outputs, sdk
from localcloud.plugins.checking import Failure
from localcloud.plugins.configuration import Configuration, ConfigurationError
from localcloud.plugins.diffing import Change, Diff
from localcloud.plugins.identifiers import Identifiers, Scope
from localcloud.plugins.materialised import Daemon, Kind, LocalCloud
from localcloud.plugins.naming import DEFAULTS, Autonaming
from localcloud.plugins.sdk import Resource
from localcloud.plugins.serving import serve

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


class Aws(provider_pb2_grpc.ResourceProviderServicer):
    """One provider: configured once, then asked about many resources from many threads."""

    def __init__(self, version: str, cloud: LocalCloud) -> None:
        self._version = version
        self._cloud = cloud
        self._configured: Configuration | None = None

    def Handshake(self, request: Any, context: Any) -> Any:  # noqa: N802
        return provider_pb2.ProviderHandshakeResponse(
            accept_secrets=True, accept_resources=True, supports_autonaming_configuration=True
        )

    def GetPluginInfo(self, request: Any, context: Any) -> Any:  # noqa: N802
        return plugin_pb2.PluginInfo(version=self._version)

    def GetSchema(self, request: Any, context: Any) -> Any:  # noqa: N802
        return provider_pb2.GetSchemaResponse(schema="{}")

    def Attach(self, request: Any, context: Any) -> Any:  # noqa: N802
        return empty_pb2.Empty()

    def Cancel(self, request: Any, context: Any) -> Any:  # noqa: N802
        return empty_pb2.Empty()

    def CheckConfig(self, request: Any, context: Any) -> Any:  # noqa: N802
        wrong = configurations.problems(decode_struct(request.news))
        return provider_pb2.CheckResponse(inputs=request.news, failures=_failures(wrong))

    def DiffConfig(self, request: Any, context: Any) -> Any:  # noqa: N802
        olds, news = _without_version(request.old_inputs), _without_version(request.news)
        changed = sorted(key for key in olds.keys() | news.keys() if not diffing.same(olds.get(key), news.get(key)))
        return provider_pb2.DiffResponse(
            changes=provider_pb2.DiffResponse.DIFF_SOME if changed else provider_pb2.DiffResponse.DIFF_NONE,
            diffs=changed,
            replaces=[key for key in changed if key in _CONFIGURATION_REPLACES],
        )

    def Configure(self, request: Any, context: Any) -> Any:  # noqa: N802
        try:
            self._configured = configurations.configuration(decode_struct(request.args))
        except ConfigurationError as error:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
        return provider_pb2.ConfigureResponse(
            acceptSecrets=True, supportsPreview=True, acceptResources=True, supports_autonaming_configuration=True
        )

    def Check(self, request: Any, context: Any) -> Any:  # noqa: N802
        options = provider_pb2.CheckRequest.AutonamingOptions
        asked = request.autonaming if request.HasField("autonaming") else None
        checked = inputs.check(
            _resource(request, context),
            self._configuration(context),
            request.name or _name(request.urn),
            request.urn.encode() + request.randomSeed,
            decode_struct(request.news),
            decode_struct(request.olds),
            Autonaming(asked.proposed_name, asked.mode == options.DISABLE) if asked else Autonaming(),
        )
        return provider_pb2.CheckResponse(inputs=encode_struct(checked.inputs), failures=_failures(checked.failures))

    def Diff(self, request: Any, context: Any) -> Any:  # noqa: N802
        # Without old inputs, from an engine that sends none, the old outputs have them all.
        olds = request.old_inputs if request.HasField("old_inputs") else request.olds
        found = diffing.diff(
            _resource(request, context), decode_struct(olds), decode_struct(request.news), list(request.ignoreChanges)
        )
        return _diff_response(found)

    def Create(self, request: Any, context: Any) -> Any:  # noqa: N802
        resource, news = _resource(request, context), decode_struct(request.properties)
        if request.preview:
            return provider_pb2.CreateResponse(properties=encode_struct(outputs.preview(resource, news)))
        kind = self._cloud.kind(resource.token)
        physical_id, reported = "", Props()
        if kind is not None:
            with _reporting(context, "creating", request):
                physical_id, reported = kind.create(self._target(context, news), _plain(news))
        identifiers = Identifiers(resource, self._scope(context, news), request.urn, news, physical_id)
        made = outputs.created(resource, news, identifiers, reported)
        return provider_pb2.CreateResponse(id=identifiers.id, properties=encode_struct(made))

    def Update(self, request: Any, context: Any) -> Any:  # noqa: N802
        resource, news = _resource(request, context), decode_struct(request.news)
        olds, old_inputs = decode_struct(request.olds), decode_struct(request.old_inputs)
        kind, reported = None if request.preview else self._cloud.kind(resource.token), Props()
        if kind is not None:
            with _reporting(context, "updating", request):
                reported = kind.update(self._target(context, news), request.id, _plain(old_inputs), _plain(news))
        made = outputs.updated(resource, olds, old_inputs, news, reported)
        return provider_pb2.UpdateResponse(properties=encode_struct(made))

    def Read(self, request: Any, context: Any) -> Any:  # noqa: N802
        resource = _resource(request, context)
        kind = self._cloud.kind(resource.token)
        if not request.HasField("inputs"):
            return self._import(resource, kind, request, context)
        if kind is None:
            return provider_pb2.ReadResponse(id=request.id, properties=request.properties, inputs=request.inputs)
        old_inputs, olds = decode_struct(request.inputs), decode_struct(request.properties)
        with _reporting(context, "reading", request):
            seen = kind.read(self._target(context, old_inputs), request.id, _plain(old_inputs))
        if seen is None:
            return provider_pb2.ReadResponse()
        now, made = outputs.observed(resource, old_inputs, olds, seen)
        return provider_pb2.ReadResponse(id=request.id, inputs=encode_struct(now), properties=encode_struct(made))

    def Delete(self, request: Any, context: Any) -> Any:  # noqa: N802
        resource = _resource(request, context)
        kind = self._cloud.kind(resource.token)
        if kind is not None:
            olds = decode_struct(request.old_inputs if request.HasField("old_inputs") else request.properties)
            with _reporting(context, "deleting", request):
                kind.delete(self._target(context, olds), request.id, _plain(olds))
        return empty_pb2.Empty()

    def Invoke(self, request: Any, context: Any) -> Any:  # noqa: N802
        try:
            result = functions.invoke(request.tok, bare(decode_struct(request.args)), self._configuration(context))
        except functions.FunctionError as error:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
        response = provider_pb2.InvokeResponse()
        getattr(response, "return").CopyFrom(encode_struct(result))
        return response

    def _import(self, resource: Resource, kind: Kind | None, request: Any, context: Any) -> Any:
        """Read with nothing but an id: what the local cloud has under it. Nothing exists that only state would know."""
        if kind is None:
            _refuse(
                context,
                f"reading {resource.token} ({request.id}): the local cloud keeps this type in Pulumi's state alone, "
                "so there is nothing to import or get that a stack did not create",
            )
        given = decode_struct(request.properties)
        asked = {**importing.probe(resource, request.id), **_plain(given)}
        with _reporting(context, "reading", request):
            seen = kind.read(self._target(context, given), request.id, asked)
        if seen is None:
            return provider_pb2.ReadResponse()
        found = importing.found(resource, seen)
        now = {**found, "region": self._scope(context, found).region} if "region" in resource.inputs else found
        now[DEFAULTS] = sorted(now.keys() - {inputs.TAGS, inputs.ALL_TAGS})  # no program has given them
        identifiers = Identifiers(resource, self._scope(context, now), request.urn, now, request.id)
        made = outputs.created(resource, now, identifiers, {})
        return provider_pb2.ReadResponse(id=request.id, inputs=encode_struct(now), properties=encode_struct(made))

    def _configuration(self, context: Any) -> Configuration:
        if self._configured is None:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, "the aws provider is not configured")
        assert self._configured is not None
        return self._configured

    def _scope(self, context: Any, values: Props) -> Scope:
        configured = self._configuration(context)
        region = bare(values.get("region")) or configured.region
        partition = configurations.partition(region)
        return Scope(partition.name, partition.suffix, configured.account, region)

    def _target(self, context: Any, values: Props) -> Any:
        scope = self._scope(context, values)
        return self._cloud.target(scope.account, scope.region)


@contextmanager
def _reporting(context: Any, doing: str, request: Any) -> Iterator[None]:
    """Make the local cloud's refusals the resource's own: AWS's code and message, and what was being done."""
    try:
        yield
    except Exception as error:
        what = f"{request.type or _type(request.urn)} ({request.name or _name(request.urn)})"
        message = str(error) if str(error) else type(error).__name__
        context.abort(grpc.StatusCode.UNKNOWN, f"{doing} {what}: {message}")


def _resource(request: Any, context: Any) -> Resource:
    token = request.type or _type(request.urn)
    found = sdk.resource(token)
    if found is None:
        _refuse(context, f"pulumi-aws has no resource type {token}")
    return found


def _refuse(context: Any, message: str) -> NoReturn:
    context.abort(grpc.StatusCode.INVALID_ARGUMENT, message)
    raise AssertionError("abort returns never")


def _name(urn: str) -> str:
    return urn.split("::", 3)[3]


def _type(urn: str) -> str:
    return urn.split("::", 3)[2].rpartition("$")[2]


def _plain(values: Props) -> Props:
    """Inputs as kinds take them: without secrets and without the provider's own notes."""
    return {name: bare(value) for name, value in values.items() if not name.startswith("__")}


def _without_version(struct: Struct) -> Props:
    return {key: value for key, value in decode_struct(struct).items() if key != "version" and not key.startswith("__")}


def _failures(found: list[Failure]) -> list[Any]:
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
        sys.argv[-1] if len(sys.argv) > 1 else None,
    )


if __name__ == "__main__":
    main()
