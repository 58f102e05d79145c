"""Finds the inputs of an existing resource of which only the id is known."""

import re
from typing import Any

from localcloud.engine.values import Props
from localcloud.plugins.facts import identity
from localcloud.plugins.sdk import Array, Map, Object, Resource, Type

_FIELD = re.compile(r"\{([\w]+)(?:\|[^}]*)?\}")
_DEEPEST = 5


def probe(resource: Resource, physical_id: str) -> Props:
    """Inputs that ask for everything: what the id says, and every other input as present but without a value."""
    blank = {name: _blank(declared.type, _DEEPEST) for name, declared in resource.inputs.items()}
    return {**blank, **_said_by(identity(resource).id, physical_id, resource)}


def found(observed: Any) -> Any:
    """What an answer to a probe says, without what it does not say."""
    if isinstance(observed, dict):
        said = {name: found(value) for name, value in observed.items()}
        return {name: value for name, value in said.items() if value not in (None, "", [], {})}
    if isinstance(observed, list):
        return [found(item) for item in observed]
    return observed


def _said_by(template: str, physical_id: str, resource: Resource) -> Props:
    """The inputs in an id, by the template it was made from: `{databaseName}:{name}` says two."""
    if any(name not in resource.inputs for name in _FIELD.findall(template)):
        return {}
    parts = _FIELD.split(template)
    pattern = "".join(f"(?P<{part}>.+?)" if index % 2 else re.escape(part) for index, part in enumerate(parts))
    match = re.fullmatch(pattern, physical_id)
    return dict(match.groupdict()) if match else {}


def _blank(value_type: Type, depth: int) -> Any:
    match value_type:
        case Object() if depth:
            return {name: _blank(declared.type, depth - 1) for name, declared in value_type.properties.items()}
        case Array(Object() as item) if depth:
            return [_blank(item, depth - 1)]
        case Array():
            return []
        case Map():
            return {}
    return None
