"""IAM policy documents as values: typed statements in, deterministic JSON out. No cloud, no Pulumi."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal


@dataclass(frozen=True, order=True)
class Condition:
    """One line of a Condition block; several values of one key are alternatives."""

    operator: str
    key: str
    values: tuple[str, ...]

    @classmethod
    def of(cls, operator: str, key: str, *values: str) -> "Condition":
        if not values:
            raise ValueError(f"{key}: a condition needs at least one value")
        return cls(operator, key, tuple(sorted(set(values))))


@dataclass(frozen=True, order=True)
class Principals:
    """Who a resource or trust policy speaks of; `everyone` is only for a Deny or beside a condition."""

    aws: tuple[str, ...] = ()
    service: tuple[str, ...] = ()
    federated: tuple[str, ...] = ()
    everyone: bool = False

    def render(self) -> Any:
        if self.everyone:
            return "*"
        named = {"AWS": self.aws, "Service": self.service, "Federated": self.federated}
        return {kind: _one_or_many(values) for kind, values in named.items() if values}


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement. Without `principals` it belongs in an identity policy, with them in a resource or trust policy."""

    actions: tuple[str, ...]
    resources: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    principals: Principals | None = None
    effect: Literal["Allow", "Deny"] = "Allow"
    sid: str = field(default="", compare=False)

    def render(self) -> dict[str, Any]:
        block: dict[str, dict[str, Any]] = {}
        for condition in sorted(self.conditions):
            operator = block.setdefault(condition.operator, {})
            if condition.key in operator:
                raise ValueError(f"{condition.key}: two {condition.operator} conditions in one statement")
            operator[condition.key] = _one_or_many(condition.values)
        rendered: dict[str, Any] = {"Sid": self.sid} if self.sid else {}
        rendered["Effect"] = self.effect
        if self.principals:
            rendered["Principal"] = self.principals.render()
        rendered["Action"] = _one_or_many(self.actions)
        if self.resources:
            rendered["Resource"] = _one_or_many(self.resources)
        if block:
            rendered["Condition"] = block
        return rendered


def document(statements: Iterable[Statement]) -> str:
    """The JSON of a policy, compact; equal statements always give equal text, so previews show no false change."""
    rendered = [statement.render() for statement in statements]
    if not rendered:
        raise ValueError("statements: a policy document needs at least one")
    return json.dumps({"Version": "2012-10-17", "Statement": rendered}, separators=(",", ":"))


def merge(statements: Sequence[Statement]) -> tuple[Statement, ...]:
    """The smallest equivalent list found by joining: first actions over equal resources, then resources over equal
    actions, until nothing joins. Statements with different conditions, principals or effects never join."""
    merged = tuple(statements)
    while True:
        joined = _join(_join(merged, "actions"), "resources")
        if len(joined) == len(merged):
            return joined
        merged = joined


def size(policy: str) -> int:
    """Characters as IAM counts them against its quotas: white space is free."""
    return len("".join(policy.split()))


def _join(statements: Sequence[Statement], grown: Literal["actions", "resources"]) -> tuple[Statement, ...]:
    groups: dict[tuple[Any, ...], set[str]] = {}
    for one in statements:
        conditions = tuple(sorted(set(one.conditions)))
        kept = one.resources if grown == "actions" else one.actions
        key = (one.effect, tuple(sorted(set(kept))), conditions, one.principals)
        groups.setdefault(key, set()).update(getattr(one, grown))
    result = []
    for (effect, kept, conditions, principals), values in groups.items():
        blank = Statement(actions=(), conditions=conditions, principals=principals, effect=effect)
        fixed = "resources" if grown == "actions" else "actions"
        result.append(replace(blank, **{fixed: kept, grown: tuple(sorted(values))}))
    return tuple(sorted(result, key=lambda one: (one.effect, one.actions, one.resources, one.conditions)))


def _one_or_many(values: Sequence[str]) -> Any:
    # IAM itself stores a single value without its list; matching that keeps refreshes free of false drift.
    return values[0] if len(values) == 1 else list(values)
