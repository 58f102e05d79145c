"""Writes the catalogue of controls, docs/controls.md: `python -m mesh_guardrails.catalogue <file>`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from mesh_guardrails.control import Control, ResourceControl
from mesh_guardrails.controls import CONTROLS
from mesh_guardrails.encryption import EXEMPT
from mesh_guardrails.frameworks import frameworks, requirements

_FAMILIES = {
    "accounts": "Accounts, regions and tags",
    "encryption": "Encryption",
    "encryption-keys": "Keys and secrets",
    "transport": "Transport",
    "iam": "Identity and access",
    "exposure": "Exposure",
    "logging": "Logging",
    "durability": "Durability",
    "upkeep": "Upkeep",
    "mesh": "The mesh",
    "waivers": "Waivers",
}
_MOST_TYPES = 4


def catalogue(controls: Sequence[Control] = CONTROLS) -> str:
    """The whole page."""
    return "\n".join(_page(controls)) + "\n"


def _page(controls: Sequence[Control]) -> Iterator[str]:
    yield "# Controls of the policy pack"
    yield ""
    yield (
        f"Generated from the pack by `python -m mesh_guardrails.catalogue`: {len(controls)} controls. "
        "A control's id is its name in configuration, in waivers and in reports."
    )
    yield ""
    yield "| key | framework | version |"
    yield "|---|---|---|"
    for framework in frameworks():
        yield f"| {framework.key} | [{framework.name}]({framework.reference}) | {framework.version} |"
    for family, heading in _FAMILIES.items():
        yield from _family(heading, [control for control in controls if control.family == family])
    yield from _exempt()


def _family(heading: str, controls: Sequence[Control]) -> Iterator[str]:
    yield ""
    yield f"## {heading}"
    yield ""
    yield "| id | what holds | severity | looks at | why | how to fix | frameworks |"
    yield "|---|---|---|---|---|---|---|"
    for control in controls:
        cells = (
            f"`{control.id}`",
            control.title,
            control.severity,
            _scope(control),
            control.rationale,
            control.remediation,
            _requirements(control),
        )
        yield f"| {' | '.join(_cell(cell) for cell in cells)} |"


def _scope(control: Control) -> str:
    if not isinstance(control, ResourceControl):
        return "the stack"
    if not control.types:
        return "every resource"
    names = [type_[4:].partition(":")[0] if type_.startswith("aws:") else type_ for type_ in control.types]
    more = f" and {len(names) - _MOST_TYPES} more" if len(names) > _MOST_TYPES else ""
    return ", ".join(names[:_MOST_TYPES]) + more


def _requirements(control: Control) -> str:
    return "; ".join(f"{key} {', '.join(ids)}" for key, ids in requirements(control).items())


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _exempt() -> Iterator[str]:
    yield ""
    yield "## Types without an encryption control"
    yield ""
    yield "They have an encryption input, but no control applies."
    yield ""
    yield "| type | why |"
    yield "|---|---|"
    for type_, reason in sorted(EXEMPT.items()):
        yield f"| `{type_}` | {_cell(reason)} |"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(catalogue(), encoding="utf-8")
