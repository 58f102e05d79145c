"""Property paths such as `tags.owner`, `rules[0].name` or `["a.b"][*]`, as ignoreChanges and replaceOnChanges use them.

The grammar is that of sdk/go/common/resource/property_path.go in pulumi/pulumi.
"""

from __future__ import annotations

import re
from typing import Any

from localcloud.engine.values import Secret

PART = re.compile(r'([^.\[\]"]+)|\[(\d+|\*)\]|\["((?:[^"\\]|\\.)*)"\]')
Path = list[str | int]


def parse(text: str) -> Path:
    """The keys and indices of a path; "*" stands for every one."""
    return [
        int(index) if index.isdigit() else index or quoted.replace('\\"', '"') or name
        for name, index, quoted in PART.findall(text)
    ]


def contains(outer: Path, inner: Path) -> bool:
    """Whether the inner path is the outer one or lies below it."""
    return len(outer) <= len(inner) and all(o in ("*", i) for o, i in zip(outer, inner, strict=False))


def touches(paths: list[str], changed: list[str]) -> list[str]:
    """Those of the changed paths that lie on or below one of these."""
    outer = [parse(path) for path in paths]
    return [path for path in changed if any(contains(o, parse(path)) for o in outer)]


def reset(path: Path, old: Any, new: Any) -> bool:
    """Put the old value at the path into `new`, in place. False when one side has no such place."""
    old = old.value if isinstance(old, Secret) else old
    new = new.value if isinstance(new, Secret) else new
    head, rest = path[0], path[1:]
    if head == "*":
        return _reset_each(rest, old, new)
    if isinstance(old, dict) and isinstance(new, dict):
        if rest:
            return reset(rest, old[head], new[head]) if head in old and head in new else (head in old) == (head in new)
        if head in old:
            new[head] = old[head]
        else:
            new.pop(head, None)
        return True
    if isinstance(old, list) and isinstance(new, list) and isinstance(head, int) and head < min(len(old), len(new)):
        if rest:
            return reset(rest, old[head], new[head])
        new[head] = old[head]
        return True
    return False


def _reset_each(rest: Path, old: Any, new: Any) -> bool:
    keys: list[Any]
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        keys = list(range(len(new)))
    elif isinstance(old, dict) and isinstance(new, dict):
        keys = list({**old, **new})
    else:
        return False
    done = [reset([key, *rest], old, new) for key in keys]
    return all(done)
