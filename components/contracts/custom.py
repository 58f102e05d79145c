"""Custom properties: the place where both standards leave room for a platform's own words."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Sequence
from typing import Any, Protocol

from components.contracts.diagnostics import Findings, Location

Settings = dict[str, tuple[Any, Location]]
"""By name: each value with its place in the document."""


class Custom(Protocol):
    """A custom property as the models of both standards have it."""

    @property
    def value(self) -> Any: ...
    @property
    def property(self) -> str | None: ...


def settings(properties: Sequence[Custom] | None, at: Location) -> Settings:
    """The custom properties of the mapping at `at`; of two with one name the last."""
    return {
        str(each.property): (each.value, (*at, "customProperties", index, "value"))
        for index, each in enumerate(properties or ())
    }


def warn_of_misspelt(given: Settings, known: Collection[str], findings: Findings) -> None:
    """A word that is almost one that the platform reads is a mistake that would otherwise change nothing silently."""
    for name, (_, at) in given.items():
        close = [] if name in known else difflib.get_close_matches(name, known, n=1, cutoff=0.8)
        if close:
            findings.warning((*at[:-1], "property"), f"nothing reads {name!r}; did you mean {close[0]!r}?")
