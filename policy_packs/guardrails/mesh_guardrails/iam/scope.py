"""What a statement is about: which actions, and for a denial on which resources."""

from __future__ import annotations

from functools import lru_cache

from mesh_guardrails.iam.grammar import Statement
from mesh_guardrails.iam.patterns import compiled, covered, overlaps


def speaks_of(statement: Statement, action: str) -> bool:
    """Whether an action is among those of a statement."""
    return any(means(pattern, action) for pattern in statement.actions) != statement.not_action


@lru_cache(maxsize=65536)
def means(pattern: str, action: str) -> bool:
    """Whether a pattern stands for an action; upper and lower case do not matter."""
    return compiled(pattern.lower()).fullmatch(action.lower()) is not None


def denies(statement: Statement, action: str, resource: str) -> bool:
    """Whether a statement denies an action on every resource of a pattern, whatever the request is like."""
    if statement.allow or statement.conditions or not speaks_of(statement, action):
        return False
    if statement.not_resource:
        return not any(overlaps(spared, resource) for spared in statement.resources)
    return covered(resource, statement.resources)
