"""Which principals of a stack can get more rights than they were given, by themselves or through others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from mesh_guardrails.iam.attached import Principal
from mesh_guardrails.iam.escalation import Begun, Way, begun_ways, complete, is_administrator
from mesh_guardrails.iam.finding import some
from mesh_guardrails.iam.links import Chain, Links
from mesh_guardrails.iam.managed import granted
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
    """Every principal's ways to more rights: its own, those of roles that it can get, and those of all together.

    A role that can be got, directly or through others, is as good as one's own rights. One finding tells the nearest
    way; what is wrong with a role itself is told of that role.
    """
    begun = {each.resource.urn: list(begun_ways(each.rights, each.own)) for each in principals}
    ways = {urn: list(complete(found)) for urn, found in begun.items()}
    mighty = {each.resource.urn for each in principals if ways[each.resource.urn] or is_administrator(each.rights)}
    links = Links(principals)
    for principal in principals:
        if is_administrator(principal.rights):
            continue
        if own := ways[principal.resource.urn]:
            yield from _by_itself(principal, own)
        elif chains := links.chains(principal):
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
