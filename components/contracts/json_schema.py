"""What a JSON schema finds wrong with a document, in words that say where, what was expected and what is there."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator
from typing import Any

import jsonschema
from jsonschema.exceptions import ValidationError

from components.contracts.diagnostics import Location

Problem = tuple[Location, str]


def problems(validator: jsonschema.Draft201909Validator, value: Any) -> list[Problem]:
    """Every problem of `value`, outermost and first in the document first.

    A key counts as evaluated only where its section is valid, so a wrong value makes its correct neighbours
    "unevaluated" as well. That complaint is therefore kept only where nothing else is wrong at or below its place.
    """
    found = [cause for error in validator.iter_errors(value) for cause in _causes(error)]
    told: dict[Problem, None] = {}
    for error in found:
        if error.validator != "unevaluatedProperties" or not any(_explains(each, error) for each in found):
            told.update(dict.fromkeys(_told(error, validator.schema)))
    return list(told)


def _explains(error: ValidationError, complaint: ValidationError) -> bool:
    """Whether `error` lies below the place of an unevaluated key, or is another kind of error at it."""
    place, around = tuple(error.absolute_path), tuple(complaint.absolute_path)
    return place[: len(around)] == around and (place != around or error.validator != complaint.validator)


def shown(value: Any) -> str:
    """A value as JSON, cut to a readable length, with a collection named by its kind."""
    if isinstance(value, dict | list):
        return f"{'a mapping' if isinstance(value, dict) else 'a list'} of {len(value)}"
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:57] + "..."


def _causes(error: ValidationError) -> list[ValidationError]:
    """The errors behind a failed choice, when only one alternative is meant for such a value; else the error itself."""
    if error.validator not in ("oneOf", "anyOf"):
        return [error]
    alternatives: dict[str | int, list[ValidationError]] = {}
    for cause in error.context or ():
        alternatives.setdefault(cause.relative_schema_path[0], []).append(cause)
    meant = [causes for causes in alternatives.values() if not any(_wrong_kind(cause) for cause in causes)]
    return [each for cause in meant[0] for each in _causes(cause)] if len(meant) == 1 else [error]


def _wrong_kind(error: ValidationError) -> bool:
    return error.validator == "type" and not error.relative_path


def _told(error: ValidationError, root: Any) -> Iterator[Problem]:
    place: Location = tuple(error.absolute_path)
    schema: Any = error.schema
    value: Any = error.instance
    rule: Any = error.validator_value
    match error.validator:
        case "type":
            kinds = [rule] if isinstance(rule, str) else rule
            yield place, f"expected {' or '.join(_KINDS[kind] for kind in kinds)}, found {shown(value)}"
        case "required":
            missing = [key for key in rule if key not in value]
            yield place, f"expected {', '.join(map(repr, missing))}, which is missing"
        case "additionalProperties" | "unevaluatedProperties":
            known = _keys(schema, root)
            for key in _quoted(error.message, value):
                close = difflib.get_close_matches(key, sorted(known - value.keys()), n=1)
                hint = f"; did you mean {close[0]!r}?" if close else ""
                yield (*place, key), f"is no key that the standard knows here{hint}"
        case "enum" | "const":
            expected = [rule] if error.validator == "const" else rule
            yield place, f"expected {' or '.join(map(shown, expected))}, found {shown(value)}"
        case "pattern":
            yield place, f"expected text that matches {rule}, found {shown(value)}"
        case "oneOf" | "anyOf" if isinstance(value, dict) and (keys := _alternatives(rule)):
            there = [key for key in keys if key in value]
            yield place, f"expected one of {', '.join(keys)}; found {' and '.join(there) or 'none of them'}"
        case _:
            yield place, error.message


def _alternatives(rule: list[dict[str, Any]]) -> list[str]:
    """The keys by which the alternatives of a mapping differ."""
    return sorted({key for case in rule for key in case.get("required", ())})


_KINDS = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "null",
}


def _keys(schema: Any, root: Any) -> set[str]:
    """The keys that `schema` names for a mapping, through references, conditions and alternatives."""
    if isinstance(schema, list):
        return {key for each in schema for key in _keys(each, root)}
    if not isinstance(schema, dict):
        return set()
    keys = set(schema.get("properties", {}))
    if reference := schema.get("$ref"):
        keys |= _keys(_resolved(reference, root), root)
    return keys.union(*(_keys(schema[part], root) for part in ("allOf", "anyOf", "oneOf", "then") if part in schema))


def _resolved(reference: str, root: Any) -> Any:
    part: Any = root
    for key in reference.removeprefix("#/").split("/"):
        part = part[key]
    return part


def _quoted(message: str, value: dict[str, Any]) -> list[str]:
    """The unexpected keys, which the library only names in its message, each in its repr."""
    return [key for key in value if repr(key) in message]
