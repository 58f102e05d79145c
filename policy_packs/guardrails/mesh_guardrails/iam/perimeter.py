"""Resource control policies: whom their Deny statements shut out by mistake, and whom they forget.

An RCP holds for every principal that uses a resource of the organisation's accounts: for the AWS services that do so
for the organisation, and for strangers without an account at all. Each statement that judges who calls, or from where,
is put to a few typical calls. Which context keys those send: IAM user guide, "AWS global condition context keys"; how
the exceptions are written: AWS Organizations user guide, "Resource control policy examples".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from mesh_guardrails.iam.finding import Concern, Context, Finding
from mesh_guardrails.iam.grammar import Condition, Statement
from mesh_guardrails.iam.patterns import covered, matches
from mesh_guardrails.iam.scope import speaks_of

Call = Mapping[str, str]
"""The context keys that a call sends, in lower case, with their values."""

_IS_SERVICE: Final = "aws:principalisawsservice"
_ORGANISATION: Final = frozenset({"aws:principalorgid", "aws:principalorgpaths"})
_ABOUT_CALLER: Final = re.compile(r"aws:(?:principal|source|user|vpc)")
# Those that tell a stranger from a member. The others narrow what a statement is about.
_ABOUT_STRANGER: Final = _ORGANISATION | {_IS_SERVICE, "aws:principalaccount", "aws:principalarn", "aws:viaawsservice"}
# Statements with these are about single services.
_ABOUT_SERVICE: Final = frozenset({"aws:principalservicename", "aws:principalservicenameslist"})
# Calls of those who have no credentials yet (AWS STS API reference).
_LOGINS: Final = {name.lower(): name for name in ("sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity")}
_UNMET_BY_LOGINS: Final = re.compile(r"aws:(?:principal|resource|viaawsservice)")
_NOBODY: Final = "000000000000"
_ANONYMOUS: Final[Call] = {"aws:viaawsservice": "false"}
_SIGNED: Final[Call] = {
    **_ANONYMOUS,
    _IS_SERVICE: "false",
    "aws:principalaccount": _NOBODY,
    "aws:principalarn": f"arn:aws:iam::{_NOBODY}:role/stranger",
}
_FOREIGN: Final[Call] = {
    **_SIGNED,
    "aws:principalorgid": "o-stranger",
    "aws:principalorgpaths": "o-stranger/r-1/",
}
_STRANGERS: Final[Mapping[str, Call]] = {
    "anonymous callers": _ANONYMOUS,
    "accounts without an organisation": _SIGNED,
    "other organisations": _FOREIGN,
    "other organisations that have a service call": {**_FOREIGN, "aws:viaawsservice": "true"},
}
_VARIABLE: Final = re.compile(r"\$\{(aws:resource(?:account|orgid))\}", re.IGNORECASE)


def check(document: Sequence[Statement], context: Context) -> Iterator[Finding]:
    """The findings on whom an RCP shuts out and whom it lets through; none where the organisation is not known."""
    if not context.organisation:
        return
    for statement in document:
        if not any(_ABOUT_CALLER.match(each.key) for each in statement.conditions):
            continue
        yield from _shuts_out(statement, context)
        yield from _shuts_out_logins(statement)
        if any(_keeps_in(condition, context) for condition in statement.conditions):
            yield from _forgets(statement, document)


def holds(condition: Condition, call: Call) -> bool:
    """Whether a condition holds for a call (IAM user guide, "Condition operators" and "Multivalued context keys")."""
    sent = call.get(condition.key)
    if condition.operator == "Null":
        return (sent is None) == (condition.values == ("true",))
    if sent is None:
        if condition.if_exists or condition.qualifier == "forallvalues":
            return True
        return condition.negated and not condition.qualifier
    return any(_fits(condition.operator, value, sent, call) for value in condition.values) != condition.negated


def _fits(operator: str, value: str, sent: str, call: Call) -> bool:
    value = _VARIABLE.sub(lambda found: call.get(found[1].lower(), ""), value)
    if operator.startswith("Arn"):  # each part of an ARN is compared by itself
        parts = list(zip(value.split(":", 5), sent.split(":", 5), strict=False))
        return len(parts) == 6 and all(matches(pattern, part) for pattern, part in parts)
    if operator.endswith("Like"):
        return matches(value, sent)
    if operator == "Bool" or operator.endswith("IgnoreCase"):
        return value.lower() == sent.lower()
    return value == sent


def _shuts_out(statement: Statement, context: Context) -> Iterator[Finding]:
    """The findings on calls of the organisation itself that a statement denies."""
    account = context.account or min(context.members, default="")
    here = {**_ANONYMOUS, "aws:resourceorgid": context.organisation, "aws:resourceaccount": account}
    silent = {**here, _IS_SERVICE: "true"}
    telling = {**silent, "aws:sourceorgid": context.organisation, "aws:sourceaccount": account}
    member = {
        **here,
        _IS_SERVICE: "false",
        "aws:principalorgid": context.organisation,
        "aws:principalaccount": account,
    }
    keys = {condition.key for condition in statement.conditions}
    by_services = not keys & _ABOUT_SERVICE and not {action.lower() for action in statement.actions} <= _LOGINS.keys()
    if by_services and (_applies(statement, silent) or _applies(statement, telling)):
        if not any(condition.key == _IS_SERVICE for condition in statement.conditions):
            change = 'add the condition "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}'
        elif _applies(statement, telling):
            change = f"write {context.organisation} for aws:SourceOrgID"
        else:
            change = 'add the condition "Null": {"aws:SourceAccount": "false"}: not every service says for whom it acts'
        yield Finding(
            Concern.RESOURCE_PERIMETER,
            f"{statement.key}:services",
            statement.name,
            "shuts out AWS services that act for the organisation, such as those that deliver logs",
            change,
        )
    elif "aws:principalorgid" in keys and _applies(statement, member):
        yield Finding(
            Concern.RESOURCE_PERIMETER,
            f"{statement.key}:members",
            statement.name,
            "shuts out the organisation's own principals",
            f"write {context.organisation} for aws:PrincipalOrgID",
        )


def _shuts_out_logins(statement: Statement) -> Iterator[Finding]:
    """The finding on a statement that denies the calls by which people and workloads log in."""
    logins = [name for name in _LOGINS.values() if speaks_of(statement, name)]
    # Conditions on the claims of a provider, or on the network, can be met by who logs in.
    can_be_met = any(not _UNMET_BY_LOGINS.match(condition.key) for condition in statement.conditions)
    if logins and not can_be_met and _applies(statement, _ANONYMOUS):
        yield Finding(
            Concern.RESOURCE_PERIMETER,
            f"{statement.key}:logins",
            statement.name,
            f"shuts out everybody who logs in through an identity provider with {' or '.join(logins)}, who is nobody's "
            "principal yet",
            "name the other actions of sts that are meant, and judge these by the claims of the provider",
        )


def _applies(statement: Statement, call: Call) -> bool:
    return all(holds(condition, call) for condition in statement.conditions)


def _keeps_in(condition: Condition, context: Context) -> bool:
    """Whether a condition is what spares the members of the organisation from a Deny."""
    ours = ("${aws:resourceorgid}", context.organisation)
    return (
        condition.negated
        and condition.key in _ORGANISATION
        and any(value.lower() in ours or value.startswith(f"{context.organisation}/") for value in condition.values)
    )


def _forgets(statement: Statement, document: Sequence[Statement]) -> Iterator[Finding]:
    """The findings on strangers that a statement, and the others of its document, let through."""
    denials = [statement, *(other for other in document if other is not statement and _replaces(other, statement))]
    for who, call in _STRANGERS.items():
        if any(_denies_stranger(each, call) for each in denials):
            continue
        gap = next(condition for condition in _of_strangers(statement) if not holds(condition, call))
        yield Finding(
            Concern.RESOURCE_PERIMETER,
            f"{statement.key}:{who.replace(' ', '-')}",
            statement.name,
            f"lets {who} through, for whom its condition on {gap.key} does not hold",
            _mend(gap, call),
        )


def _mend(gap: Condition, call: Call) -> str:
    if gap.key in call or gap.operator == "Null":
        return "take the condition out, or name in it whom it is meant to spare"
    if gap.qualifier:
        return f"write {gap.operator} without ForAnyValue, which does not hold for callers who lack the key"
    return f"write {gap.operator}IfExists, which holds for callers who lack the key"


def _of_strangers(statement: Statement) -> list[Condition]:
    return [condition for condition in statement.conditions if condition.key in _ABOUT_STRANGER]


def _denies_stranger(statement: Statement, call: Call) -> bool:
    return all(holds(condition, call) for condition in _of_strangers(statement))


def _replaces(other: Statement, statement: Statement) -> bool:
    """Whether a Deny is about everything that another one is about, for strangers at least."""
    return (
        not (other.allow or other.not_resource or statement.not_resource)
        and len(_of_strangers(other)) == len(other.conditions)
        and all(covered(action.lower(), [each.lower() for each in other.actions]) for action in statement.actions)
        and all(covered(resource, other.resources) for resource in statement.resources)
    )
