"""What becomes of a resource: created, updated, read and deleted, in the local cloud or in Pulumi's state alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from localcloud.engine.values import Props, bare
from localcloud.plugins import importing, outputs
from localcloud.plugins.configuration import Configuration, partition
from localcloud.plugins.errors import RefusedError
from localcloud.plugins.identifiers import Identifiers, Scope
from localcloud.plugins.inputs import ALL_TAGS, TAGS
from localcloud.plugins.materialised import LocalCloud
from localcloud.plugins.naming import DEFAULTS
from localcloud.plugins.outputs import State
from localcloud.plugins.sdk import Resource


@dataclass(frozen=True)
class Lifecycle:
    """The resources of one configured provider."""

    configuration: Configuration
    cloud: LocalCloud

    def create(self, resource: Resource, urn: str, inputs: Props) -> State:
        """Create it.

        Raises:
            RefusedError: the local cloud does not; the message has AWS's code and reason. So do all methods.
        """
        kind = self.cloud.kind(resource.token)
        physical_id, reported = "", Props()
        if kind is not None:
            with _doing("creating", resource, _name(urn)):
                physical_id, reported = kind.create(self._target(inputs), _plain(inputs))
        identifiers = Identifiers(resource, self._scope(inputs), urn, inputs, physical_id)
        return State(identifiers.id, inputs, outputs.created(resource, inputs, identifiers, reported))

    def update(self, resource: Resource, urn: str, old: State, news: Props) -> Props:
        """Change it to the new inputs: its outputs afterwards."""
        kind, reported = self.cloud.kind(resource.token), Props()
        if kind is not None:
            with _doing("updating", resource, _name(urn)):
                reported = kind.update(self._target(news), old.id, _plain(old.inputs), _plain(news))
        return outputs.updated(resource, old, news, reported)

    def read(self, resource: Resource, urn: str, old: State) -> State | None:
        """What it is now; None when it is gone. What lives in state alone is as the state has it."""
        kind = self.cloud.kind(resource.token)
        if kind is None:
            return old
        with _doing("reading", resource, _name(urn)):
            seen = kind.read(self._target(old.inputs), old.id, _plain(old.inputs))
        return None if seen is None else outputs.observed(resource, old, seen)

    def find(self, resource: Resource, urn: str, physical_id: str, known: Props) -> State | None:
        """What the local cloud has under this id, for an import or a `get`; None when there is nothing.

        Inputs that are found are noted as the provider's own: no program has given them yet, and what a program then
        leaves open stays as it was found. `known` are properties that the program says the resource has.
        """
        kind = self.cloud.kind(resource.token)
        if kind is None:
            raise RefusedError(
                f"reading {resource.token} ({physical_id}): the local cloud keeps this type in Pulumi's state alone, "
                "so there is nothing to import or get that a stack did not create"
            )
        with _doing("reading", resource, _name(urn)):
            asked = {**importing.probe(resource, physical_id), **_plain(known)}
            seen = kind.read(self._target(known), physical_id, asked)
        if seen is None:
            return None
        inputs = importing.found(resource, seen)
        if "region" in resource.inputs:
            inputs["region"] = self._scope(known).region
        inputs[DEFAULTS] = sorted(inputs.keys() - {TAGS, ALL_TAGS})
        identifiers = Identifiers(resource, self._scope(inputs), urn, inputs, physical_id)
        return State(physical_id, inputs, outputs.created(resource, inputs, identifiers, {}))

    def delete(self, resource: Resource, urn: str, physical_id: str, inputs: Props) -> None:
        """Delete it; that it is gone already is success."""
        kind = self.cloud.kind(resource.token)
        if kind is not None:
            with _doing("deleting", resource, _name(urn)):
                kind.delete(self._target(inputs), physical_id, _plain(inputs))

    def _scope(self, values: Props) -> Scope:
        region = bare(values.get("region")) or self.configuration.region
        found = partition(region)
        return Scope(found.name, found.suffix, self.configuration.account, region)

    def _target(self, values: Props) -> Any:
        scope = self._scope(values)
        return self.cloud.target(scope.account, scope.region)


@contextmanager
def _doing(what: str, resource: Resource, name: str) -> Iterator[None]:
    """Make whatever the local cloud says against it the resource's own error."""
    try:
        yield
    except Exception as error:
        raise RefusedError(f"{what} {resource.token} ({name}): {error or type(error).__name__}") from error


def _name(urn: str) -> str:
    return urn.split("::", 3)[-1]


def _plain(values: Props) -> Props:
    """Inputs as kinds take them: without secrets and without the provider's own notes."""
    return {name: bare(value) for name, value in values.items() if not name.startswith("__")}
