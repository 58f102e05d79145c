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


def read_yaml(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file.

    Raises:
        DocumentError: the file is missing, is not YAML, or is not a mapping.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DocumentError(f"{shown(path)}: the file does not exist") from None
    except yaml.YAMLError as error:
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
    message = error["msg"].removeprefix("Value error, ")
    return f"{message}; found {error['input']!r}"
