"""Reads the inputs of every resource type from the installed pulumi-aws, without importing its 1,748 modules.

pulumi-aws is generated code of one shape, so its text tells types and nesting in two seconds. Tests compare the pack's
tables with it, and `python -m mesh_guardrails.data.sdk` writes `taggable.txt`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path

TAGGABLE = Path(__file__).with_name("taggable.txt")

_TOKEN = re.compile(r"super\(\w+, __self__\)\.__init__\(\s*'(aws:[^']+)'")
_PROPERTY = re.compile(
    r'@pulumi\.getter(?:\(name="(?P<name>[^"]+)"\))?\n    def (?P<snake>\w+)\(self\) -> (?P<type>pulumi\.Input\[.*\]):'
)
_REFERENCE = re.compile(r"'(?:_\w+\.)?(\w+Args)'")

Inputs = Mapping[str, str]
"""Type annotations by property name."""


def _root() -> Path:
    spec = find_spec("pulumi_aws")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("pulumi_aws is not installed")
    return Path(spec.origin).parent


def _inputs(text: str) -> Inputs:
    return {found["name"] or found["snake"]: found["type"] for found in _PROPERTY.finditer(text)}


@cache
def _nested(folder: Path) -> Mapping[str, Inputs]:
    path = folder / "_inputs.py"
    classes = path.read_text(encoding="utf-8").split("\n@pulumi.input_type\nclass ")[1:] if path.exists() else []
    return {text[: text.index(":")].split("(")[0]: _inputs(text) for text in classes}


@cache
def resource_types() -> Mapping[str, tuple[Path, Inputs]]:
    """Where each type token is defined, and the annotations of its inputs."""
    found = {}
    for path in sorted(_root().rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        token = _TOKEN.search(text)
        if token and not path.name.startswith(("_", "get_")):
            arguments = text.split("@pulumi.input_type\nclass ")[1]
            found[token[1]] = (path.parent, _inputs(arguments.split("\nclass _")[0]))
    return found


@cache
def input_paths(type_: str) -> Mapping[str, str]:
    """The annotation of every input of a type by its path, `[]` after each list: `rules[].bucketKeyEnabled`."""
    folder, inputs = resource_types()[type_]
    return dict(_paths(_nested(folder), inputs, "", ()))


def _paths(
    nested: Mapping[str, Inputs], inputs: Inputs, prefix: str, within: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    for name, annotation in inputs.items():
        path = f"{prefix}{name}{'[]' if 'Sequence' in annotation else ''}"
        yield path, annotation
        reference = _REFERENCE.search(annotation)
        if reference and reference[1] in nested and reference[1] not in within:
            yield from _paths(nested, nested[reference[1]], f"{path}.", (*within, reference[1]))


def taggable_types() -> list[str]:
    """The types that take a map of tags."""
    return [type_ for type_, (_, inputs) in resource_types().items() if "Mapping[" in inputs.get("tags", "")]


if __name__ == "__main__":
    TAGGABLE.write_text("".join(f"{type_}\n" for type_ in sorted(taggable_types())), encoding="utf-8")
