"""Which principals of a stack can get more rights than they were given, by themselves or through others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mesh_guardrails.iam.attached import ROLE, Principal
from mesh_guardrails.iam.conditions import guarantees
from mesh_guardrails.iam.escalation import ASSUME_ROLE, Way, is_administrator, open_ways, passes
from mesh_guardrails.iam.finding import some
from mesh_guardrails.iam.grammar import Statement
from mesh_guardrails.iam.patterns import overlaps
from mesh_guardrails.iam.rights import Grant


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
    """Every principal's ways to more rights: its own, and those of roles that it can become or pass."""
    ways = {each.resource.urn: list(open_ways(each.rights, each.own)) for each in principals}
    mighty = {each.resource.urn for each in principals if ways[each.resource.urn] or is_administrator(each.rights)}
    roles = [each for each in principals if each.resource.type == ROLE]
    for principal in principals:
        if is_administrator(principal.rights):
            continue
        if own := ways[principal.resource.urn]:
            yield from _by_itself(principal, own)
        elif chain := _chain(principal, roles, mighty):
            yield _through(principal, chain)


def _by_itself(principal: Principal, ways: Sequence[tuple[Way, Grant]]) -> Iterator[Escalation]:
    """One finding for each statement, whatever number of ways it opens."""
    by_statement: dict[str, list[tuple[Way, Grant]]] = {}
    for way, grant in ways:
        by_statement.setdefault(f"{grant.policy}/{grant.statement.key}", []).append((way, grant))
    for key, opened in by_statement.items():
        way, grant = opened[0]
        others = f", as well as {some([other.id for other, _ in opened[1:]])}" if len(opened) > 1 else ""
        named = "name other resources than" if grant.broad else "take out"
        yield Escalation(
            principal,
            key,
            f"{principal.resource.name} {way.what} with {' and '.join(way.actions)} (way {way.id}{others}; it needs "
            f"{way.needs}); in {grant.statement.name} of policy {grant.policy}, {named} {grant.resource} for "
            f"{grant.action}",
        )


def _chain(principal: Principal, roles: Sequence[Principal], mighty: set[str]) -> list[tuple[Principal, str]]:
    """The shortest way to a role with open ways, as roles and how each is taken; empty when there is none."""
    seen = {principal.resource.urn}
    paths: list[tuple[Principal, list[tuple[Principal, str]]]] = [(principal, [])]
    for here, path in paths:
        if not (here.rights.of(ASSUME_ROLE) or here.rights.of("iam:PassRole")):
            continue
        for role in roles:
            if role.resource.urn in seen or not (how := _takes(here, role)):
                continue
            seen.add(role.resource.urn)
            longer = [*path, (role, how)]
            if role.resource.urn in mighty:
                return longer
            paths.append((role, longer))
    return []


def _takes(principal: Principal, role: Principal) -> str:
    """How a principal gets the rights of a role: by assuming or by passing it; empty when it cannot."""
    arn = role.own[0]
    if any(grant.reaches(arn) for grant in principal.rights.of(ASSUME_ROLE)) and _trusts(role.trust, principal.own[0]):
        return ASSUME_ROLE
    services = [name for each in role.trust if each.allow for type_, name in each.principals if type_ == "Service"]
    way = passes(principal.rights, arn, services)
    return f"way {way.id}" if way else ""


def _trusts(trust: Sequence[Statement], arn: str) -> bool:
    """Whether a trust policy lets a principal in, by name or as one of its account's."""
    account = arn.split(":")[4]
    accepted = ("*", account, f"{':'.join(arn.split(':')[:5])}:root")
    for statement in trust:
        named = [name for type_, name in statement.principals if type_ == "AWS"]
        limits = [each for each in statement.conditions if each.key == "aws:principalarn" and guarantees(each)]
        if (
            statement.allow
            and any(name in accepted or overlaps(name, arn) for name in named)
            and all(any(overlaps(value, arn) for value in limit.values) for limit in limits)
        ):
            return True
    return False


def _through(principal: Principal, chain: Sequence[tuple[Principal, str]]) -> Escalation:
    told = ", then ".join(f"{role.resource.name} ({how})" for role, how in chain)
    last = chain[-1][0].resource.name
    return Escalation(
        principal,
        f"through:{last}",
        f"{principal.resource.name} gets the rights of {told}, and {last} can give itself any; "
        f"leave {chain[0][0].resource.name} out of what {principal.resource.name} may assume and pass",
    )
