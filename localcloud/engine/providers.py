"""A resource provider: one plugin process, spoken to over `pulumirpc.ResourceProvider`.

What each call is sent follows pkg/resource/plugin/provider_plugin.go in pulumi/pulumi: a provider whose configuration
is not known yet is never asked, and what a provider does not understand is unwrapped for it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import grpc
from pulumi.runtime.proto import provider_pb2 as pb
from pulumi.runtime.proto import provider_pb2_grpc

from localcloud.engine.assets import restore_assets
from localcloud.engine.errors import StepError, step_error
from localcloud.engine.host import START_SECONDS, Plugin
from localcloud.engine.state import State, urn_name, urn_type
from localcloud.engine.values import Props, Secret, Wire, bare, decode_struct, encode_struct, has_secret, has_unknown

UNKNOWN_CHANGES, NONE, SOME = pb.DiffResponse.DIFF_UNKNOWN, pb.DiffResponse.DIFF_NONE, pb.DiffResponse.DIFF_SOME
CONFIG = Wire(secrets=False)  # before it is configured, a provider is spoken to in clear text
Failures = list[tuple[str, str]]  # property, reason


@dataclass
class Diff:
    changes: int = NONE
    replaces: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    delete_before_replace: bool = False

    @property
    def replace(self) -> bool:
        return bool(self.replaces)


class ResourceProvider(Protocol):
    """What the engine asks of whoever looks after a custom resource."""

    def check(
        self, urn: str, olds: Props | None, news: Props, preview: bool, seed: bytes
    ) -> tuple[Props, Failures]: ...

    def diff(self, old: State, news: Props, preview: bool, ignore: list[str]) -> Diff: ...

    def create(self, state: State, preview: bool) -> tuple[str, Props]: ...

    def update(self, old: State, state: State, preview: bool) -> Props: ...

    def read(self, urn: str, id_: str, inputs: Props | None, outputs: Props | None) -> Reading: ...

    def delete(self, state: State) -> None: ...


@dataclass
class Reading:
    """What a provider found. Without an id or outputs, the resource is gone."""

    id: str
    inputs: Props | None
    outputs: Props | None


class Provider:
    """A `ResourceProvider` in a process of its own."""

    def __init__(self, plugin: Plugin, engine: str) -> None:
        self.plugin, self.stub = plugin, provider_pb2_grpc.ResourceProviderStub(plugin.channel)
        self.known, self.previews = True, True
        self.secrets = self.resources = self.outputs = self._shaken = False
        directory = str(plugin.directory)
        request = pb.ProviderHandshakeRequest(
            engine_address=engine,
            root_directory=directory,
            program_directory=directory,
            configure_with_urn=True,
            invoke_with_preview=True,
        )
        answer = self._optional(lambda: self.stub.Handshake(request, wait_for_ready=True, timeout=START_SECONDS))
        if answer is not None:
            self._shaken, self.secrets, self.resources = True, answer.accept_secrets, answer.accept_resources
            self.outputs = answer.accept_outputs

    # ---- configuration ----

    def check_config(self, urn: str, olds: Props, news: Props) -> tuple[Props, Failures]:
        old, new = encode_struct(olds, CONFIG), encode_struct(news, CONFIG)
        request = pb.CheckRequest(**_names(urn), olds=old, news=new)
        answer = self._optional(lambda: self.stub.CheckConfig(request))
        if answer is None:
            return news, []
        inputs = decode_struct(answer.inputs)
        _mark_secrets(inputs, news)
        return inputs, [(f.property, f.reason) for f in answer.failures]

    def diff_config(self, urn: str, old_inputs: Props, old_outputs: Props, news: Props) -> Diff:
        olds, inputs, new = (encode_struct(props, CONFIG) for props in (old_outputs, old_inputs, news))
        request = pb.DiffRequest(**_names(urn), olds=olds, old_inputs=inputs, news=new)
        answer = self._optional(lambda: self.stub.DiffConfig(request))
        return Diff(UNKNOWN_CHANGES) if answer is None else _diff(answer)

    def configure(self, urn: str, id_: str, inputs: Props) -> None:
        """Configure the process once. With inputs that a preview does not know it is not configured, and not asked."""
        if has_unknown({key: value for key, value in inputs.items() if key != "version"}):
            self.known = False
            return
        package = urn_type(urn).split(":")[2]
        plain = {key: bare(value) for key, value in inputs.items() if key != "version"}
        request = pb.ConfigureRequest(
            **_names(urn),
            id=id_,
            acceptSecrets=True,
            acceptResources=True,
            sends_old_inputs=True,
            sends_old_inputs_to_delete=True,
            variables={f"{package}:config:{k}": v if isinstance(v, str) else json.dumps(v) for k, v in plain.items()},
            args=encode_struct(inputs),
        )
        answer = self._call(lambda: self.stub.Configure(request))
        if not self._shaken:
            self.secrets, self.resources, self.outputs = (
                answer.acceptSecrets,
                answer.acceptResources,
                answer.acceptOutputs,
            )
            self.previews = answer.supportsPreview

    # ---- resources ----

    def check(self, urn: str, olds: Props | None, news: Props, preview: bool, seed: bytes) -> tuple[Props, Failures]:
        if not self.known:
            return news, []
        wire = self._wire(unknowns=preview)
        old, new = encode_struct(olds, wire), encode_struct(news, wire)
        answer = self._call(
            lambda: self.stub.Check(pb.CheckRequest(**_names(urn), olds=old, news=new, randomSeed=seed))
        )
        failures = [(f.property, f.reason) for f in answer.failures]
        return self._marked(decode_struct(answer.inputs), news), failures

    def diff(self, old: State, news: Props, preview: bool, ignore: list[str]) -> Diff:
        if not self.known:
            return Diff(SOME)
        wire = self._wire(unknowns=preview, hashes=True)
        request = pb.DiffRequest(
            **_names(old.urn),
            id=old.id,
            olds=encode_struct(old.outputs, wire),
            old_inputs=encode_struct(old.inputs, wire),
            news=encode_struct(news, wire),
            ignoreChanges=ignore,
        )
        diff = _diff(self._call(lambda: self.stub.Diff(request)))
        if diff.changes == UNKNOWN_CHANGES:
            plain_old, plain_new = bare(old.inputs), bare(news)
            diff.changed = [k for k in {**plain_old, **plain_new} if plain_old.get(k) != plain_new.get(k)]
            diff.changes = NONE if plain_old == plain_new else SOME
        return diff

    def create(self, state: State, preview: bool) -> tuple[str, Props]:
        if preview and not (self.known and self.previews):
            return "", dict(state.inputs) if self.known else {}
        request = pb.CreateRequest(
            **_names(state.urn),
            properties=encode_struct(state.inputs, self._wire(unknowns=preview)),
            timeout=state.custom_timeouts.get("create", 0),
            preview=preview,
        )
        answer = self._call(lambda: self.stub.Create(request))
        if not answer.id and not preview:
            raise StepError(f"the plugin returned no id for the resource it created, '{state.urn}'")
        return answer.id, self._marked(decode_struct(answer.properties), state.inputs)

    def update(self, old: State, state: State, preview: bool) -> Props:
        if preview and not (self.known and self.previews):
            return dict(state.inputs) if self.known else {}
        wire = self._wire(unknowns=preview, hashes=True)
        request = pb.UpdateRequest(
            **_names(state.urn),
            id=old.id,
            olds=encode_struct(old.outputs, wire),
            old_inputs=encode_struct(old.inputs, wire),
            news=encode_struct(state.inputs, self._wire(unknowns=preview)),
            ignoreChanges=state.ignore_changes,
            timeout=state.custom_timeouts.get("update", 0),
            preview=preview,
        )
        answer = self._call(lambda: self.stub.Update(request))
        return self._marked(decode_struct(answer.properties), state.inputs)

    def read(self, urn: str, id_: str, inputs: Props | None, outputs: Props | None) -> Reading:
        """Without inputs and outputs this is an import: the provider has the id alone to go by."""
        if not self.known:
            return Reading(id_, {}, {})
        wire = self._wire(hashes=True)
        request = pb.ReadRequest(
            **_names(urn),
            id=id_,
            properties=None if outputs is None else encode_struct(outputs, wire),
            inputs=None if inputs is None else encode_struct(inputs, wire),
        )
        answer = self._call(lambda: self.stub.Read(request))
        sent = inputs or {}
        ins = self._marked(decode_struct(answer.inputs), sent) if answer.HasField("inputs") else None
        outs = self._marked(decode_struct(answer.properties), outputs or {}) if answer.HasField("properties") else None
        return Reading(answer.id, restore_assets(ins, sent), restore_assets(outs, sent))

    def delete(self, state: State) -> None:
        wire = self._wire(hashes=True)
        request = pb.DeleteRequest(
            **_names(state.urn),
            id=state.id,
            properties=encode_struct(state.outputs, wire),
            old_inputs=encode_struct(state.inputs, wire),
            timeout=state.custom_timeouts.get("delete", 0),
        )
        self._call(lambda: self.stub.Delete(request))

    def invoke(self, token: str, args: Props, preview: bool) -> tuple[Props, list[pb.CheckFailure]]:
        if not self.known or has_unknown(args):
            return {}, []
        request = pb.InvokeRequest(tok=token, args=encode_struct(args, self._wire()), preview=preview)
        answer = self._call(lambda: self.stub.Invoke(request))
        return decode_struct(getattr(answer, "return")), list(answer.failures)

    # ---- the wire ----

    def _wire(self, *, unknowns: bool = False, hashes: bool = False) -> Wire:
        return Wire(unknowns=unknowns, secrets=self.secrets, resources=self.resources, hashes=hashes)

    def _marked(self, answered: Props, sent: Props) -> Props:
        """What was sent as a secret comes back as one, also from a provider that knows no secrets."""
        if not self.secrets:
            _mark_secrets(answered, sent)
        return answered

    @staticmethod
    def _call(call: Callable[[], Any]) -> Any:
        try:
            return call()
        except grpc.RpcError as error:
            raise step_error(error) from None

    @staticmethod
    def _optional(call: Callable[[], Any]) -> Any:
        """None from a provider that does not know the call."""
        try:
            return call()
        except grpc.RpcError as error:
            if error.code() == grpc.StatusCode.UNIMPLEMENTED:
                return None
            raise step_error(error) from None


def _names(urn: str) -> dict[str, Any]:
    return {"urn": urn, "name": urn_name(urn), "type": urn_type(urn)}


def _diff(answer: pb.DiffResponse) -> Diff:
    """In a detailed diff the kinds that replace are the odd ones: ADD_REPLACE 1, DELETE_REPLACE 3, UPDATE_REPLACE 5."""
    detailed = {path: change.kind for path, change in answer.detailedDiff.items()}
    replaces = [*answer.replaces, *(path for path, kind in detailed.items() if kind % 2)]
    return Diff(answer.changes, replaces, list({*answer.diffs, *detailed}), answer.deleteBeforeReplace)


def _mark_secrets(answered: Props, sent: Props) -> None:
    for key in answered.keys() & sent.keys():
        if isinstance(answered[key], dict) and isinstance(sent[key], dict):
            _mark_secrets(answered[key], sent[key])
        elif not isinstance(answered[key], Secret) and has_secret(sent[key]):
            answered[key] = Secret(answered[key])
