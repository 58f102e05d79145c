"""Whom policies and shares let in: nobody from outside the organisation, and services only on somebody's behalf."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from mesh_guardrails.control import Finding, ResourceControl, Severity
from mesh_guardrails.controls.iam import context_of
from mesh_guardrails.documents import WHERE, Kind, documents
from mesh_guardrails.facts import Facts
from mesh_guardrails.iam.conditions import effective, from_network, of_members
from mesh_guardrails.iam.grammar import Statement, parse
from mesh_guardrails.resource import UNKNOWN, Resource

_ACCOUNT_IN = re.compile(r"^(?:arn:[^:]*:[^:]*:[^:]*:)?(\d{12})(?::|$)")
_FOREIGN: Final = (Kind.TRUST, Kind.RESOURCE, Kind.KEY, Kind.ENDPOINT)
_PERMISSION: Final = "aws:lambda/permission:Permission"

# Properties besides policy documents that name an account, or an ARN in one.
_SHARES: Final = {
    "aws:cloudwatch/eventPermission:EventPermission": "principal",
    "aws:ec2/amiLaunchPermission:AmiLaunchPermission": "accountId",
    "aws:ec2/snapshotCreateVolumePermission:SnapshotCreateVolumePermission": "accountId",
    "aws:ec2/vpcEndpointService:VpcEndpointService": "allowedPrincipals[]",
    "aws:ec2/vpcEndpointServiceAllowedPrinciple:VpcEndpointServiceAllowedPrinciple": "principalArn",
    "aws:ec2/vpcPeeringConnection:VpcPeeringConnection": "peerOwnerId",
    "aws:kms/grant:Grant": "granteePrincipal",
    "aws:lakeformation/permissions:Permissions": "principal",
    "aws:lambda/layerVersionPermission:LayerVersionPermission": "principal",
    "aws:ram/principalAssociation:PrincipalAssociation": "principal",
    "aws:rds/clusterSnapshot:ClusterSnapshot": "sharedAccounts[]",
    "aws:rds/snapshot:Snapshot": "sharedAccounts[]",
    "aws:redshift/endpointAuthorization:EndpointAuthorization": "account",
    _PERMISSION: "principal",
}


def account_in(principal: Any) -> str | None:
    """The account an account id or an ARN names; None when it names none."""
    found = _ACCOUNT_IN.match(principal) if isinstance(principal, str) else None
    return found[1] if found else None


def trusted_accounts(facts: Facts) -> frozenset[str]:
    """The organisation's accounts, and those the configuration trusts besides."""
    members = facts.organisation.account_ids if facts.organisation else frozenset()
    return members | frozenset(facts.setting("cross-account", "trustedAccounts", ()))


def _cross_account(resource: Resource, facts: Facts) -> Iterator[Finding]:
    if facts.organisation is None:
        return
    for document in documents(resource):
        if document.kind not in _FOREIGN:
            continue
        if document.content is UNKNOWN:
            yield Finding(f"{document.path} is not known yet", "principals", undetermined=True)
        elif isinstance(document.content, Mapping):
            statements = parse(document.text, document.kind).statements
            for statement in statements:
                limits = list(effective(statement, statements))
                if statement.allow and not any(of_members(limit, context_of(facts)) for limit in limits):
                    # What an endpoint lets through is still up to the policies of what is behind it.
                    confined = document.kind is Kind.ENDPOINT or (
                        document.kind is Kind.RESOURCE and any(map(from_network, limits))
                    )
                    yield from _strangers(document.path, statement, confined, facts)


def _strangers(path: str, statement: Statement, confined: bool, facts: Facts) -> Iterator[Finding]:
    """The findings on principals of a statement. Everybody may be meant where others are kept out by other means."""
    for type_, name in statement.principals:
        if statement.not_principal:  # which `iam-negation` refuses
            continue
        account = account_in(name)
        if type_ == "AWS" and name == "*" and not confined:
            yield Finding(f"{path} lets everybody in", "everybody")
        elif account and account not in trusted_accounts(facts):
            yield Finding(f"{path} lets in account {account}, which is not of the organisation", f"account:{account}")
        elif _is_nameless(type_, name) and name not in trusted_accounts(facts):
            yield Finding(
                f"{path} lets in {name[:8]}…, an id that does not tell whose it is; write the account or role instead",
                f"id:{name[:8]}",
            )


def _is_nameless(type_: str, name: str) -> bool:
    """Whether a principal is given by an id of AWS's that has no account in it: a canonical user's, or what IAM keeps
    in place of a role that is no more (IAM user guide, "IAM identifiers")."""
    return type_ == "CanonicalUser" or (type_ == "AWS" and re.fullmatch(r"A[A-Z]{2}A[A-Z0-9]{8,}", name) is not None)


def _shares(resource: Resource, facts: Facts) -> Iterator[Finding]:
    organisation = facts.organisation
    if organisation is None:
        return
    for where, principal in resource.values(_SHARES[resource.type]):
        account = account_in(principal)
        if principal == "*" and not _of_organisation(resource, organisation.id):
            yield Finding(f"{where} lets everybody in", "everybody")
        elif account and account not in trusted_accounts(facts):
            yield Finding(f"{where} names account {account}, which is not of the organisation", f"account:{account}")


def _of_organisation(resource: Resource, organisation: str) -> bool:
    """Whether the resource limits `*` to the organisation with a property of its own."""
    stated = (
        resource.props.get("principalOrgId"),
        resource.props.get("organizationId"),
        resource.get("condition.value"),
    )
    return organisation in stated or UNKNOWN in stated


def _on_behalf(resource: Resource, facts: Facts) -> Iterator[Finding]:
    principal = resource.props.get("principal")
    if not isinstance(principal, str) or not principal.endswith(".amazonaws.com"):
        return
    source, account = resource.props.get("sourceArn"), resource.props.get("sourceAccount")
    # The ARN of a bucket has no account in it, and its name may one day be somebody else's.
    names_account = source is UNKNOWN or account_in(source) is not None
    if source is None and account is None:
        yield Finding(f"{principal} may call the function on anybody's behalf", "on-behalf")
    elif account is None and not names_account and not str(source).startswith("arn:aws:apigateway:"):
        yield Finding(f"{principal} may call the function for whoever owns the source", "on-behalf")


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
                "description": "ids of accounts or canonical users beside the organisation's, such as of log delivery",
            }
        },
        check=_cross_account,
    ),
    ResourceControl(
        id="shared-within",
        title="Grants, shares and permissions name nobody from outside the organisation",
        severity=Severity.CRITICAL,
        rationale="What is shared outside is outside; no policy document shows that it was.",
        remediation="Name accounts of the organisation; trust others through the setting `trustedAccounts` of "
        "`cross-account`.",
        family="iam",
        types=tuple(_SHARES),
        check=_shares,
    ),
    ResourceControl(
        id="function-permission-source",
        title="Services call functions only for this organisation's resources",
        severity=Severity.HIGH,
        rationale="A service works for all its customers; without a source, any of them can have it call the function.",
        remediation="Set sourceArn, and sourceAccount too where the ARN names no account, as a bucket's does not.",
        family="iam",
        types=(_PERMISSION,),
        check=_on_behalf,
    ),
)
