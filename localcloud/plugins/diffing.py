"""What changes between two sets of inputs, and whether the real provider would replace the resource for it."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from localcloud.engine.paths import contains, parse
from localcloud.engine.values import SIGNATURE, UNKNOWN, Props, bare
from localcloud.plugins.facts import Facts, facts
from localcloud.plugins.naming import DEFAULTS, is_explicit
from localcloud.plugins.sdk import Resource

Path = tuple[str | int, ...]
_PLAIN_KEY = re.compile(r"[A-Za-z_$][\w$]*")


class Change(Enum):
    """Kinds of change of one property or list element."""

    ADD = "add"
    DELETE = "delete"
    UPDATE = "update"


@dataclass(frozen=True)
class Difference:
    """One change; `old` and `new` are None where there is nothing."""

    path: Path
    change: Change
    old: Any = field(compare=False)
    new: Any = field(compare=False)

    @property
    def text(self) -> str:
        """The path as Pulumi writes it."""
        parts = [
            f"[{part}]" if isinstance(part, int) else f".{part}" if _PLAIN_KEY.fullmatch(part) else f'["{part}"]'
            for part in self.path
        ]
        return "".join(parts).removeprefix(".")


@dataclass(frozen=True)
class Diff:
    """The changes of a resource, which of them replace it, and whether the old one has to go first."""

    differences: tuple[Difference, ...]
    replacing: frozenset[Difference]
    delete_before_replace: bool


def diff(resource: Resource, olds: Props, news: Props, ignored: list[str]) -> Diff:
    """Compare the inputs of the existing resource with the wanted ones."""
    known = facts(resource)
    found = tuple(
        difference
        for difference in differences(olds, news)
        if not _is_kept(resource, olds, difference) and not _is_ignored(difference, ignored)
    )
    replacing = frozenset(difference for difference in found if replaces(known, difference))
    naming = known.naming
    fixed = naming is not None and is_explicit(naming, news) and same(olds.get(naming.property), news[naming.property])
    return Diff(found, replacing, bool(replacing) and (known.delete_before_replace or fixed))


def differences(olds: Props, news: Props) -> list[Difference]:
    """The changes from `olds` to `news`; secrets are compared by their values."""
    return list(_object_differences(bare(_public(olds)), bare(_public(news)), ()))


def same(old: Any, new: Any) -> bool:
    """Whether AWS would see no change; documents in JSON are compared by content, assets by their hash."""
    return _same(bare(old), bare(new))


def replaces(known: Facts, difference: Difference) -> bool:
    """Whether the real provider replaces the resource for this change."""
    property_path = _property_path(difference.path)
    if difference.change is not Change.UPDATE and f"{property_path}.#" in known.replace:
        return True
    if any(_is_below(path, known.replace) for path in _leaves(difference)):
        return True
    return bool(known.conditional.get(property_path, frozenset()) & _events(difference)) or bool(
        known.conditional.get(f"{property_path}.#", frozenset()) & _element_events(difference)
    )


def _same(old: Any, new: Any) -> bool:
    if _is_empty(old) and _is_empty(new):
        return True
    if isinstance(old, bool) or isinstance(new, bool):
        return old is new
    if isinstance(old, str) and isinstance(new, str):
        return old == new or _document(old) == _document(new) is not None
    if isinstance(old, dict) and isinstance(new, dict) and SIGNATURE in old and "hash" in old and "hash" in new:
        return bool(old["hash"] == new["hash"])
    if isinstance(old, dict) and isinstance(new, dict):
        return all(_same(old.get(key), new.get(key)) for key in old.keys() | new.keys())
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(_same, old, new))
    return bool(old == new) and new is not UNKNOWN


def _public(values: Props) -> Props:
    return {name: value for name, value in values.items() if not name.startswith("__")}


def _is_kept(resource: Resource, olds: Props, difference: Difference) -> bool:
    """An input no longer given stays as it is where AWS would have chosen it, or where an import found it."""
    name = difference.path[0]
    if difference.change is not Change.DELETE or len(difference.path) > 1 or not isinstance(name, str):
        return False
    chosen = name in resource.inputs and name in resource.outputs and resource.outputs[name].required
    return chosen or name in (bare(olds.get(DEFAULTS)) or ())


def _is_ignored(difference: Difference, ignored: list[str]) -> bool:
    return any(contains(parse(pattern), list(difference.path)) for pattern in ignored)


def _object_differences(olds: Props, news: Props, path: Path) -> Iterator[Difference]:
    for key in sorted(olds.keys() | news.keys()):
        yield from _differences(olds.get(key), news.get(key), (*path, key))


def _differences(old: Any, new: Any, path: Path) -> Iterator[Difference]:
    if _same(old, new):
        return
    if _is_empty(old):
        yield Difference(path, Change.ADD, None, new)
    elif _is_empty(new):
        yield Difference(path, Change.DELETE, old, None)
    elif isinstance(old, dict) and isinstance(new, dict) and SIGNATURE not in old and SIGNATURE not in new:
        yield from _object_differences(old, new, path)
    elif isinstance(old, list) and isinstance(new, list):
        for index in range(max(len(old), len(new))):
            yield from _differences(
                old[index] if index < len(old) else None, new[index] if index < len(new) else None, (*path, index)
            )
    else:
        yield Difference(path, Change.UPDATE, old, new)


def _is_empty(value: Any) -> bool:
    return value is None or value == {} or value == []


def _document(text: str) -> Any:
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None


def _property_path(path: Path) -> str:
    return ".".join(part for part in path if isinstance(part, str))


def _leaves(difference: Difference) -> set[str]:
    """Paths, without indexes, of all that is added, deleted or changed."""
    root = _property_path(difference.path)
    return {root} | {
        f"{root}.{path}" for value in (difference.old, difference.new) for path in _leaf_paths(value) if path
    }


def _leaf_paths(value: Any) -> Iterator[str]:
    if isinstance(value, dict) and SIGNATURE not in value:
        for key, part in value.items():
            for path in _leaf_paths(part):
                yield f"{key}.{path}" if path else key
    elif isinstance(value, list):
        for part in value:
            yield from _leaf_paths(part)
    elif value is not None:
        yield ""


def _is_below(path: str, roots: frozenset[str]) -> bool:
    parts = path.split(".")
    return any(".".join(parts[:length]) in roots for length in range(1, len(parts) + 1))


def _events(difference: Difference) -> set[str]:
    """What happened, in the words of the table of replacements."""
    old, new = difference.old, difference.new
    if difference.change is not Change.UPDATE:
        is_element = isinstance(difference.path[-1], int)
        if difference.change is Change.ADD:
            return {"put"} if is_element else {"add"}
        return {"drop"} if is_element else {"remove"}
    if isinstance(old, bool) and isinstance(new, bool):
        return {"change", "on" if new else "off"}
    if isinstance(old, int | float) and isinstance(new, int | float):
        return {"change", "up" if new > old else "down"}
    return {"change", f"{old}>{new}"}


def _element_events(difference: Difference) -> set[str]:
    return set() if difference.change is Change.UPDATE else _events(difference)
