"""Which requirements of public frameworks each control helps to meet; the mappings are data (data/frameworks.json).

A control has the mappings of its family, of which its own entry may replace some.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from mesh_guardrails.control import Control

TABLE: Final = Path(__file__).with_name("data") / "frameworks.json"


@dataclass(frozen=True)
class Framework:
    """A published set of requirements."""

    key: str
    name: str
    version: str
    reference: str


@cache
def _table() -> Mapping[str, Any]:
    table: Mapping[str, Any] = json.loads(TABLE.read_text(encoding="utf-8"))
    return table


@cache
def frameworks() -> Sequence[Framework]:
    """All frameworks, in the order they are shown."""
    return tuple(Framework(key, **about) for key, about in _table()["frameworks"].items())


def requirements(control: Control) -> Mapping[str, Sequence[str]]:
    """The requirements a control helps to meet, by framework key; frameworks without any are left out."""
    stated = {**_table()["families"][control.family], **_table()["controls"].get(control.id, {})}
    return {framework.key: stated[framework.key] for framework in frameworks() if stated.get(framework.key)}


def mapped() -> tuple[Sequence[str], Sequence[str]]:
    """The families and the control ids that the table names, so that a test can find those that do not exist."""
    return tuple(_table()["families"]), tuple(_table()["controls"])
