"""Which principals of a stack can get more rights than they were given, by themselves or through others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from mesh_guardrails.iam.attached import ROLE, Principal
from mesh_guardrails.iam.conditions import effective, guarantees
from mesh_guardrails.iam.escalation import ASSUME_ROLE, Begun, Way, begun_ways, complete, is_administrator, passes
from mesh_guardrails.iam.finding import some
from mesh_guardrails.iam.grammar import Statement
from mesh_guardrails.iam.managed import granted
from mesh_guardrails.iam.patterns import is_wild, overlaps
from mesh_guardrails.iam.rights import Grant
from mesh_guardrails.iam.scope import speaks_of


@dataclass(frozen=True)
class Escalation:
    """That a principal can get more rights than it was given.

    Attributes:
        principal: who.
        key: what a waiver names it by.
        message: how, and the smallest change that prevents it.
    """

    principal: Principal
    key: str
    message: str


def escalations(principals: Sequence[Principal]) -> Iterator[Escalation]:
    """Every principal's ways to more rights: its own, those of roles that it can get, and those of all together.

    A role that can be got, directly or through others, is as good as one's own rights. One finding tells the nearest
    way; what is wrong with a role itself is told of that role.
    """
    begun = {each.resource.urn: list(begun_ways(each.rights, each.own)) for each in principals}
    ways = {urn: list(complete(found)) for urn, found in begun.items()}
    mighty = {each.resource.urn for each in principals if ways[each.resource.urn] or is_administrator(each.rights)}
    doors = [_Door(each) for each in principals if each.resource.type == ROLE]
    links: dict[str, list[tuple[Principal, str]]] = {}
    for principal in principals:
        if is_administrator(principal.rights):
            continue
        if own := ways[principal.resource.urn]:
            yield from _by_itself(principal, own)
        elif chains := _chains(principal, doors, links):
            to_mighty = next((chain for chain in chains if chain[-1][0].resource.urn in mighty), None)
            if to_mighty:
                yield _through(principal, to_mighty)
            else:
                yield from _together(principal, chains, begun)


def _by_itself(principal: Principal, ways: Sequence[tuple[Way, Grant]]) -> Iterator[Escalation]:
    """One finding for each statement, whatever number of ways it opens."""
    by_statement: dict[str, list[tuple[Way, Grant]]] = {}
    for way, grant in ways:
        by_statement.setdefault(f"{grant.policy}/{grant.statement.key}", []).append((way, grant))
    for key, opened in by_statement.items():
        way, grant = opened[0]
        others = f", as well as {some([other.id for other, _ in opened[1:]])}" if len(opened) > 1 else ""
        if granted(grant.policy):
            change = f"attach a policy of one's own without {grant.action} instead of AWS's {grant.policy}"
        else:
            named = "name other resources than" if grant.broad else "take out"
            change = f"in {grant.statement.name} of policy {grant.policy}, {named} {grant.resource} for {grant.action}"
        yield Escalation(
            principal,
            key,
            f"{principal.resource.name} {way.what} with {' and '.join(way.actions)} (way {way.id}{others}; it needs "
            f"{way.needs}); {change}",
        )


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


def _chains(principal: Principal, doors: Sequence[_Door], links: dict[str, list[Link]]) -> list[Chain]:
    """The shortest way to each role that a principal can get, nearest first. `links` keeps what was found out."""
    seen = {principal.resource.urn}
    found: list[list[Link]] = [[(principal, "")]]
    for chain in found:  # which grows: a role once seen is not looked at again, so that a circle ends
        last = chain[-1][0]
        if last.resource.urn not in links:
            links[last.resource.urn] = [(door.role, how) for door in doors if (how := _takes(last, door))]
        for link in links[last.resource.urn]:
            if link[0].resource.urn not in seen:
                seen.add(link[0].resource.urn)
                found.append([*chain, link])
    return [chain[1:] for chain in found[1:]]


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


def _through(principal: Principal, chain: Chain) -> Escalation:
    told = _told(chain)
    last = chain[-1][0].resource.name
    return Escalation(
        principal,
        f"through:{last}",
        f"{principal.resource.name} gets the rights of {told}, and {last} can give itself any; "
        f"leave {chain[0][0].resource.name} out of what {principal.resource.name} may assume and pass",
    )


def _together(
    principal: Principal, chains: Sequence[Chain], begun: Mapping[str, Sequence[Begun]]
) -> Iterator[Escalation]:
    """The finding on ways that are open with the rights of several roles only, of which each has a part."""
    parties = [principal, *(chain[-1][0] for chain in chains)]
    found = [
        (who, way, grant)
        for who in parties
        for way, grant, missing in begun[who.resource.urn]
        if all(any(other.rights.of(action) for other in parties) for action in missing)
    ]
    if found:
        who, way, grant = found[0]
        others = sorted({other.id for _, other, _ in found} - {way.id})
        told = f", as well as {some(others)}" if others else ""
        yield Escalation(
            principal,
            f"together:{way.id}",
            f"{principal.resource.name} {way.what} with {' and '.join(way.actions)} (way {way.id}{told}; it needs "
            f"{way.needs}), of which {who.resource.name} has the first by {grant.statement.name} of policy "
            f"{grant.policy} and others have the rest; it gets {'; '.join(_told(chain) for chain in chains)}; leave "
            f"{chains[0][0][0].resource.name} out of what {principal.resource.name} may assume and pass",
        )


def _told(chain: Chain) -> str:
    return ", then ".join(f"{role.resource.name} ({how})" for role, how in chain)
