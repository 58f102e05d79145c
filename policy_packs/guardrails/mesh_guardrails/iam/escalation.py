"""Privilege escalation: ways from the rights a principal has to rights it was not given.

The ways are data (data/escalation.json): those of the public catalogue pathfinding.cloud under its ids, and others.
The first action of a way decides whether it is open: it has to be allowed on resources that nothing narrows or, where a
principal changes its own rights, on the principal itself. A right on named functions, projects or roles is taken as
meant.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from mesh_guardrails.iam.finding import Concern, Finding, some
from mesh_guardrails.iam.grammar import Statement
from mesh_guardrails.iam.permissions import PASS_ROLE
from mesh_guardrails.iam.rights import Attached, Grant, Rights

CATALOGUE: Final = Path(__file__).with_name("data") / "escalation.json"
ASSUME_ROLE: Final = "sts:AssumeRole"

# What takes off a boundary, or makes or takes over a principal that has none (IAM user guide, "Permissions boundaries
# for IAM entities"). A change to the principal's own policies stays below the boundary.
_LIFTING: Final = (
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:CreatePolicyVersion",
    "iam:CreateRole",
    "iam:CreateUser",
    "iam:DeleteRolePermissionsBoundary",
    "iam:DeleteUserPermissionsBoundary",
    "iam:PutRolePermissionsBoundary",
    "iam:PutUserPermissionsBoundary",
    "iam:SetDefaultPolicyVersion",
    "iam:UpdateAssumeRolePolicy",
    "iam:UpdateLoginProfile",
)


@dataclass(frozen=True)
class Way:
    """One way to more rights.

    Attributes:
        id: of pathfinding.cloud, or a name that begins with the service.
        kind: self (changes its own rights), principal (becomes another), pass (passes a role to something of its own),
            existing (takes over something that has a role).
        actions: all are needed; the first decides.
        what: what the principal does.
        needs: what there has to be besides.
        source: where it is described.
        services: to which a role is passed.
    """

    id: str
    kind: str
    actions: tuple[str, ...]
    what: str
    needs: str
    source: str
    services: tuple[str, ...] = ()

    def extends(self, other: Way) -> bool:
        """Whether it only adds actions to another way that the same action decides."""
        return self.actions[0] == other.actions[0] and set(other.actions) < set(self.actions)


@cache
def catalogue() -> Sequence[Way]:
    """Every known way."""
    return tuple(
        Way(
            id=entry["id"],
            kind=entry["kind"],
            actions=tuple(entry["actions"]),
            what=entry["what"],
            needs=entry["needs"],
            source=entry["source"],
            services=tuple(entry.get("passedTo", ())),
        )
        for entry in json.loads(CATALOGUE.read_text(encoding="utf-8"))
    )


def is_administrator(rights: Rights) -> bool:
    """Whether a principal may do everything already; the control `iam-administrator` reports it."""
    return any(
        grant.resource == "*" and not grant.conditions and any(not p.strip("*:") for p in grant.statement.actions)
        for grant in rights.of("iam:CreatePolicyVersion")
    )


def open_ways(rights: Rights, own: Sequence[str] = ()) -> Iterator[tuple[Way, Grant]]:
    """The ways that are open with some rights, each with the grant that opens it.

    A way that only adds actions to another that the same right opens is left out.

    Args:
        rights: what the principal has.
        own: ARNs, or patterns, of the principal and of the policies and groups it has.
    """
    return complete(begun_ways(rights, own))


Begun = tuple[Way, Grant, Sequence[str]]
"""A way, the grant that opens it, and the actions that are still missing."""


def complete(begun: Iterable[Begun]) -> Iterator[tuple[Way, Grant]]:
    """The ways of which nothing is missing, less those that only add actions to another of them."""
    found = [(way, grant) for way, grant, missing in begun if not missing]
    for way, grant in found:
        if not any(way.extends(other) for other, _ in found):
            yield way, grant


def begun_ways(rights: Rights, own: Sequence[str]) -> Iterator[Begun]:
    """The ways of which a principal can go the part that it has to go itself.

    Who passes a role has to be the one that starts something with it (IAM user guide, "Grant a user permissions to pass
    a role to an AWS service"). All else may be done by whomever.
    """
    for way in catalogue():
        deciding, *others = way.actions
        grant = _decides(way, rights, own) if rights.of(deciding) else None
        if grant is None or (way.kind == "pass" and not rights.of(others[0])):
            continue
        yield way, grant, [action for action in others if not rights.of(action)]


def _decides(way: Way, rights: Rights, own: Sequence[str]) -> Grant | None:
    for grant in rights.of(way.actions[0]):
        if way.kind == "pass" and not grant.passes_to(way.services):
            continue
        itself = way.kind == "self" and not grant.narrowed and any(grant.reaches(arn) for arn in own)
        if grant.broad or itself:
            return grant
    return None


def passes(rights: Rights, arn: str, trusted: frozenset[str]) -> Way | None:
    """A way to run something of one's own with one role, given the services that the role trusts."""
    reaching = [grant for grant in rights.of(PASS_ROLE) if grant.reaches(arn)]
    for way in catalogue() if reaching else ():
        services = trusted.intersection(way.services)
        able = services and all(rights.of(action) for action in way.actions[1:])
        if able and any(grant.passes_to(services) for grant in reaching):
            return way
    return None


def liftable(boundary: Sequence[Statement]) -> Iterator[Finding]:
    """The finding on a permissions boundary that those below it can take off."""
    rights = Rights((Attached("boundary", tuple(boundary)),))
    lifting = [grant for action in _LIFTING for grant in rights.of(action) if grant.broad]
    if lifting:
        statement = lifting[0].statement
        yield Finding(
            Concern.OPEN_BOUNDARY,
            statement.key,
            statement.name,
            f"lets those below the boundary get out from under it with {some([grant.action for grant in lifting])}",
            "deny these actions in the boundary",
        )
