"""What a principal may do with everything attached to it: what its policies allow, less what they deny, within its
permissions boundary (IAM user guide, "Policy evaluation logic")."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from mesh_guardrails.iam.conditions import effective, guarantees, narrows
from mesh_guardrails.iam.grammar import Condition, Statement
from mesh_guardrails.iam.patterns import covers, matches, overlaps
from mesh_guardrails.iam.permissions import PASSED_TO, on_all
from mesh_guardrails.iam.reference import may_name
from mesh_guardrails.iam.scope import denies, speaks_of


@dataclass(frozen=True)
class Attached:
    """The statements of one policy that a principal has, and how a message calls the policy."""

    name: str
    statements: tuple[Statement, ...]


@dataclass(frozen=True)
class Grant:
    """That an action is allowed on a pattern of resources.

    Attributes:
        resource: the pattern.
        policy: which policy says so.
        statement: which statement of it.
        conditions: all have to hold.
    """

    action: str
    resource: str
    policy: str
    statement: Statement
    conditions: tuple[Condition, ...]

    @property
    def narrowed(self) -> bool:
        """Whether a condition says which resources are meant."""
        return any(narrows(each, self.action.partition(":")[0]) for each in self.conditions)

    @property
    def broad(self) -> bool:
        """Whether neither the resource nor a condition says which resources are meant."""
        return on_all(self.resource) and not self.narrowed

    def passes_to(self, services: Iterable[str]) -> bool:
        """Whether a right to pass roles is good for one of these services."""
        limits = [each for each in self.conditions if each.key == PASSED_TO and guarantees(each)]
        return all(any(matches(v, s) for v in limit.values for s in services) for limit in limits)

    def reaches(self, arn: str) -> bool:
        """Whether the pattern stands for a resource, whose ARN may be a pattern itself where it is not fully known."""
        return overlaps(self.resource, arn)


@dataclass(frozen=True)
class Rights:
    """Everything attached to a principal.

    Attributes:
        policies: what is attached.
        boundary: the statements of its permissions boundary; None when it has none, or none that can be read here.
    """

    policies: tuple[Attached, ...]
    boundary: tuple[Statement, ...] | None = None
    _known: dict[str, tuple[Grant, ...]] = field(default_factory=dict, compare=False, repr=False)

    def of(self, action: str) -> tuple[Grant, ...]:
        """How an action is allowed; nothing when it is not, on any resource."""
        if action not in self._known:
            self._known[action] = tuple(self._grants(action))
        return self._known[action]

    def _grants(self, action: str) -> Iterable[Grant]:
        for policy in self.policies:
            for statement in policy.statements:
                if not statement.allow or not speaks_of(statement, action):
                    continue
                for resource in ("*",) if statement.not_resource else statement.resources:
                    if may_name(action, resource) and self.leave(action, resource):
                        conditions = tuple(effective(_only(statement, action, resource), self._statements))
                        yield Grant(action, resource, policy.name, statement, conditions)

    @cached_property
    def _statements(self) -> Sequence[Statement]:
        return [statement for policy in self.policies for statement in policy.statements]

    def leave(self, action: str, resource: str) -> bool:
        """Whether denials and the boundary leave anything of an action on a pattern of resources, if it is allowed."""
        if any(denies(statement, action, resource) for statement in self._statements):
            return False
        if self.boundary is None:
            return True
        if any(denies(statement, action, resource) for statement in self.boundary):
            return False
        return any(
            statement.allow and speaks_of(statement, action) and _may_meet(statement, resource)
            for statement in self.boundary
        )


def _may_meet(statement: Statement, resource: str) -> bool:
    if statement.not_resource:
        return not any(covers(spared, resource) for spared in statement.resources)
    return any(overlaps(pattern, resource) for pattern in statement.resources)


def _only(statement: Statement, action: str, resource: str) -> Statement:
    """What a statement says of one action and one pattern of resources."""
    return Statement(
        statement.index, statement.allow, (action,), resources=(resource,), conditions=statement.conditions
    )
