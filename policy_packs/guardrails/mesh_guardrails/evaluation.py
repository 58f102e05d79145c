"""Runs the controls that concern a resource or a stack, and applies the waivers."""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mesh_guardrails.control import Control, Finding, ResourceControl, StackControl
from mesh_guardrails.facts import Facts
from mesh_guardrails.resource import Resource, Stack
from mesh_guardrails.waivers import Waiver


@dataclass(frozen=True)
class Verdict:
    """A finding as it is to be reported.

    Attributes:
        control: whose finding it is.
        finding: what is wrong.
        urn: of the resource at fault; empty for the stack as a whole.
        waiver: the exception that covers it.
        failed: the control itself broke; that blocks, whatever the control's level.
    """

    control: Control
    finding: Finding
    urn: str
    waiver: Waiver | None = None
    failed: bool = False


class Controls:
    """The pack's controls, indexed by the resource types they look at."""

    def __init__(self, controls: Sequence[Control]) -> None:
        self.all: Mapping[str, Control] = {control.id: control for control in controls}
        self.of_stacks = [control for control in controls if isinstance(control, StackControl)]
        self._of_any: list[ResourceControl] = []
        self._of_type: dict[str, list[ResourceControl]] = {}
        for control in controls:
            if isinstance(control, ResourceControl):
                if not control.types:
                    self._of_any.append(control)
                for type_ in control.types:
                    self._of_type.setdefault(type_, []).append(control)

    def of(self, type_: str) -> Iterator[ResourceControl]:
        """The controls that look at resources of a type."""
        yield from self._of_any
        yield from self._of_type.get(type_, ())


def judge_resource(
    controls: Iterable[ResourceControl], resource: Resource, facts: Facts, waivers: Sequence[Waiver]
) -> Iterator[Verdict]:
    """The findings of resource controls on one resource."""
    for control in controls:
        try:
            findings = list(control.check(resource, facts))
        except Exception as error:  # whatever it is, the resource has not been checked
            yield _failure(control, resource.urn, error)
            continue
        for finding in findings:
            yield _verdict(control, finding, resource.urn, waivers)


def judge_stack(
    controls: Iterable[StackControl], stack: Stack, facts: Facts, waivers: Sequence[Waiver]
) -> Iterator[Verdict]:
    """The findings of stack controls on one stack."""
    for control in controls:
        try:
            findings = list(control.check(stack, facts))
        except Exception as error:  # whatever it is, the stack has not been checked
            yield _failure(control, "", error)
            continue
        for finding in findings:
            yield _verdict(control, finding, finding.urn, waivers)


def with_uses(facts: Facts, uses: Iterable[Waiver]) -> Facts:
    """The facts with the waivers that were needed so far."""
    return replace(facts, waivers_used=facts.waivers_used | frozenset(uses))


def _verdict(control: Control, finding: Finding, urn: str, waivers: Sequence[Waiver]) -> Verdict:
    waiver = next((w for w in waivers if w.covers(control.id, urn, finding.key)), None)
    return Verdict(control, finding, urn, waiver)


def failure(error: Exception) -> str:
    """A failed control, told by where it failed: the error's own text may hold a property's value, even a secret."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {Path(frame.filename).name}:{frame.lineno}"


def _failure(control: Control, urn: str, error: Exception) -> Verdict:
    message = f"the control could not run ({failure(error)}), so nothing is known to be right"
    return Verdict(control, Finding(message, "control-failed"), urn, failed=True)
