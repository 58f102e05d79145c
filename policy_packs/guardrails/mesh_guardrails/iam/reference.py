"""What AWS says of each action: its access level, and whether it can be limited to a resource.

The table is generated (`generate`). A service's line is read when the service is first asked for, since most policies
speak of a few of the several hundred services.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

from mesh_guardrails.iam.patterns import compiled

TABLE: Final = Path(__file__).with_name("data") / "actions.txt"


class Level(StrEnum):
    """How the Service Authorization Reference grades what an action does."""

    LIST = "List"
    READ = "Read"
    WRITE = "Write"
    TAGGING = "Tagging"
    PERMISSIONS = "Permissions management"


LETTERS: Final[Mapping[str, Level]] = {
    "l": Level.LIST,
    "r": Level.READ,
    "w": Level.WRITE,
    "t": Level.TAGGING,
    "p": Level.PERMISSIONS,
}
"""The levels as the table abbreviates them."""
ARNS: Final = "@"
"""The group of the table that has no actions but the services in the ARNs that they name."""


@dataclass(frozen=True)
class Action:
    """One action of a service.

    Attributes:
        name: with its service, such as s3:GetObject, as AWS writes it.
        level: what it does.
        names_resource: a policy can limit it to a resource; otherwise it takes `*` only.
    """

    name: str
    level: Level
    names_resource: bool


@cache
def _lines() -> Mapping[str, str]:
    lines = (line for line in TABLE.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    return {prefix: rest for prefix, _, rest in (line.partition(" ") for line in lines)}


def services() -> frozenset[str]:
    """The prefixes of all services."""
    return frozenset(_lines())


@cache
def actions(service: str) -> Mapping[str, Action]:
    """A service's actions by their names with service, in lower case; none for a service that does not exist."""
    found: dict[str, Action] = {}
    for group in _lines().get(service, "").split():
        letter, _, names = group.partition(":")
        for name in names.split(",") if letter != ARNS else ():
            full = f"{service}:{name}"
            found[full.lower()] = Action(full, LETTERS[letter.lower()], letter.isupper())
    return found


@cache
def _in_arns(service: str) -> frozenset[str]:
    """The services in the ARNs of what a service's actions name; none for a service that does not exist."""
    first = _lines().get(service, "").split(" ", 1)[0]
    letter, _, names = first.partition(":")
    if letter == ARNS:
        return frozenset(names.split(","))
    return frozenset({service} if first else ())


@lru_cache(maxsize=16384)
def may_name(action: str, resource: str) -> bool:
    """Whether an action can be about what a pattern stands for: s3:GetObject is about no queue. What is not known is
    taken for possible."""
    parts = resource.split(":", 3)
    named = _in_arns(action.partition(":")[0].lower())
    if len(parts) < 4 or not named or "*" in named:
        return True
    return any(compiled(parts[2]).fullmatch(each) for each in named)


@lru_cache(maxsize=4096)
def expand(pattern: str) -> frozenset[Action]:
    """The actions a pattern such as `s3:Get*` stands for; upper and lower case do not matter."""
    pattern = pattern.lower()
    if pattern == "*":
        return everything()
    service, colon, name = pattern.partition(":")
    if not colon:
        return frozenset()
    prefixes = [service] if not re.search(r"[*?]", service) else filter(compiled(service).fullmatch, _lines())
    if "*" not in name and "?" not in name:
        return frozenset(found for each in prefixes if (found := actions(each).get(f"{each}:{name}")))
    fits = compiled(name).fullmatch
    return frozenset(action for each in prefixes for key, action in actions(each).items() if fits(key[len(each) + 1 :]))


@cache
def everything() -> frozenset[Action]:
    """Every action of every service."""
    return frozenset(action for service in _lines() for action in actions(service).values())
