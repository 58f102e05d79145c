"""Who looks after `pulumi:providers:*` resources: creating one is configuring a plugin process. And the package
`pulumi` itself, whose resources are stack references."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable

from localcloud.engine.errors import StepError
from localcloud.engine.host import Host
from localcloud.engine.providers import NONE, SOME, UNKNOWN_CHANGES, Diff, Failures, Provider, Reading, ResourceProvider
from localcloud.engine.state import PROVIDER_PREFIX, State, is_provider, provider_urn, reference, urn_type
from localcloud.engine.values import UNKNOWN_TEXT, Props, has_secret

BUILTIN_TYPE = PROVIDER_PREFIX + "pulumi"


def configuration(inputs: Props) -> Props:
    """A provider's inputs without what is meant for the engine."""
    return {key: value for key, value in inputs.items() if key != "__internal"}


class Registry:
    """One process per provider resource: started to check its configuration, and the same one is then configured."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._checked: dict[str, Provider] = {}  # by URN: not configured yet
        self._configured: dict[str, Provider] = {}  # by reference
        self._lock = threading.RLock()

    def get(self, ref: str) -> Provider | None:
        return self._configured.get(ref)

    def check(self, urn: str, olds: Props | None, news: Props, preview: bool, seed: bytes) -> tuple[Props, Failures]:
        if urn_type(urn) == BUILTIN_TYPE:
            return news, []
        provider = self._start(urn, news)
        props, failures = provider.check_config(urn, configuration(olds or {}), configuration(news))
        if failures:
            self._host.stop(provider.plugin)
            return news, failures
        earlier = self._checked.pop(urn, None)
        if earlier:
            self._host.stop(earlier.plugin)
        self._checked[urn] = provider
        return {**props, **{key: news[key] for key in ("version", "__internal") if key in news}}, []

    def diff(self, old: State, news: Props, preview: bool, ignore: list[str]) -> Diff:
        provider = self._checked.get(old.urn) or self._configured.get(reference(old))
        if provider is None:
            return Diff(NONE)
        diff = provider.diff_config(old.urn, configuration(old.inputs), old.outputs, configuration(news))
        if diff.changes == UNKNOWN_CHANGES:
            diff.changes = NONE if old.outputs == configuration(news) else SOME
        if diff.replace and old.urn in self._checked:
            self._host.stop(self._checked.pop(old.urn).plugin)
        return diff

    def create(self, state: State, preview: bool) -> tuple[str, Props]:
        id_ = UNKNOWN_TEXT if preview else str(uuid.uuid4())
        return id_, self._configure(state.urn, id_, state.inputs)

    def update(self, old: State, state: State, preview: bool) -> Props:
        return self._configure(state.urn, old.id, state.inputs)

    def read(self, urn: str, id_: str, inputs: Props | None, outputs: Props | None) -> Reading:
        raise StepError("provider resources cannot be read or imported")

    def delete(self, state: State) -> None:
        provider = self._configured.pop(reference(state), None)
        if provider:
            self._host.stop(provider.plugin)

    def keep(self, urn: str, id_: str, inputs: Props) -> None:
        """Configure a provider that has not changed, unless it runs already."""
        with self._lock:
            if f"{urn}::{id_}" not in self._configured:
                self._configure(urn, id_, inputs)

    def _configure(self, urn: str, id_: str, inputs: Props) -> Props:
        outputs = configuration(inputs)
        if urn_type(urn) != BUILTIN_TYPE:
            provider = self._checked.pop(urn, None) or self._start(urn, inputs)
            provider.configure(urn, id_, outputs)
            self._configured[f"{urn}::{id_}"] = provider
        return outputs

    def _start(self, urn: str, inputs: Props) -> Provider:
        version = inputs.get("version")
        plugin = self._host.provider(urn_type(urn).split(":")[2], version if isinstance(version, str) else "")
        return Provider(plugin, self._host.engine)


class StackReferences:
    """`outputs_of` gives the outputs of another stack by its name, and raises StepError when there is none."""

    def __init__(self, outputs_of: Callable[[str], Props]) -> None:
        self._outputs_of = outputs_of

    def outputs(self, name: str) -> Props:
        outputs = self._outputs_of(name)
        secret = sorted(key for key, value in outputs.items() if has_secret(value))
        return {"name": name, "outputs": outputs, "secretOutputNames": secret}

    def check(self, urn: str, olds: Props | None, news: Props, preview: bool, seed: bytes) -> tuple[Props, Failures]:
        return news, []

    def diff(self, old: State, news: Props, preview: bool, ignore: list[str]) -> Diff:
        same = old.inputs.get("name") == news.get("name")
        return Diff(NONE) if same else Diff(SOME, ["name"])

    def create(self, state: State, preview: bool) -> tuple[str, Props]:
        return "" if preview else str(uuid.uuid4()), self.outputs(state.inputs["name"])

    def update(self, old: State, state: State, preview: bool) -> Props:
        raise StepError("a stack reference cannot be updated")

    def read(self, urn: str, id_: str, inputs: Props | None, outputs: Props | None) -> Reading:
        return Reading(id_, inputs, self.outputs((outputs or inputs or {})["name"]))

    def delete(self, state: State) -> None: ...


class Providers:
    """Who looks after which resource. `previous` are the resources of the last deployment."""

    def __init__(self, registry: Registry, references: StackReferences, previous: list[State]) -> None:
        self.registry, self.references, self._previous = registry, references, previous

    def of(self, state: State) -> ResourceProvider:
        if is_provider(state.type):
            return self.registry
        return self.references if self.is_builtin(state.provider) else self.configured(state.provider)

    @staticmethod
    def is_builtin(ref: str) -> bool:
        return urn_type(provider_urn(ref)) == BUILTIN_TYPE

    def configured(self, ref: str) -> Provider:
        """The running provider of this reference; one of the last deployment is started again when it is needed."""
        provider = self.registry.get(ref)
        if provider is None:
            old = next((s for s in self._previous if is_provider(s.type) and reference(s) == ref), None)
            if old is None:
                raise StepError(f"unknown provider '{ref}'")
            self.registry.keep(old.urn, old.id, old.inputs)
            provider = self.registry.get(ref)
            assert provider is not None
        return provider
