"""The analysis of one document."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from mesh_guardrails.documents import Kind
from mesh_guardrails.iam import callers, crossing, escalation, perimeter, permissions, spelling
from mesh_guardrails.iam.finding import Concern, Context, Finding
from mesh_guardrails.iam.grammar import Parsed, parse


@lru_cache(maxsize=2048)
def analyse(document: str, kind: Kind, context: Context) -> tuple[Finding, ...]:
    """Every finding on a document.

    Args:
        document: its JSON text.
        kind: what it does. Ceilings (boundaries, endpoint policies, SCPs, RCPs) grant nothing, so that being wide is
            not held against them.
        context: whose document it is.
    """
    parsed = parse(document, kind)
    return tuple(_findings(parsed, kind, context))


def _findings(parsed: Parsed, kind: Kind, context: Context) -> Iterator[Finding]:
    for where, what in parsed.problems:
        yield Finding(Concern.GRAMMAR, where, "the document", f"breaks the policy grammar: {what}", "correct it")
    yield from spelling.check(parsed.statements)
    if kind in (Kind.IDENTITY, Kind.PERMISSION_SET):
        yield from permissions.check_grants(parsed.statements)
        yield from crossing.check_assumed(parsed.statements, context)
    elif kind is Kind.ENDPOINT and context.organisation:
        yield from permissions.check_endpoint(parsed.statements, context)
    elif kind is Kind.RCP:
        yield from perimeter.check(parsed.statements, context)
    elif kind is Kind.BOUNDARY:
        yield from escalation.liftable(parsed.statements)
    elif kind in (Kind.TRUST, Kind.RESOURCE, Kind.KEY):
        yield from permissions.check_shared(parsed.statements, kind, context)
        yield from callers.check(parsed.statements, kind, context)
    if kind is Kind.TRUST:
        yield from crossing.check_trusted(parsed.statements, context)
