"""Which route of an API a request takes.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote

DEFAULT = "$default"


@dataclass(frozen=True)
class Match:
    """The key of the route that is taken, and what its path variables stand for."""

    route_key: str
    parameters: dict[str, str]


def match(route_keys: Iterable[str], method: str, path: str) -> Match | None:
    """The most specific route for a request: constant path segments before variables before a greedy variable; at equal
    paths the method itself before ANY; `$default` when nothing else fits. None when there is no such route."""
    found: list[tuple[tuple[int, ...], int, Match]] = []
    default: Match | None = None
    for key in route_keys:
        if key == DEFAULT:
            default = Match(key, {})
            continue
        route_method, _, route_path = key.partition(" ")
        if route_method not in (method, "ANY"):
            continue
        fitted = _fit(_segments(route_path), _segments(path))
        if fitted is not None:
            ranks, parameters = fitted
            found.append((ranks, int(route_method == "ANY"), Match(key, parameters)))
    return min(found, key=lambda candidate: candidate[:2])[2] if found else default


def _segments(path: str) -> list[str]:
    return path.strip("/").split("/") if path.strip("/") else []


def _fit(route: list[str], path: list[str]) -> tuple[tuple[int, ...], dict[str, str]] | None:
    """How specific each segment of a route is (0 constant, 1 variable, 2 greedy), and the variables' values."""
    ranks: list[int] = []
    parameters: dict[str, str] = {}
    for index, segment in enumerate(route):
        name = segment[1:-1] if segment.startswith("{") and segment.endswith("}") else None
        if name is not None and name.endswith("+"):
            if index >= len(path):
                return None
            parameters[name[:-1]] = unquote("/".join(path[index:]))
            return (*ranks, 2), parameters
        if index >= len(path):
            return None
        if name is not None:
            parameters[name] = unquote(path[index])
        elif segment != path[index]:
            return None
        ranks.append(0 if name is None else 1)
    return (tuple(ranks), parameters) if len(route) == len(path) else None
