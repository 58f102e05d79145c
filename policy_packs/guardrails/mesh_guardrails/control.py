"""What a control is: one rule with everything its catalogue entry, its report and its waivers need."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from mesh_guardrails.facts import Facts
from mesh_guardrails.resource import Resource, Stack


class Severity(StrEnum):
    """How bad a violation is, from the best case of an attacker or an outage."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


@dataclass(frozen=True)
class Finding:
    """One thing a control found wrong.

    Attributes:
        message: what is wrong and where; never a property value that could be a secret.
        key: what a waiver names it by: stable, and telling this finding from the control's others on the resource.
        urn: for stack controls, the resource at fault; empty for the stack as a whole.
        undetermined: the control could not judge because something is unknown until the update, when it looks again.
    """

    message: str
    key: str
    urn: str = ""
    undetermined: bool = False


ResourceCheck = Callable[[Resource, Facts], Iterable[Finding]]
StackCheck = Callable[[Stack, Facts], Iterable[Finding]]
Path = tuple[str | int, ...]
Fix = Callable[[Resource, Facts], Mapping[Path, Any]]
"""What to set to remedy a resource: new values by property path. Nothing when there is nothing left to remedy."""


@dataclass(frozen=True, kw_only=True)
class Control:
    """What every control says about itself.

    Attributes:
        id: its name in configuration, waivers and reports; lower case with dashes, stable.
        title: what holds where the control is met.
        severity: of a violation.
        rationale: why it matters.
        remediation: what to change in the program.
        family: the group it is listed under; also the default of its framework mapping.
        settings: JSON schema of each configuration property, by name.
    """

    id: str
    title: str
    severity: Severity
    rationale: str
    remediation: str
    family: str
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ResourceControl(Control):
    """A control of single resources, before they are created or changed.

    Attributes:
        types: the type tokens it looks at; empty for every resource.
        check: gives its findings.
        fix: remedies them, where the pack is configured to.
    """

    check: ResourceCheck
    types: tuple[str, ...] = ()
    fix: Fix | None = None


@dataclass(frozen=True, kw_only=True)
class StackControl(Control):
    """A control of several resources together, after the last of them was registered."""

    check: StackCheck
