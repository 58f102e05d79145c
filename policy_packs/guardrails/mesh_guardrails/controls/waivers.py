"""The waivers themselves: each still holds, is narrow and is needed."""

from collections.abc import Iterator

from mesh_guardrails.control import Finding, Severity, StackControl
from mesh_guardrails.facts import Facts
from mesh_guardrails.resource import Stack
from mesh_guardrails.waivers import Waiver


def _of_this_stack(facts: Facts) -> Iterator[Waiver]:
    return (waiver for waiver in facts.waivers if waiver.stack == facts.stack)


def _expired(stack: Stack, facts: Facts) -> Iterator[Finding]:
    for waiver in _of_this_stack(facts):
        if waiver.expired(facts.today):
            yield Finding(f"the waiver {waiver} has expired and no longer counts", f"{waiver.control}/{waiver.finding}")


def _broad(stack: Stack, facts: Facts) -> Iterator[Finding]:
    for waiver in facts.waivers:
        if why := waiver.too_broad(facts.today):
            yield Finding(f"the waiver {waiver} does not count: {why}", f"{waiver.control}/{waiver.finding}")


def _unused(stack: Stack, facts: Facts) -> Iterator[Finding]:
    for waiver in _of_this_stack(facts):
        counts = not waiver.expired(facts.today) and not waiver.too_broad(facts.today)
        if counts and waiver not in facts.waivers_used:
            yield Finding(f"nothing needs the waiver {waiver} any more", f"{waiver.control}/{waiver.finding}")


CONTROLS = (
    StackControl(
        id="waiver-expired",
        title="No waiver has outlived its last day",
        severity=Severity.MEDIUM,
        rationale="An exception was accepted for a time; after it, the risk is nobody's decision any more.",
        remediation="Fix what was waived and delete the entry, or have its owner decide again with a new date.",
        family="waivers",
        check=_expired,
    ),
    StackControl(
        id="waiver-broad",
        title="Every waiver names one stack, one resource type, the resources, and at most a year",
        severity=Severity.MEDIUM,
        rationale="A wide exception silently covers resources that nobody looked at.",
        remediation="Split the entry into one for each kind of resource that needs it.",
        family="waivers",
        check=_broad,
    ),
    StackControl(
        id="waiver-unused",
        title="Every waiver is needed",
        severity=Severity.LOW,
        rationale="An exception that nothing needs waits for the next mistake to cover.",
        remediation="Delete the entry.",
        family="waivers",
        check=_unused,
    ),
)
