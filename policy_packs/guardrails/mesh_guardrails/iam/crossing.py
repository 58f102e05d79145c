"""Roles across the organisation's accounts: which of other accounts a policy lets one assume, and whom of other
accounts a trust policy lets in.

The closure over a stack's principals ends at the account. What lies beyond is held to names: each side of a link names
the other, so that a new role over there is no new way in. A right or a trust without any name is reported by other
controls (`iam-write-on-all`, `cross-account`, `iam-negation`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from mesh_guardrails.iam.conditions import (
    effective,
    guarantees,
    narrows,
    of_members,
    of_our_resources,
    says_whose,
)
from mesh_guardrails.iam.escalation import ASSUME_ROLE
from mesh_guardrails.iam.finding import Concern, Context, Finding, some
from mesh_guardrails.iam.grammar import Condition, Statement
from mesh_guardrails.iam.patterns import is_wild
from mesh_guardrails.iam.permissions import on_all
from mesh_guardrails.iam.scope import speaks_of

# An account as a whole: by its number or by its root user's ARN.
_WHOLE: Final = re.compile(r"(?:arn:[^:]*:iam::)?(\d{12})(?::root)?")
# Keys that tell one caller of an account from another (IAM user guide, "AWS global condition context keys"); only
# whoever was told an external id can send it.
_ABOUT_CALLER: Final = re.compile(
    r"aws:principaltag/.+|aws:(?:userid|username|sourceidentity)|sts:(?:externalid|sourceidentity)"
)
_CALLER_ARN: Final = "aws:principalarn"
_CALLERS_ACCOUNT: Final = "${aws:principalaccount}"


def check_assumed(document: Sequence[Statement], context: Context) -> Iterator[Finding]:
    """The findings on roles of other accounts that a policy lets one assume by a wildcard."""
    for statement in document:
        negated = statement.not_action or statement.not_resource  # another control's
        if not statement.allow or negated or not speaks_of(statement, ASSUME_ROLE):
            continue
        conditions = list(effective(statement, document))
        marked = any(narrows(each, "sts") and not says_whose(each) for each in conditions)
        if marked or any(_is_own_account(each, "aws:resourceaccount", context) for each in conditions):
            continue
        inside = any(of_our_resources(each, context) for each in conditions)
        wide = [each for each in statement.resources if _reaches_over(each, context, inside)]
        if wide:
            yield Finding(
                Concern.ROLES_ACROSS,
                statement.key,
                statement.name,
                f"lets one assume {some(wide)} in other accounts, whatever roles there are or will be",
                "name accounts and roles by ARN, or, for the role of one name in every account, add the condition "
                f'"StringEquals": {{"aws:ResourceOrgID": "{context.organisation}"}}',
            )


def _is_own_account(condition: Condition, key: str, context: Context) -> bool:
    """Whether a condition means the document's own account and no other."""
    if condition.key != key or not guarantees(condition):
        return False
    return all(value == context.account or value.lower() == _CALLERS_ACCOUNT for value in condition.values)


def _reaches_over(resource: str, context: Context, inside: bool) -> bool:
    """Whether a pattern stands for roles of other accounts that it does not name; those with no name at all aside.

    Args:
        inside: it is limited to the organisation's accounts, so that a wildcard for the account is no stranger's.
    """
    parts = resource.split(":", 5)
    if len(parts) < 6 or on_all(resource):
        return False
    account, name = parts[4], parts[5].rpartition("/")[2]
    if is_wild(account):
        return is_wild(name) or not inside
    return is_wild(name) and bool(context.account) and account != context.account


def check_trusted(document: Sequence[Statement], context: Context) -> Iterator[Finding]:
    """The findings on whole accounts of the organisation, other than the role's own, that a trust policy lets in."""
    for statement in document:
        if not statement.allow or statement.not_principal or not context.account:
            continue
        conditions = list(effective(statement, document))
        if any(_names_caller(each) or _is_own_account(each, "aws:principalaccount", context) for each in conditions):
            continue
        member = any(of_members(each, context) for each in conditions)
        named = [name for type_, name in statement.principals if type_ == "AWS"]
        whole = [name for name in named if (name == "*" and member) or _is_other_account(name, context)]
        if whole:
            yield Finding(
                Concern.WHOLE_ACCOUNT,
                statement.key,
                statement.name,
                "lets in every principal of "
                + ("the organisation" if "*" in whole else f"account {some([_number(name) for name in whole])}"),
                'name the roles, best by the condition "ArnEquals": {"aws:PrincipalArn": "<ARN of the role>"}',
            )


def _is_other_account(name: str, context: Context) -> bool:
    return bool(_WHOLE.fullmatch(name)) and _number(name) in context.members - {context.account}


def _number(name: str) -> str:
    return name.removesuffix(":root").rpartition(":")[2]


def _names_caller(condition: Condition) -> bool:
    """Whether a condition says which principals of an account are meant."""
    if not guarantees(condition):
        return False
    if condition.key == _CALLER_ARN:
        return not any(on_all(value) for value in condition.values)
    return _ABOUT_CALLER.fullmatch(condition.key) is not None
