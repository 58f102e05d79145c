"""What a document grants that nobody needs: everything, whole services, all but something, and rights on resources
that need not be meant."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from mesh_guardrails.documents import Kind
from mesh_guardrails.iam.conditions import (
    ACCOUNT,
    effective,
    guarantees,
    left_to_service,
    narrows,
    of_members,
    of_our_resources,
)
from mesh_guardrails.iam.finding import Concern, Context, Finding, some
from mesh_guardrails.iam.grammar import Statement
from mesh_guardrails.iam.patterns import is_wild
from mesh_guardrails.iam.reference import Action, Level, expand, may_name
from mesh_guardrails.iam.scope import denies

PASS_ROLE: Final = "iam:PassRole"
PASSED_TO: Final = "iam:passedtoservice"
# ARNs that begin with the resource's name instead of its type (Service Authorization Reference, resource types).
_NAME_FIRST: Final = frozenset({"codecommit", "codepipeline", "execute-api", "s3", "sns", "sqs"})
# ARNs that may have an id, a path or a cluster before the name, and words of theirs that name nothing:
# arn:aws:autoscaling:…:autoScalingGroup:<id>:autoScalingGroupName/x, arn:aws:iam::…:role/<path>/x.
_NAME_LATE: Final[Mapping[str, frozenset[str]]] = {
    "autoscaling": frozenset({"autoScalingGroupName", "launchConfigurationName"}),
    "ecs": frozenset(),
    "eks": frozenset(),
    "elasticloadbalancing": frozenset({"app", "gwy", "net"}),
    "iam": frozenset(),
}
# AWS assigns the ids of their resources, so that an account's own are all that can be named beforehand.
_IDS_BY_AWS: Final = frozenset({"ec2", "elasticfilesystem", "elasticmapreduce"})
_TWELVE_DIGITS: Final = re.compile(r"\d{12}")
# An account as a whole, by its number or by its root.
_ROOT: Final = re.compile(r"^\d{12}$|:root$")
_ON_ALL: Final = {
    Level.PERMISSIONS: Concern.PERMISSIONS_ON_ALL,
    Level.WRITE: Concern.WRITE_ON_ALL,
    Level.TAGGING: Concern.WRITE_ON_ALL,
    Level.READ: Concern.READ_ON_ALL,
    Level.LIST: Concern.READ_ON_ALL,
}


def check_grants(document: Sequence[Statement]) -> Iterator[Finding]:
    """The findings on what a document grants to whom it is attached to."""
    for statement in document:
        if not statement.allow:
            continue
        yield from _negated(statement)
        yield from _wildcards(statement)
        yield from _on_all(statement, document)
        yield from _passes_roles(statement, document)


def check_shared(document: Sequence[Statement], kind: Kind, context: Context) -> Iterator[Finding]:
    """The findings on what a trust, resource or key policy lets others do with what it is attached to."""
    for statement in document:
        if not statement.allow:
            continue
        if statement.not_principal:
            yield Finding(
                Concern.NEGATION,
                f"{statement.key}:NotPrincipal",
                statement.name,
                "lets in everybody but those it names, anonymous callers too",
                "name in Principal who is let in",
            )
        yield from _negated(statement)
        if kind is Kind.TRUST or not _is_own_account(statement, context):
            yield from _wildcards(statement)


def check_endpoint(document: Sequence[Statement], context: Context) -> Iterator[Finding]:
    """The findings on what an endpoint policy lets through: data of the organisation to resources of others."""
    for statement in document:
        wide = [resource for resource in statement.resources or ("*",) if on_all(resource)]
        if not statement.allow or not (wide or statement.not_resource) or _names_members(statement, context):
            continue
        conditions = list(effective(statement, document))
        if not any(of_our_resources(each, context) or of_members(each, context) for each in conditions):
            yield Finding(
                Concern.ENDPOINT_PERIMETER,
                statement.key,
                statement.name,
                f"lets anybody's credentials reach anybody's resources ({some(wide) or 'NotResource'})",
                f'add the condition "StringEquals": {{"aws:ResourceOrgID": "{context.organisation}"}}',
            )


def _names_members(statement: Statement, context: Context) -> bool:
    """Whether a statement names principals, all of the organisation or of trusted accounts."""
    accounts = [ACCOUNT.match(name) for type_, name in statement.principals if type_ == "AWS"]
    ours = context.members | context.trusted
    return bool(accounts) and not statement.not_principal and all(found and found[1] in ours for found in accounts)


def on_all(resource: str, action: str = "") -> bool:
    """Whether a resource pattern says no more than which service, type, region or account is meant.

    With an action, patterns are excused that are all one can say of it: `arn:aws:ec2:…:<account>:subnet/*`.
    """
    parts = resource.split(":", 5)
    if len(parts) < 6:
        return is_wild(resource)
    _, _, service, _, account, name = parts
    if not is_wild(name):
        return False
    segments = [each for each in re.split(r"[/:]", name) if each]
    # Buckets have no account in their ARN, access points do and begin with their type.
    typed = len(segments) > 1 and (service not in _NAME_FIRST or (service == "s3" and account != ""))
    wordless = _NAME_LATE.get(service)
    at = 1 if typed else 0
    names = segments[at : at + 1] if wordless is None else segments[at:]
    if any(each.strip("*?") and each not in (wordless or ()) for each in names):
        return False
    own = (
        service in _IDS_BY_AWS and typed and not is_wild(segments[0]) and _TWELVE_DIGITS.fullmatch(account) is not None
    )
    return not (own and action.partition(":")[0] == service)


def _is_own_account(statement: Statement, context: Context) -> bool:
    """Whether a statement only leaves things to the IAM policies of their own account, as the default policies of keys
    and queues do (AWS KMS developer guide, "Default key policy")."""
    accounts = {context.account} if context.account else context.members
    owners = [ACCOUNT.match(name) if _ROOT.search(name) else None for _, name in statement.principals]
    return bool(owners) and all(owner is not None and owner[1] in accounts for owner in owners)


def _negated(statement: Statement) -> Iterator[Finding]:
    if statement.not_action:
        yield Finding(
            Concern.NEGATION,
            f"{statement.key}:NotAction",
            statement.name,
            f"grants every action but {some(list(statement.actions))}, and those AWS adds tomorrow",
            "name the actions in Action, and keep NotAction for a Deny",
        )
    if statement.not_resource:
        yield Finding(
            Concern.NEGATION,
            f"{statement.key}:NotResource",
            statement.name,
            f"grants rights on everything but {some(list(statement.resources))}",
            "name the resources in Resource, and keep NotResource for a Deny",
        )


def _wildcards(statement: Statement) -> Iterator[Finding]:
    if statement.not_action:
        return
    for pattern in statement.actions:
        service, _, name = pattern.partition(":")
        if not (service + name).strip("*?"):
            yield Finding(
                Concern.ADMINISTRATOR,
                f"{statement.key}:{pattern}",
                statement.name,
                "grants every action of every service",
                "name the actions that are used",
            )
        elif not name.strip("*?"):
            yield Finding(
                Concern.SERVICE_WILDCARD,
                f"{statement.key}:{pattern}",
                statement.name,
                f"grants every action of {service}",
                f"name the actions of {service} that are used instead of {pattern}",
            )
        elif is_wild(pattern):
            granting = [each.name for each in expand(pattern) if each.level is Level.PERMISSIONS]
            if granting:
                yield Finding(
                    Concern.PERMISSIONS_WILDCARD,
                    f"{statement.key}:{pattern}",
                    statement.name,
                    f"grants with {pattern} also {some(granting)}, which change who may do what",
                    f"name the actions that are used instead of {pattern}",
                )


def unlimited(statement: Statement, document: Sequence[Statement]) -> dict[Concern, list[str]]:
    """The actions a statement grants on resources that nothing narrows, though they could be named, by concern."""
    wide = [resource for resource in statement.resources if on_all(resource)]
    found: dict[Concern, list[str]] = {}
    if not wide or statement.not_action or statement.not_resource or _grants_everything(statement):
        return found
    conditions = set(effective(statement, document))
    denials = [other for other in document if not other.allow]
    narrowed: dict[str, bool] = {}
    for action in _granted(statement, at_large=False):
        if not action.names_resource or action.name == PASS_ROLE:  # passing roles is a concern of its own
            continue
        service = action.name.partition(":")[0]
        if service not in narrowed:
            narrowed[service] = any(narrows(condition, service) for condition in conditions)
        too_wide = any(
            on_all(resource, action.name)
            and may_name(action.name, resource)
            and not any(denies(other, action.name, resource) for other in denials)
            for resource in wide
        )
        if too_wide and not narrowed[service] and not left_to_service(statement, document, action.name):
            found.setdefault(_ON_ALL[action.level], []).append(action.name)
    return found


def _on_all(statement: Statement, document: Sequence[Statement]) -> Iterator[Finding]:
    wide = [resource for resource in statement.resources if on_all(resource)]
    for concern, names in unlimited(statement, document).items():
        yield Finding(
            concern,
            statement.key,
            statement.name,
            f"grants {some(names)} on {some(wide)}, though AWS lets one name the resource",
            "name the resources by ARN, or add a condition on the resource such as its tag",
        )


def _grants_everything(statement: Statement) -> bool:
    return any(not pattern.strip("*?:") for pattern in statement.actions)


def _granted(statement: Statement, at_large: bool = True) -> frozenset[Action]:
    """The actions that a statement names.

    Args:
        at_large: with those that list things, and that a pattern takes in with more that can name no resource: who
            writes ec2:Describe* has to write * for the resource, too.
    """
    named: set[Action] = set()
    for pattern in statement.actions:
        meant = expand(pattern)
        nameless = sum(not action.names_resource for action in meant)
        spared = not at_large and 2 * nameless > len(meant)
        named |= {action for action in meant if not (spared and action.level is Level.LIST)}
    return frozenset(named)


def _passes_roles(statement: Statement, document: Sequence[Statement]) -> Iterator[Finding]:
    if statement.not_action or PASS_ROLE not in {action.name for action in _granted(statement)}:
        return
    if _grants_everything(statement):
        return
    conditions = list(effective(statement, document))
    if not any(each.key == PASSED_TO and guarantees(each) for each in conditions):
        yield Finding(
            Concern.PASS_ROLE,
            f"{statement.key}:service",
            statement.name,
            "passes roles to every service",
            'add the condition "StringEquals": {"iam:PassedToService": "<service>.amazonaws.com"}',
        )
    wide = [resource for resource in statement.resources if on_all(resource) and may_name(PASS_ROLE, resource)]
    if (wide or statement.not_resource) and not any(narrows(each, "iam") for each in conditions):
        yield Finding(
            Concern.PASS_ROLE,
            f"{statement.key}:role",
            statement.name,
            f"passes every role ({some(wide) or 'NotResource'}), the most powerful one too",
            "name the roles that are passed by ARN",
        )
