"""A resource's outputs: its inputs, what AWS reports, what follows from both, and plausible values for the rest."""

from dataclasses import dataclass
from typing import Any

from localcloud.engine.values import UNKNOWN, Props, Secret, has_secret
from localcloud.plugins.diffing import same
from localcloud.plugins.facts import facts
from localcloud.plugins.identifiers import Identifiers
from localcloud.plugins.sdk import Array, Map, Property, Resource, Scalar


@dataclass(frozen=True)
class State:
    """A resource as Pulumi's state has it."""

    id: str
    inputs: Props
    outputs: Props


_ACCOUNT = {"accountId", "awsAccountId", "catalogId", "ownerAccountId", "ownerId", "registryId", "resourceOwner"}
_TIME = ("At", "Date", "Time", "Timestamp")
_HOST = ("dnsName", "domainName", "endpoint")
CREATED = "2024-01-01T00:00:00Z"
"""The moment of every creation, so that nothing changes from run to run."""


def preview(resource: Resource, inputs: Props) -> Props:
    """Outputs of a resource about to be created: the inputs, and what only AWS will say as unknown."""
    return _secret(resource, {**_visible(inputs), **dict.fromkeys(_reported(resource, inputs), UNKNOWN)})


def created(resource: Resource, inputs: Props, identifiers: Identifiers, reported: Props) -> Props:
    """Outputs of a resource just created; what AWS `reported` goes before everything computed here."""
    missing = [name for name in _reported(resource, inputs) if name not in reported]
    computed = {name: _value(resource, name, identifiers) for name in missing}
    known = {name: value for name, value in computed.items() if value is not None}
    return _secret(resource, {**_visible(inputs), **known, **reported})


def updated(resource: Resource, old: State, news: Props, reported: Props) -> Props:
    """Outputs after an update: the new inputs over what was known, without inputs taken away that AWS does not keep."""
    kept_by_aws = {name for name, declared in resource.outputs.items() if declared.required}
    gone = old.inputs.keys() - news.keys() - kept_by_aws
    kept = {name: value for name, value in old.outputs.items() if name not in gone}
    return _secret(resource, {**kept, **_visible(news), **reported})


def observed(resource: Resource, old: State, seen: Props) -> State:
    """A resource after a refresh, where AWS has `seen`; null is what it no longer has."""
    drift = {name: value for name, value in seen.items() if not same(old.inputs.get(name), value)}
    now = {name: Secret(value) if has_secret(old.inputs.get(name)) else value for name, value in drift.items()}
    inputs, outputs = (
        {name: value for name, value in {**known, **now}.items() if name not in now or now[name] is not None}
        for known in (old.inputs, old.outputs)
    )
    return State(old.id, inputs, _secret(resource, outputs))


def _visible(inputs: Props) -> Props:
    return {name: value for name, value in inputs.items() if not name.startswith("__") and value is not None}


def _reported(resource: Resource, inputs: Props) -> list[str]:
    """The outputs that AWS makes known: those no program sets, and those it chooses when the program does not."""
    return [
        name
        for name, declared in resource.outputs.items()
        if inputs.get(name) is None and (declared.required or name in resource.computed)
    ]


def _secret(resource: Resource, values: Props) -> Props:
    for path in facts(resource).secret:
        values = _with_secret(values, path.split("."))
    return values


def _with_secret(value: Any, path: list[str]) -> Any:
    """`value` with what stands at `path` wrapped as a secret, in every element of the lists on the way."""
    if isinstance(value, Secret) or value is None:
        return value
    if not path:
        return Secret(value)
    if isinstance(value, list):
        return [_with_secret(item, path) for item in value]
    if isinstance(value, dict) and path[0] in value:
        return {**value, path[0]: _with_secret(value[path[0]], path[1:])}
    return value


def _value(resource: Resource, name: str, identifiers: Identifiers) -> Any:
    declared = resource.outputs[name]
    known = identifiers.output(name)
    if known is not None:
        return _typed(known, declared)
    match declared.type:
        case Scalar("integer" | "number"):
            return 1 if name == "version" else 0
        case Scalar("boolean"):
            return False
        case Scalar("string"):
            return _text(name, identifiers, computed=name in resource.computed)
        case Array():
            return []
        case Map():
            return {}
    return None


def _typed(text: str, declared: Property) -> Any:
    match declared.type:
        case Scalar("integer" | "number"):
            return int(text)
        case Scalar("boolean"):
            return text == "true"
    return text


def _text(name: str, identifiers: Identifiers, *, computed: bool) -> str:
    if name in _ACCOUNT:
        return identifiers.scope.account
    if name == "region":
        return identifiers.scope.region
    if not computed:
        return ""
    if name in ("status", "state"):
        return "ACTIVE"
    if name == "version":
        return "1"
    if name.endswith(_TIME):
        return CREATED
    if name.endswith("Arn"):
        return identifiers.output("arn") or ""
    if name.endswith("Id"):
        return identifiers.generated("hex", "17")
    if name in _HOST:
        return identifiers.expanded("{alnum:10}.{region}.{suffix}")
    return ""
