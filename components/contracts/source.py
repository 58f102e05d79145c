"""A YAML file as plain JSON values that remember their lines.

Both standards define their documents by JSON schemas, so a file means here what YAML 1.2's core schema makes of it
(https://yaml.org/spec/1.2.2/#103-core-schema): `2024-01-31`, `yes`, `NO`, `on`, `12:30` and `0123` stay the strings
that their author typed, and only `true`, `false`, `null` and plain numbers are anything else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from components.contracts.diagnostics import ContractError, Diagnostic, Location, Severity

MAX_VALUES = 500_000
"""Values in one document once its aliases are followed: far above any real contract, far below an alias bomb."""

_MERGE = "tag:yaml.org,2002:merge"


class _Loader(yaml.CSafeLoader):
    """PyYAML's parser with YAML 1.2's idea of which plain scalars are no strings."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 (PyYAML reads it from the class)


_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""])
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), [*"tTfF"]
)
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^[-+]?(?:0|[1-9][0-9]*)$"), [*"-+0123456789"])
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*(?:[eE][-+]?[0-9]+)?|[eE][-+]?[0-9]+))$"),
    [*"-+.0123456789"],
)
_Loader.add_implicit_resolver(_MERGE, re.compile("^<<$"), ["<"])


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
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise _refusal(name, 0, f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise _refusal(name, line, f"expected UTF-8, found byte 0x{error.object[error.start]:02x}") from error
    return parse(text, name)


def parse(text: str, name: str) -> Document:
    """The document that `text` holds. Raises ContractError naming the line of what is not YAML, of a duplicate key
    and of a tag or an alias that JSON has no counterpart for."""
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = " ".join(filter(None, (error.context, error.problem)))
        raise _refusal(name, mark.line + 1 if mark else 0, f"is no YAML: {problem}") from error
    except yaml.YAMLError as error:
        raise _refusal(name, 0, f"is no YAML: {error}") from error
    except RecursionError as error:
        raise _refusal(name, 0, "is nested too deeply") from error
    if node is None:
        raise _refusal(name, 0, "is empty, expected a YAML mapping")
    reader = _Reader(name)
    return Document(name, reader.value(node), reader.lines)


def _refusal(name: str, line: int, message: str) -> ContractError:
    return ContractError([Diagnostic(severity=Severity.ERROR, file=name, line=line, path="", message=message)])


class _Reader:
    """Turns nodes into values. An anchored node is read once and shared by its aliases, which keeps the work linear;
    the count that `MAX_VALUES` limits is that of the expanded document, since validation walks all of it."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._read: dict[int, tuple[Any, int]] = {}
        self._open: set[int] = set()
        self.lines: dict[int, dict[str | int, int]] = {}

    def value(self, node: yaml.Node) -> Any:
        return self._sized(node)[0]

    def _sized(self, node: yaml.Node) -> tuple[Any, int]:
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node), 1
        if id(node) in self._read:
            return self._read[id(node)]
        if id(node) in self._open:
            raise self._refusal(node, "contains itself through an alias")
        self._open.add(id(node))
        value, size = self._sequence(node) if isinstance(node, yaml.SequenceNode) else self._mapping(node)
        self._open.remove(id(node))
        if size > MAX_VALUES:
            raise self._refusal(node, f"holds more than {MAX_VALUES:,} values once its aliases are followed")
        self._read[id(node)] = value, size
        return value, size

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        kind = node.tag.removeprefix("tag:yaml.org,2002:")
        text: str = node.value
        try:
            match kind:
                case "str" | "timestamp":
                    return text
                case "null":
                    return None
                case "bool":
                    return {"true": True, "false": False}[text.lower()]
                case "int":
                    return int(text)
                case "float":
                    return float(text)
        except (KeyError, ValueError):
            raise self._refusal(node, f"{text!r} is no {kind}") from None
        raise self._refusal(node, f"has the tag {node.tag!r}, which no contract uses")

    def _sequence(self, node: yaml.SequenceNode) -> tuple[list[Any], int]:
        items = [self._sized(item) for item in node.value]
        values = [value for value, _ in items]
        self.lines[id(values)] = {at: item.start_mark.line + 1 for at, item in enumerate(node.value)}
        return values, 1 + sum(size for _, size in items)

    def _mapping(self, node: yaml.Node) -> tuple[dict[str, Any], int]:
        values: dict[str, Any] = {}
        lines: dict[str | int, int] = {}
        merged: list[yaml.Node] = []
        total = 1
        for key, item in node.value:
            if key.tag == _MERGE:
                merged += item.value if isinstance(item, yaml.SequenceNode) else [item]
                continue
            if not isinstance(key, yaml.ScalarNode):
                raise self._refusal(key, "is a key, expected a string")
            if key.value in values:
                raise self._refusal(key, f"the key {key.value!r} is here twice, first on line {lines[key.value]}")
            values[key.value], size = self._sized(item)
            lines[key.value] = key.start_mark.line + 1
            total += size
        for source in merged:
            inherited, size = self._sized(source)
            if not isinstance(inherited, dict):
                raise self._refusal(source, "is merged into a mapping, expected a mapping")
            total += size
            for name in inherited.keys() - values.keys():
                values[name], lines[name] = inherited[name], self.lines[id(inherited)][name]
        self.lines[id(values)] = lines
        return values, total

    def _refusal(self, node: yaml.Node, message: str) -> ContractError:
        return _refusal(self._name, node.start_mark.line + 1, message)
