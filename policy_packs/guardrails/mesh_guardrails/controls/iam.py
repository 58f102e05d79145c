"""IAM documents: readable, known, and granting no more than is needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from mesh_guardrails.control import Finding, ResourceControl, Severity
from mesh_guardrails.documents import WHERE, Kind, documents, names_boundary, statements, strings
from mesh_guardrails.facts import Facts
from mesh_guardrails.resource import UNKNOWN, Resource

_GRANTING: Final = (Kind.IDENTITY, Kind.PERMISSION_SET)


def _readable(resource: Resource, facts: Facts) -> Iterator[Finding]:
    for document in documents(resource):
        if document.content is UNKNOWN:
            yield Finding(f"{document.path} is not known yet", "unknown", undetermined=True)
        elif not isinstance(document.content, Mapping) or not statements(document.content):
            yield Finding(f"{document.path} is no policy document with statements", "malformed")


def _granted(resource: Resource) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for document in documents(resource):
        if document.kind in _GRANTING and isinstance(document.content, Mapping):
            for number, statement in enumerate(statements(document.content)):
                if statement.get("Effect") == "Allow":
                    yield f"{document.path}, statement {statement.get('Sid') or number}", statement


def _administrator(resource: Resource, facts: Facts) -> Iterator[Finding]:
    for where, statement in _granted(resource):
        if "*" in strings(statement.get("Action")) and "*" in strings(statement.get("Resource")):
            yield Finding(f"{where} grants everything", "Action::*")


def _wildcards(resource: Resource, facts: Facts) -> Iterator[Finding]:
    for where, statement in _granted(resource):
        for action in strings(statement.get("Action")):
            service, _, verb = action.partition(":")
            if verb == "*":
                yield Finding(f"{where} grants every action of {service}", f"Action::{action}")


def _negations(resource: Resource, facts: Facts) -> Iterator[Finding]:
    for where, statement in _granted(resource):
        for element in ("NotAction", "NotResource"):
            if element in statement:
                yield Finding(f"{where} grants whatever {element} does not name", element)


def _attached(resource: Resource, facts: Facts) -> Iterator[Finding]:
    for where, arn in (
        *resource.values("policyArn"),
        *resource.values("managedPolicyArn"),
        *resource.values("managedPolicyArns[]"),
    ):
        if names_boundary(arn):
            yield Finding(f"{where} attaches a permissions boundary, which would grant all it allows", "boundary")
        elif isinstance(arn, str) and arn.endswith(":policy/AdministratorAccess"):
            yield Finding(f"{where} attaches AdministratorAccess", "administrator")


def _types(*kinds: Kind) -> tuple[str, ...]:
    return tuple(type_ for type_, places in WHERE.items() if any(kind in kinds for _, kind in places))


CONTROLS = (
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
    ResourceControl(
        id="iam-administrator",
        title="Nobody is granted everything",
        severity=Severity.CRITICAL,
        rationale="Whoever gets hold of such a role has the account.",
        remediation="Name the actions and the resources.",
        family="iam",
        types=_types(*_GRANTING),
        check=_administrator,
    ),
    ResourceControl(
        id="iam-service-wildcard",
        title="Nobody is granted every action of a service",
        severity=Severity.HIGH,
        rationale="Every service has actions that change who may do what, or that delete what cannot be brought back.",
        remediation="Name the actions that are used.",
        family="iam",
        types=_types(*_GRANTING),
        check=_wildcards,
    ),
    ResourceControl(
        id="iam-negation",
        title="Nobody is granted all but something",
        severity=Severity.HIGH,
        rationale="What AWS adds tomorrow is granted too.",
        remediation="Name what is granted in Action and Resource; use NotAction in a Deny only.",
        family="iam",
        types=_types(*_GRANTING),
        check=_negations,
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
            "aws:iam/policyAttachment:PolicyAttachment",
            "aws:iam/role:Role",
            "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
            "aws:iam/userPolicyAttachment:UserPolicyAttachment",
            "aws:ssoadmin/managedPolicyAttachment:ManagedPolicyAttachment",
        ),
        check=_attached,
    ),
)
