"""Judges property values by the SDK's types: what is unknown, missing or of another type, and where."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from localcloud.engine.values import ARCHIVE, ASSET, RESOURCE, SIGNATURE, UNKNOWN, Output, Props, Secret
from localcloud.plugins.sdk import Array, Map, Object, OneOf, Property, Scalar, Type


@dataclass(frozen=True)
class Failure:
    """What is wrong with the property at `path`, for example `ingress[0].fromPort`."""

    path: str
    reason: str


def failures(properties: Mapping[str, Property], values: Props) -> list[Failure]:
    """Everything wrong with `values` as inputs; unknown values and null are accepted wherever a value may stand."""
    return list(_object_failures(properties, values, ""))


def unwrapped(value: Any) -> Any:
    """The value inside secrets and outputs."""
    while isinstance(value, Secret | Output):
        value = value.value
    return value


def documents_as_json(properties: Mapping[str, Property], values: Props) -> Props:
    """`values` with documents given as objects turned into the JSON text that the resource takes."""
    return {
        name: json.dumps(value, separators=(",", ":"), sort_keys=True)
        if name in properties and _is_document(properties[name].type) and isinstance(value, dict) and _is_known(value)
        else value
        for name, value in values.items()
    }


def _is_document(value_type: Type) -> bool:
    return isinstance(value_type, OneOf) and any(
        isinstance(option, Object) and option.name.endswith("PolicyDocumentArgs") for option in value_type.options
    )


def _is_known(value: Any) -> bool:
    if isinstance(value, dict):
        return all(_is_known(part) for part in value.values())
    if isinstance(value, list):
        return all(_is_known(part) for part in value)
    return value is not UNKNOWN and not isinstance(value, Secret | Output)


def _object_failures(properties: Mapping[str, Property], values: Props, path: str) -> Iterator[Failure]:
    for name, value in values.items():
        if name.startswith("__"):
            continue
        if name not in properties:
            yield Failure(path + name, f"unknown property '{path}{name}'{suggestion(name, properties)}")
        else:
            yield from _failures(properties[name].type, value, path + name)
    for name, declared in properties.items():
        if declared.required and unwrapped(values.get(name)) is None:
            yield Failure(path + name, f"missing required property '{path}{name}'")


def suggestion(name: str, known: Iterable[str]) -> str:
    """`; did you mean '…'?` when a known name is close, else nothing."""
    close = get_close_matches(name, known, n=1)
    return f"; did you mean '{close[0]}'?" if close else ""


def _failures(expected: Type, value: Any, path: str) -> Iterator[Failure]:
    value = unwrapped(value)
    if value is UNKNOWN or value is None:
        return
    match expected:
        case OneOf(options):
            verdicts = [list(_failures(option, value, path)) for option in options]
            if all(verdicts):
                yield min(verdicts, key=lambda verdict: (verdict[0].path == path, len(verdict)))[0]
        case Array(item) if isinstance(value, list):
            for index, part in enumerate(value):
                yield from _failures(item, part, f"{path}[{index}]")
        case Map(item) if _is_plain_object(value):
            for key, part in value.items():
                yield from _failures(item, part, f"{path}.{key}")
        case Object() if _is_plain_object(value):
            yield from _object_failures(expected.properties, value, f"{path}.")
        case Scalar(kind) if _SCALARS[kind](value):
            return
        case _:
            yield Failure(path, f"expected {_described(expected)} for '{path}', got {_described_value(value)}")


def _is_plain_object(value: Any) -> bool:
    return isinstance(value, dict) and SIGNATURE not in value


def _has_signature(value: Any, *signatures: str) -> bool:
    return isinstance(value, dict) and value.get(SIGNATURE) in signatures


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_SCALARS: Mapping[str, Callable[[Any], bool]] = {
    "any": lambda value: True,
    "string": lambda value: isinstance(value, str) or _has_signature(value, RESOURCE),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: _is_number(value) and value == int(value),
    "number": _is_number,
    "asset": lambda value: _has_signature(value, ASSET),
    "archive": lambda value: _has_signature(value, ARCHIVE),
}


def _described(expected: Type) -> str:
    match expected:
        case OneOf(options):
            return " or ".join(_described(option) for option in options)
        case Array():
            return "a list"
        case Map() | Object():
            return "an object"
        case Scalar(kind):
            return f"an {kind}" if kind[0] in "aio" else f"a {kind}"


def _described_value(value: Any) -> str:
    if _has_signature(value, ASSET, ARCHIVE):
        return "an asset" if value[SIGNATURE] == ASSET else "an archive"
    names = {bool: "a boolean", int: "a number", float: "a number", str: "a string", list: "a list", dict: "an object"}
    return names.get(type(value), type(value).__name__)
