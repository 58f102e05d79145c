"""Which roles a principal gets the rights of: those it may assume, and those it may pass to something of its own."""

from __future__ import annotations

from collections.abc import Sequence

from mesh_guardrails.iam.attached import ROLE, Principal
from mesh_guardrails.iam.conditions import effective, guarantees
from mesh_guardrails.iam.escalation import ASSUME_ROLE, passes
from mesh_guardrails.iam.grammar import Statement
from mesh_guardrails.iam.patterns import is_wild, overlaps
from mesh_guardrails.iam.scope import speaks_of

Link = tuple[Principal, str]
"""A role, and how it is got."""
Chain = Sequence[Link]
"""Roles that are got one from the other."""


class _Door:
    """A role, with whom its trust policy speaks of."""

    def __init__(self, role: Principal) -> None:
        self.role = role
        self.arn = role.own[0]
        self.about = [statement for statement in role.trust if speaks_of(statement, ASSUME_ROLE)]
        trusted = [named for statement in role.trust if statement.allow for named in statement.principals]
        self.services = frozenset(name for type_, name in trusted if type_ == "Service")
        self.names = frozenset(name for type_, name in trusted if type_ == "AWS")
        self.to_others = any(statement.allow and statement.not_principal for statement in self.about)


class Links:
    """Which roles the principals of a stack can get."""

    def __init__(self, principals: Sequence[Principal]) -> None:
        self._doors = [_Door(each) for each in principals if each.resource.type == ROLE]
        self._known: dict[str, list[Link]] = {}

    def chains(self, principal: Principal) -> list[Chain]:
        """The shortest way to each role that a principal can get, nearest first."""
        seen = {principal.resource.urn}
        found: list[list[Link]] = [[(principal, "")]]
        for chain in found:  # which grows: a role once seen is not looked at again, so that a circle ends
            for link in self._from(chain[-1][0]):
                if link[0].resource.urn not in seen:
                    seen.add(link[0].resource.urn)
                    found.append([*chain, link])
        return [chain[1:] for chain in found[1:]]

    def _from(self, principal: Principal) -> Sequence[Link]:
        urn = principal.resource.urn
        if urn not in self._known:
            self._known[urn] = [(door.role, how) for door in self._doors if (how := _takes(principal, door))]
        return self._known[urn]


def _takes(principal: Principal, door: _Door) -> str:
    """How a principal gets the rights of a role: by assuming or by passing it; empty when it cannot."""
    if _may_assume(principal, door):
        return ASSUME_ROLE
    way = passes(principal.rights, door.arn, door.services) if door.services else None
    return f"way {way.id}" if way else ""


def _may_assume(principal: Principal, door: _Door) -> bool:
    """Whether a principal may assume a role of its account. Being named in the trust policy is enough; where only the
    account is, the principal's own policies have to allow it too (AWS STS API reference, "AssumeRole")."""
    me = principal.own[0]
    if not (door.to_others or is_wild(me)) and door.names.isdisjoint((me, *_accounts(me))):
        return False
    if any(not each.allow and not each.conditions and _means(each, me) for each in door.about):
        return False
    trusting = [each for each in door.about if each.allow and _means(each, me) and _admits(each, door.about, me)]
    if any(_by_name(each, me) for each in trusting) and principal.rights.leave(ASSUME_ROLE, door.arn):
        return True
    return bool(trusting) and any(grant.reaches(door.arn) for grant in principal.rights.of(ASSUME_ROLE))


def _accounts(arn: str) -> tuple[str, ...]:
    """How a trust policy may speak of everybody in the account of a principal."""
    head = arn.split(":")[:5]
    return "*", head[-1], f"{':'.join(head)}:root"


def _means(statement: Statement, arn: str) -> bool:
    """Whether a statement of a trust policy is about a principal, by name or as one of its account's."""
    named = [name for type_, name in statement.principals if type_ == "AWS"]
    return any(name in _accounts(arn) or overlaps(name, arn) for name in named) != statement.not_principal


def _by_name(statement: Statement, arn: str) -> bool:
    return any(type_ == "AWS" and overlaps(name, arn) for type_, name in statement.principals)


def _admits(statement: Statement, trust: Sequence[Statement], arn: str) -> bool:
    """Whether the conditions on the caller's ARN, and what denials leave of it, let a principal in."""
    limits = [each for each in effective(statement, trust) if each.key == "aws:principalarn" and guarantees(each)]
    return all(any(overlaps(value, arn) for value in limit.values) for limit in limits)
