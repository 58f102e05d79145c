"""A YAML file as plain JSON values that remember their lines.

Both standards define their documents by JSON schemas, so a file means here what YAML 1.2's core schema makes of it
(https://yaml.org/spec/1.2.2/#103-core-schema): `2024-01-31`, `yes`, `NO`, `on`, `12:30` and `0123` stay the strings
that their author typed, and only `true`, `false`, `null` and plain numbers are anything else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from components.contracts.diagnostics import ContractError, Diagnostic, Location, Severity

MAX_VALUES = 500_000
"""Values in one document once its aliases are followed: far above any real contract, far below an alias bomb."""
MAX_DEPTH = 100
"""Collections inside each other. PyYAML's own composer recurses in C and ends the process on deeper ones than it has
stack for, which is why documents are built from its events here."""

_TAG = "tag:yaml.org,2002:"
_NULL = frozenset(("", "~", "null", "Null", "NULL"))
_BOOLEANS = {
    spelling: value for value in (True, False) for spelling in (str(value), str(value).lower(), str(value).upper())
}
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")


@dataclass(frozen=True)
class Document:
    """A parsed file."""

    file: str
    value: Any
    """None, bool, int, float, str, and lists and string-keyed dicts of them."""
    _lines: Mapping[int, Mapping[str | int, int]] = field(repr=False)
    """Per container, by `id()`: the line of each key or item."""

    def line(self, location: Location) -> int:
        """The one-based line of the value at `location`, or of the nearest place around it that is in the file."""
        value, line = self.value, 1
        for part in location:
            lines = self._lines.get(id(value), {})
            if part not in lines:
                break
            value, line = value[part], lines[part]
        return line


def read(path: Path, name: str | None = None) -> Document:
    """The document in the file at `path`; `name` is how diagnostics call it (default: the path).

    Raises ContractError when the file is missing, is not UTF-8 or is not YAML.
    """
    name = name or str(path)
    try:
        text = path.read_bytes().decode("utf-8")
    except OSError as error:
        raise _refusal(name, 0, f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise _refusal(name, line, f"expected UTF-8, found byte 0x{error.object[error.start]:02x}") from error
    return parse(text, name)


def parse(text: str, name: str) -> Document:
    """The document that `text` holds. Raises ContractError naming the line of what is not YAML, of a duplicate key
    and of a tag or an alias that JSON has no counterpart for."""
    reader = _Reader(name, yaml.parse(text, Loader=yaml.CSafeLoader))
    try:
        return Document(name, reader.document(), reader.lines)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = " ".join(filter(None, (error.context, error.problem)))
        raise _refusal(name, mark.line + 1 if mark else 0, f"is no YAML: {problem}") from error
    except yaml.YAMLError as error:
        raise _refusal(name, 0, f"is no YAML: {error}") from error


def parse_json(text: str, name: str) -> Document:
    """The document that JSON `text` holds, without lines. Raises ContractError when it is no JSON."""
    try:
        return Document(name, json.loads(text), {})
    except ValueError as error:
        raise _refusal(name, 0, f"is no JSON: {error}") from error


def _refusal(name: str, line: int, message: str) -> ContractError:
    return ContractError([Diagnostic(severity=Severity.ERROR, file=name, line=line, path="", message=message)])


class _Reader:
    """Turns the parser's events into values. What an anchor names is built once and shared by its aliases, which keeps
    the work linear; the count that `MAX_VALUES` limits is that of the expanded document, since validation walks it."""

    def __init__(self, name: str, events: Iterator[yaml.Event]) -> None:
        self._name = name
        self._events = events
        self._anchored: dict[str, tuple[Any, int] | None] = {}
        self.lines: dict[int, dict[str | int, int]] = {}

    def document(self) -> Any:
        """The value of the stream's only document."""
        next(self._events)  # The start of the stream, and then that of a document or the stream's end.
        if isinstance(next(self._events), yaml.StreamEndEvent):
            raise _refusal(self._name, 0, "is empty, expected a YAML mapping")
        value, _ = self._value(next(self._events), 0)
        next(self._events)  # The end of the document.
        after = next(self._events)
        if not isinstance(after, yaml.StreamEndEvent):
            raise self._refusal(after, "starts a second document, expected one")
        return value

    def _value(self, event: yaml.Event, depth: int) -> tuple[Any, int]:
        """The value that starts with `event`, and how many values it is made of."""
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        assert isinstance(event, yaml.NodeEvent)
        if depth > MAX_DEPTH:
            raise self._refusal(event, f"is nested too deeply, expected at most {MAX_DEPTH} levels")
        if event.anchor:
            self._anchored[event.anchor] = None
        if isinstance(event, yaml.ScalarEvent):
            found = (self._scalar(event), 1)
        elif isinstance(event, yaml.SequenceStartEvent):
            found = self._sequence(depth)
        else:
            found = self._mapping(depth)
        if found[1] > MAX_VALUES:
            raise self._refusal(event, f"holds more than {MAX_VALUES:,} values once its aliases are followed")
        if event.anchor:
            self._anchored[event.anchor] = found
        return found

    def _alias(self, event: yaml.AliasEvent) -> tuple[Any, int]:
        if event.anchor not in self._anchored:
            raise self._refusal(event, f"is an alias of {event.anchor!r}, which nothing before it is called")
        found = self._anchored[event.anchor]
        if found is None:
            raise self._refusal(event, "contains itself through an alias")
        return found

    def _scalar(self, event: yaml.ScalarEvent) -> Any:
        text: str = event.value
        if event.tag is None or event.tag == "!":
            return _plain(text) if event.implicit[0] else text
        kind = event.tag.removeprefix(_TAG)
        if kind in ("str", "timestamp"):
            return text
        kinds = {"null": type(None), "bool": bool, "int": int, "float": float}
        if kind not in kinds:
            raise self._refusal(event, f"has the tag {event.tag!r}, which no contract uses")
        value = _plain(text)
        if type(value) is int and kind == "float":
            return float(value)
        if type(value) is not kinds[kind]:
            raise self._refusal(event, f"{text!r} is no {kind}")
        return value

    def _sequence(self, depth: int) -> tuple[list[Any], int]:
        values: list[Any] = []
        lines: dict[str | int, int] = {}
        total = 1
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            value, size = self._value(event, depth + 1)
            lines[len(values)] = _line(event)
            values.append(value)
            total += size
        self.lines[id(values)] = lines
        return values, total

    def _mapping(self, depth: int) -> tuple[dict[str, Any], int]:
        values: dict[str, Any] = {}
        lines: dict[str | int, int] = {}
        merged: list[dict[str, Any]] = []
        total = 1
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise self._refusal(event, "is a key, expected a string")
            key: str = event.value
            if key in values:
                raise self._refusal(event, f"the key {key!r} is here twice, first on line {lines[key]}")
            item = next(self._events)
            value, size = self._value(item, depth + 1)
            total += size
            if key == "<<" and event.implicit[0]:
                merged += self._merged(value, item)
            else:
                values[key], lines[key] = value, _line(event)
        for inherited in merged:
            for key in [each for each in inherited if each not in values]:
                values[key], lines[key] = inherited[key], self.lines[id(inherited)][key]
        self.lines[id(values)] = lines
        return values, total

    def _merged(self, value: Any, event: yaml.Event) -> list[dict[str, Any]]:
        """The mappings that a merge key names (https://yaml.org/type/merge.html)."""
        sources = value if isinstance(value, list) else [value]
        if not all(isinstance(each, dict) for each in sources):
            raise self._refusal(event, "is merged into a mapping, expected a mapping")
        return sources

    def _refusal(self, event: yaml.Event, message: str) -> ContractError:
        return _refusal(self._name, _line(event), message)


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 0


def _plain(text: str) -> Any:
    """What a scalar without quotes and tag is."""
    if text in _NULL:
        return None
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text
