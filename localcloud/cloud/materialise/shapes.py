"""Between Pulumi's property names and an AWS API's, led by the model of the API that botocore has.

Pulumi writes `kmsMasterKeyId` where an API says `KMSMasterKeyID`, one object where it wants a list of one, a map of
tags where it wants pairs, and JSON where it may want text. The model says what the API wants, so a resource type only
has to name what is really called differently (`Layout.renames`) or sits deeper (`Layout.nest`).
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

_PAIRS = (("Key", "Value"), ("TagKey", "TagValue"), ("key", "value"), ("Name", "Value"))
"""How APIs name the two halves of a tag, or of a metric's dimension."""


@dataclass(frozen=True)
class Layout:
    """Where a resource type's properties sit in an API's requests and descriptions.

    renames  property -> member, at any depth, where the names differ by more than case
    nest     dotted path of a structure -> the properties that it holds
    blind    properties that moto keeps but does not report, at any depth: taken as they were set
    """

    renames: Mapping[str, str] = field(default_factory=dict)
    nest: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    blind: frozenset[str] = frozenset()

    def path(self, name: str) -> list[str]:
        """The structures around the top-level property `name`."""
        return next((path.split(".") for path, names in self.nest.items() if name in names), [])

    def member(self, name: str, members: Iterable[str]) -> str | None:
        """The member that the property `name` is called by."""
        wanted = self.renames.get(name, name).lower()
        return next((member for member in members if member.lower() == wanted), None)


PLAIN = Layout()


def request(shape: Shape | None, props: Mapping[str, Any], layout: Layout = PLAIN) -> dict[str, Any]:
    """The parameters of an operation with input `shape`: those of `props` that it takes."""
    parameters: dict[str, Any] = {}
    for name, value in props.items():
        holder, path = _holder(shape, layout.path(name)), layout.path(name)
        member = layout.member(name, holder.members) if holder else None
        if holder is not None and member is not None and value is not None:
            inside = parameters
            for step in path:
                inside = inside.setdefault(step, {})
            inside[member] = _convert(holder.members[member], value, layout)
    return parameters


def observe(shape: Shape | None, props: Mapping[str, Any], seen: Any, layout: Layout = PLAIN) -> dict[str, Any]:
    """What a description says of `props`, laid out as a request with input `shape`, or with less of its nesting.

    None stands for what the description lacks. Only what `props` set is looked at, at every depth: what AWS adds of
    itself is no drift. What the operation does not take is nothing that AWS could report: it is as it was set.
    """
    observed: dict[str, Any] = {}
    for name, value in props.items():
        path = layout.path(name)
        holder = _holder(shape, path)
        member = layout.member(name, holder.members) if holder else None
        if holder is None or member is None or name in layout.blind:
            observed[name] = value
        else:
            depths = (_get(dig(seen, ".".join(path[depth:])), member) for depth in range(len(path) + 1))
            found = next((value for value in depths if value is not None), None)
            observed[name] = _observe(holder.members[member], value, found, layout)
    return observed


def _holder(shape: Shape | None, path: list[str]) -> StructureShape | None:
    for step in path:
        shape = shape.members.get(step) if isinstance(shape, StructureShape) else None
    return shape if isinstance(shape, StructureShape) else None


def _get(described: Any, member: str) -> Any:
    if not isinstance(described, Mapping):
        return None
    return next((value for name, value in described.items() if name.lower() == member.lower()), None)


def _convert(shape: Shape, value: Any, layout: Layout) -> Any:
    if isinstance(shape, StructureShape):
        single = value[0] if isinstance(value, list) and len(value) == 1 else value
        return request(shape, single, Layout(layout.renames)) if isinstance(single, Mapping) else single
    if isinstance(shape, ListShape):
        items = value if isinstance(value, list) else _pairs(shape.member, value) or [value]
        return [_convert(shape.member, item, layout) for item in items]
    if isinstance(shape, MapShape):
        return {key: _convert(shape.value, item, layout) for key, item in value.items()}
    return _scalar(shape.type_name, value)


def _pairs(shape: Shape, value: Any) -> list[dict[str, Any]] | None:
    """`{"a": "b"}` as `[{"Key": "a", "Value": "b"}]`, when the items of the list are such pairs."""
    if not isinstance(shape, StructureShape) or not isinstance(value, Mapping) or set(value) == {"key", "value"}:
        return None
    for key, item in _PAIRS:
        if key in shape.members and item in shape.members:
            return [{key: name, item: text} for name, text in value.items()]
    return None


def _scalar(type_name: str, value: Any) -> Any:
    match type_name:
        case "integer" | "long":
            return int(value)
        case "float" | "double":
            return float(value)
        case "boolean":
            return value if isinstance(value, bool) else str(value).lower() == "true"
        case "string":
            return text(value)
        case "blob":
            return value.encode() if isinstance(value, str) else value
    return value


def text(value: Any) -> str:
    """A value as the APIs write it where they want text: documents as JSON, `true`, whole numbers without a point."""
    if isinstance(value, Mapping | list):
        return json.dumps(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _observe(shape: Shape, value: Any, seen: Any, layout: Layout) -> Any:
    if seen is None:
        return None if value else value  # unset, and empty, false or zero, are one to AWS
    if isinstance(shape, StructureShape):
        return _observe_structure(shape, value, seen, layout)
    if isinstance(shape, ListShape):
        return _observe_list(shape.member, value, seen, layout)
    if isinstance(shape, MapShape):
        return dict(seen)
    return same_or(value, text(seen) if isinstance(seen, Mapping | list) else seen)


def _observe_structure(shape: StructureShape, value: Any, seen: Any, layout: Layout) -> Any:
    if isinstance(value, list):
        return [_observe_structure(shape, item, seen, layout) for item in value[:1]]
    inner = Layout(layout.renames, blind=layout.blind)
    return observe(shape, value, seen, inner) if isinstance(value, Mapping) else seen


def _observe_list(shape: Shape, value: Any, seen: list[Any], layout: Layout) -> Any:
    if isinstance(value, Mapping):
        named = as_map(seen) if set(value) != {"key", "value"} else None
        if named is not None:
            return named
        return _observe(shape, value, seen[0], layout) if len(seen) == 1 else seen
    if all(not isinstance(item, Mapping) for item in value):
        return same_set(value, seen)
    likes = value + value[-1:] * (len(seen) - len(value))
    return [_observe(shape, like, item, layout) for like, item in zip(likes, seen, strict=False)]


def same_or(value: Any, seen: Any) -> Any:
    """`value` when `seen` says the same in other words (a number as text, another spacing of JSON), else `seen`."""
    if value == seen or parsed(value) == parsed(seen) or text(value) == text(seen):
        return value
    return seen


def same_set(values: list[Any], seen: list[Any]) -> list[Any]:
    """`values` when `seen` holds the same in another order: almost all lists of names are sets to AWS."""
    return values if sorted(map(text, values)) == sorted(map(text, seen)) else seen


def parsed(document: Any) -> Any:
    """A JSON document's value; anything else as it is."""
    try:
        return json.loads(document) if isinstance(document, str) else document
    except ValueError:
        return document


def as_map(pairs: Sequence[Any]) -> dict[str, Any] | None:
    """`[{"Key": "a", "Value": "b"}]` as `{"a": "b"}`; None when these are no pairs."""
    for key, item in _PAIRS:
        if all(isinstance(pair, Mapping) and set(pair) == {key, item} for pair in pairs):
            return {pair[key]: pair[item] for pair in pairs}
    return None


def dig(value: Any, path: str) -> Any:
    """What stands at a dotted `path`, an integer being a place in a list; None when there is nothing. A time is text,
    as it is in Pulumi's properties: RFC 3339 in UTC, to the second."""
    for step in filter(None, path.split(".")):
        try:
            value = value[int(step) if step.isdigit() else step]
        except (KeyError, IndexError, TypeError):
            return None
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(value, datetime) else value
