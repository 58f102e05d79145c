"""Who may assume a role: statements for trust policies, each with the condition that keeps strangers out. Pure."""

from collections.abc import Iterable

from components.foundation.account import Account
from components.foundation.policy import Condition, Principals, Statement

# Services that assume roles without saying for whom, by their documentation, so that a condition would shut them out.
# They take a role only from a caller of the role's own account who may pass it.
# S3 user guide, "Setting up permissions for live replication".
_SAYS_NOT_FOR_WHOM = frozenset({"s3.amazonaws.com"})


def by_service(account: Account, service: str, *source_arns: str) -> Statement:
    """An AWS service such as "lambda.amazonaws.com", acting for this account only (IAM user guide, "The confused deputy
    problem"). `source_arns` narrow it to the resources that use the role, for services that send aws:SourceArn."""
    conditions: list[Condition] = []
    if service not in _SAYS_NOT_FOR_WHOM:
        conditions.append(Condition.of("StringEquals", "aws:SourceAccount", account.account_id))
        if source_arns:
            conditions.append(Condition.of("ArnLike", "aws:SourceArn", *source_arns))
    return Statement(
        actions=("sts:AssumeRole",), principals=Principals(service=(service,)), conditions=tuple(conditions)
    )


def by_roles(account: Account, role_arns: Iterable[str]) -> Statement:
    """Roles of the organisation, in any of its accounts. They are named by condition and their accounts by principal:
    a principal must exist when the policy is written, a condition's value need not."""
    arns = tuple(sorted(set(role_arns)))
    return Statement(actions=("sts:AssumeRole",), principals=accounts_of(arns), conditions=only_roles(account, arns))


def accounts_of(role_arns: Iterable[str]) -> Principals:
    """The accounts that own these roles, as principals."""
    roots = {":".join((*arn.split(":")[:5], "root")) for arn in role_arns}
    return Principals(aws=tuple(sorted(roots)))


def only_roles(account: Account, role_arns: Iterable[str]) -> tuple[Condition, ...]:
    """The conditions that narrow account principals to these roles, while they belong to the organisation."""
    return (
        Condition.of("ArnEquals", "aws:PrincipalArn", *role_arns),
        Condition.of("StringEquals", "aws:PrincipalOrgID", account.organisation_id),
    )
