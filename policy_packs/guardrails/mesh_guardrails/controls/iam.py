"""IAM documents: nobody outside the organisation, and no more than is needed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from mesh_guardrails.control import Finding, ResourceControl, Severity
from mesh_guardrails.documents import WHERE, Kind, conditions, documents, principals, statements
from mesh_guardrails.facts import Facts
from mesh_guardrails.resource import UNKNOWN, Resource

_ACCOUNT_IN = re.compile(r"^(?:arn:[^:]*:[^:]*:[^:]*:)?(\d{12})(?::|$)")
_FOREIGN = ("trust", "resource", "key", "endpoint")

# Condition keys that say whose the caller is; https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
_OWNER_KEYS: Final = {
    "aws:principalorgid": "organisation",
    "aws:sourceorgid": "organisation",
    "aws:resourceorgid": "organisation",
    "aws:principalaccount": "account",
    "aws:sourceaccount": "account",
    "aws:sourceowner": "account",
    "kms:calleraccount": "account",
    "aws:sourcearn": "arn",
    "aws:principalarn": "arn",
}


def limited_to_members(statement: Mapping[str, Any], facts: Facts, trusted: frozenset[str]) -> bool:
    """Whether a statement's conditions hold for callers of the organisation or a trusted account only."""
    organisation = facts.organisation
    if organisation is None:
        return False
    for operator, key, values in conditions(statement):
        owner = _OWNER_KEYS.get(key)
        if owner is None or "not" in operator.lower() or operator.lower().endswith("ifexists") or not values:
            continue
        if owner == "organisation" and all(value == organisation.id for value in values):
            return True
        if owner == "account" and all(value in trusted for value in values):
            return True
        if owner == "arn" and all((found := _ACCOUNT_IN.match(v)) and found[1] in trusted for v in values):
            return True
    return False


def _cross_account(resource: Resource, facts: Facts) -> Iterator[Finding]:
    if facts.organisation is None:
        return
    trusted = facts.organisation.account_ids | frozenset(facts.setting("cross-account", "trustedAccounts", ()))
    for document in documents(resource):
        if document.kind not in _FOREIGN:
            continue
        if document.content is UNKNOWN:
            yield Finding(f"{document.path} is not known yet", "principals", undetermined=True)
            continue
        for statement in statements(document.content) if isinstance(document.content, Mapping) else ():
            if statement.get("Effect") != "Allow" or limited_to_members(statement, facts, trusted):
                continue
            for type_, name in principals(statement):
                account = _ACCOUNT_IN.match(name)
                if type_ == "AWS" and name == "*":
                    if document.kind is not Kind.ENDPOINT:
                        yield Finding(f"{document.path} lets everybody in", "everybody")
                elif type_ == "AWS" and account and account[1] not in trusted:
                    yield Finding(
                        f"{document.path} lets in account {account[1]}, which is not of the organisation",
                        f"account:{account[1]}",
                    )


CONTROLS = (
    ResourceControl(
        id="cross-account",
        title="Policies let in nobody from outside the organisation",
        severity=Severity.CRITICAL,
        rationale="A principal of a foreign account is under nobody's control here, and no log shows what it does.",
        remediation="Name accounts of the organisation, or add a condition on aws:PrincipalOrgID or aws:SourceAccount. "
        "An account that is to be trusted for good goes into the setting `trustedAccounts`.",
        family="iam",
        types=tuple(type_ for type_, places in WHERE.items() if any(kind in _FOREIGN for _, kind in places)),
        settings={
            "trustedAccounts": {
                "type": "array",
                "items": {"type": "string"},
                "description": "account ids beside the organisation's, such as those of AWS log delivery",
            }
        },
        check=_cross_account,
    ),
)
