"""Who is let in by trust, resource and key policies, beyond the question whose they are: services that act for anybody,
accounts of partners without an external id, and identity providers that vouch for everybody they know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from mesh_guardrails.documents import Kind
from mesh_guardrails.iam.conditions import ACCOUNT, effective, guarantees, of_members
from mesh_guardrails.iam.deputies import source_keys
from mesh_guardrails.iam.finding import Concern, Context, Finding, some
from mesh_guardrails.iam.grammar import Condition, Statement

_EXTERNAL_ID: Final = "sts:externalid"
# IAM user guide, "Available keys for AWS OIDC federation": these providers have no `sub`, or one that says too little.
_CLAIMS: Final = {
    "accounts.google.com": ("aud", "sub"),
    "cognito-identity.amazonaws.com": ("aud", "amr"),
    "graph.facebook.com": ("app_id", "id"),
    "www.amazon.com": ("app_id", "user_id"),
}
_ANY_CLAIMS: Final = ("aud", "sub")
# How much of a subject has to be fixed, by how it begins: GitHub docs, "About security hardening with OpenID Connect"
# (owner and repository), EKS user guide, "Assign IAM roles to Kubernetes service accounts" (the namespace), GitLab
# docs, "Configure OpenID Connect in AWS" (the project), HCP Terraform docs, "Dynamic credentials with AWS".
_FIXED: Final = {
    "repo:": "/",
    "system:serviceaccount:": ":",
    "project_path:": ":",
    "organization:": ":",
}


def check(document: Sequence[Statement], kind: Kind, context: Context) -> Iterator[Finding]:
    """The findings on whom a trust, resource or key policy lets in."""
    for statement in document:
        if not statement.allow:
            continue
        if context.members:
            yield from _deputies(statement, list(effective(statement, document, services=True)), kind, context)
        if kind is Kind.TRUST:
            conditions = list(effective(statement, document))
            yield from _partners(statement, conditions, context)
            yield from _federated(statement, conditions)


def _deputies(statement: Statement, conditions: Sequence[Condition], kind: Kind, context: Context) -> Iterator[Finding]:
    open_to = []
    for type_, service in statement.principals:
        keys = source_keys(service, kind) if type_ == "Service" else frozenset()
        if keys and not any(each.key in keys and of_members(each, context) for each in conditions):
            open_to.append(service)
    if open_to:
        account = context.account or "the account"
        yield Finding(
            Concern.CONFUSED_DEPUTY,
            statement.key,
            statement.name,
            f"lets {some(open_to)} act on behalf of anybody's account",
            f'add the condition "StringEquals": {{"aws:SourceAccount": "{account}"}}',
        )


def _partners(statement: Statement, conditions: Sequence[Condition], context: Context) -> Iterator[Finding]:
    partners = {
        found[1]
        for type_, name in statement.principals
        if type_ == "AWS" and (found := ACCOUNT.match(name)) and found[1] in context.trusted - context.members
    }
    if partners and not any(each.key == _EXTERNAL_ID and guarantees(each) for each in conditions):
        yield Finding(
            Concern.EXTERNAL_ID,
            statement.key,
            statement.name,
            f"lets account {some(list(partners))} of a partner assume the role, for any of its other customers too",
            'add the condition "StringEquals": {"sts:ExternalId": "<the id agreed with the partner>"}',
        )


def _federated(statement: Statement, conditions: Sequence[Condition]) -> Iterator[Finding]:
    for type_, provider in statement.principals:
        if type_ != "Federated":
            continue
        if ":saml-provider/" in provider:
            yield from _saml(statement, conditions)
        else:
            yield from _oidc(statement, conditions, provider.rpartition(":oidc-provider/")[2])


def _saml(statement: Statement, conditions: Sequence[Condition]) -> Iterator[Finding]:
    if not any(each.key == "saml:aud" and guarantees(each) for each in conditions):
        yield Finding(
            Concern.FEDERATION,
            f"{statement.key}:saml:aud",
            statement.name,
            "takes SAML assertions that were made for another service",
            'add the condition "StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}',
        )


def _oidc(statement: Statement, conditions: Sequence[Condition], provider: str) -> Iterator[Finding]:
    audience, subject = _CLAIMS.get(provider, _ANY_CLAIMS)
    for claim, told in ((audience, "audience"), (subject, "subject")):
        key = f"{provider}:{claim}".lower()
        held = [each for each in conditions if each.key == key and guarantees(each)]
        if not held:
            yield Finding(
                Concern.FEDERATION,
                f"{statement.key}:{claim}",
                statement.name,
                f"takes tokens of {provider} with any {told}",
                f'add a StringEquals condition on "{provider}:{claim}"',
            )
        elif claim == "sub" and (broad := [value for one in held for value in one.values if too_broad(one, value)]):
            yield Finding(
                Concern.FEDERATION,
                f"{statement.key}:{claim}",
                statement.name,
                f"takes tokens of {provider} with the subject {some(broad)}, which strangers can get",
                "name the repository, project or namespace in full",
            )


def too_broad(condition: Condition, subject: str) -> bool:
    """Whether the wildcards of a subject stand where it has to name whose tokens are meant.

    `repo:acme/mesh:*` names a repository, `repo:acme/*` and `repo:acme*/mesh:ref` do not.
    """
    if "Like" not in condition.operator:
        return False
    fixed = min((at for wild in "*?" if (at := subject.find(wild)) >= 0), default=-1)
    if fixed < 0:
        return False
    for start, separator in _FIXED.items():
        if subject.startswith(start):
            rest = subject[len(start) : fixed]
            if start == "repo:":
                owner, slash, repository = rest.partition(separator)
                return not owner or not slash or ":" not in repository
            return separator not in rest
    return fixed == 0
