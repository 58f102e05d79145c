"""YAML documents checked against pydantic models, refused with the file, the path in it and what was expected."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

ROOT = Path(__file__).resolve().parent.parent
Model = TypeVar("Model", bound=BaseModel)


class Document(BaseModel):
    """Base of every model read from a YAML file: camelCase keys, unknown keys refused, immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=to_camel, populate_by_name=True)


class DocumentError(ValueError):
    """A document is not what its model says; the message has one line per problem."""


class _Loader(yaml.SafeLoader):
    """Refuses a key that is there twice: YAML forbids it, PyYAML takes the last one."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
            if key.value in seen:
                problem = f"the key {key.value!r} is here twice"
                raise yaml.constructor.ConstructorError(problem=problem, problem_mark=key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def read_yaml(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file.

    Raises:
        DocumentError: the file cannot be read, is not YAML, or is not a mapping.
    """
    try:
        content = yaml.load(path.read_bytes(), _Loader)
    except FileNotFoundError:
        raise DocumentError(f"{shown(path)}: the file does not exist") from None
    except OSError as error:
        raise DocumentError(f"{shown(path)}: cannot be read: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise DocumentError(f"{shown(path)}: not valid YAML: {error}") from None
    if not isinstance(content, dict):
        raise DocumentError(f"{shown(path)}: expected a mapping at the top of the file")
    return content


def validate(model: type[Model], content: Mapping[str, Any], path: Path, prefix: str = "") -> Model:
    """The content as an instance of the model.

    Args:
        model: what the content must be.
        content: the parsed document, or the part of it below `prefix`.
        path: the file it came from, for the message.
        prefix: put before each path in the message, such as "config.mesh:".

    Raises:
        DocumentError: with a line per problem: file, path, expectation and the value found.
    """
    try:
        return model.model_validate(content)
    except ValidationError as error:
        lines = [f"{shown(path)}: {prefix}{_location(e['loc'])}: {_expectation(e)}" for e in error.errors()]
        raise DocumentError("\n".join(lines)) from None


def shown(path: Path) -> str:
    """The path as a reader of the repository would type it."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def _location(parts: tuple[int | str, ...]) -> str:
    text = ""
    for part in parts:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text or "(document)"


def _expectation(error: Any) -> str:
    if error["type"] == "extra_forbidden":
        return "unknown key; remove it or correct its spelling"
    if error["type"] == "missing":
        return "required, but missing"
    message = str(error["msg"]).removeprefix("Value error, ")
    whole = error["type"] == "value_error" and isinstance(error["input"], dict)  # the message says what is wrong in it
    return message if whole else f"{message}; found {error['input']!r}"
