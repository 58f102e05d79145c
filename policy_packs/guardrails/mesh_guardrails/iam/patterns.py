"""Patterns with `*` and `?`, as actions and resources of the policy language have them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate
from operator import or_
from typing import Final

WILD: Final = ("*", "?")
_VARIABLE = re.compile(r"\$\{([*?$])\}")
_PLACEHOLDER: Final = {"*": "\ue000", "?": "\ue001", "$": "$"}


def is_wild(pattern: str) -> bool:
    """Whether a pattern stands for more than one text."""
    plain = _plain(pattern)
    return "*" in plain or "?" in plain


def matches(pattern: str, text: str) -> bool:
    """Whether a text is one that a pattern stands for; upper and lower case differ."""
    return compiled(pattern).fullmatch(text) is not None


@lru_cache(maxsize=4096)
def compiled(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """A pattern as a regular expression. `${*}`, `${?}` and `${$}` are the characters themselves (IAM user guide,
    "IAM policy elements: Variables and tags")."""
    parts = {"*": ".*", "?": ".", _PLACEHOLDER["*"]: r"\*", _PLACEHOLDER["?"]: r"\?"}
    return re.compile("".join(parts.get(each) or re.escape(each) for each in _plain(pattern)), flags | re.DOTALL)


@lru_cache(maxsize=16384)
def covers(wide: str, narrow: str) -> bool:
    """Whether every text of one pattern is one of the other's too. Never says so wrongly; where wildcards meet in odd
    ways (`*?` and `?*`) it may miss that it is so."""
    if wide in ("*", narrow):
        return True
    if not is_wild(narrow) and "${" not in narrow:
        return matches(wide, narrow)
    a, b = _plain(wide), _plain(narrow)
    # reachable[j]: the part of `wide` read so far can stand for all of the first j characters of `narrow`.
    reachable = [True] + [False] * len(b)
    for char in a:
        if char == "*":
            reachable = list(accumulate(reachable, or_))
        else:
            reachable = [False] + [
                reachable[j] and b[j] != "*" and (char == "?" or char == b[j]) for j in range(len(b))
            ]
    return reachable[len(b)]


@lru_cache(maxsize=16384)
def overlaps(one: str, other: str) -> bool:
    """Whether some text is one of both patterns."""
    a, b = _plain(one), _plain(other)
    # ends[j]: the part of `one` read so far and the first j characters of `other` have a text in common.
    ends = [all(each == "*" for each in b[:j]) for j in range(len(b) + 1)]
    for char in a:
        following = [ends[0] and char == "*"]
        for j, against in enumerate(b, 1):
            if "*" in (char, against):
                following.append(ends[j] or following[j - 1])
            else:
                following.append(ends[j - 1] and (char == against or "?" in (char, against)))
        ends = following
    return ends[len(b)]


def covered(pattern: str, by: Sequence[str]) -> bool:
    """Whether one of several patterns covers a pattern."""
    return any(covers(wide, pattern) for wide in by)


def _plain(pattern: str) -> str:
    return _VARIABLE.sub(lambda found: _PLACEHOLDER[found[1]], pattern) if "${" in pattern else pattern
