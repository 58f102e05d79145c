"""Finds the inputs of an existing resource of which only the id is known."""

import json
import re
from typing import Any

from localcloud.engine.values import Props
from localcloud.plugins.facts import identity
from localcloud.plugins.sdk import STRING, Array, Map, Object, OneOf, Resource, Type

_FIELD = re.compile(r"\{([\w]+)(?:\|[^}]*)?\}")
_DEEPEST = 5


def probe(resource: Resource, physical_id: str) -> Props:
    """Inputs that ask for everything: what the id says, and every other input as present but without a value."""
    blank = {name: _blank(declared.type, _DEEPEST) for name, declared in resource.inputs.items()}
    return {**blank, **_said_by(identity(resource).id, physical_id, resource)}


def found(resource: Resource, observed: Props) -> Props:
    """The inputs that an answer to a probe gives: what it says, and documents as the texts that they are."""
    said = {name: _without_blanks(value) for name, value in observed.items()}
    return {
        name: json.dumps(value) if isinstance(value, dict | list) and _is_text(resource.inputs[name].type) else value
        for name, value in said.items()
        if name in resource.inputs and not _is_blank(value)
    }


def _without_blanks(value: Any) -> Any:
    if isinstance(value, dict):
        parts = {name: _without_blanks(part) for name, part in value.items()}
        return {name: part for name, part in parts.items() if not _is_blank(part)}
    if isinstance(value, list):
        return [part for part in map(_without_blanks, value) if not _is_blank(part)]
    return value


def _is_blank(value: Any) -> bool:
    return value is None or value in ("", [], {})


def _is_text(value_type: Type) -> bool:
    return value_type == STRING or (isinstance(value_type, OneOf) and STRING in value_type.options)


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
