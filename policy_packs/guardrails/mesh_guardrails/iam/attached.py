"""Everything attached to each principal of a stack: inline policies, managed policies, groups and the boundary."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from mesh_guardrails.documents import MANAGED_POLICY, Kind, documents, names_boundary
from mesh_guardrails.iam.grammar import Statement, parse
from mesh_guardrails.iam.managed import granted
from mesh_guardrails.iam.rights import Attached, Rights
from mesh_guardrails.resource import UNKNOWN, Resource, Stack

ROLE: Final = "aws:iam/role:Role"
USER: Final = "aws:iam/user:User"
GROUP: Final = "aws:iam/group:Group"
PERMISSION_SET: Final = "aws:ssoadmin/permissionSet:PermissionSet"

# Where an inline policy names whom it is for, and where an attachment names both sides.
_INLINE: Final[Mapping[str, str]] = {
    "aws:iam/rolePolicy:RolePolicy": "role",
    "aws:iam/userPolicy:UserPolicy": "user",
    "aws:iam/groupPolicy:GroupPolicy": "group",
    "aws:ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy": "permissionSetArn",
}
_ATTACHMENTS: Final[Mapping[str, tuple[Sequence[str], str]]] = {
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": (("role",), "policyArn"),
    "aws:iam/userPolicyAttachment:UserPolicyAttachment": (("user",), "policyArn"),
    "aws:iam/groupPolicyAttachment:GroupPolicyAttachment": (("group",), "policyArn"),
    "aws:iam/policyAttachment:PolicyAttachment": (("roles[]", "users[]", "groups[]"), "policyArn"),
    "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive": (("roleName",), "policyArns[]"),
    "aws:iam/userPolicyAttachmentsExclusive:UserPolicyAttachmentsExclusive": (("userName",), "policyArns[]"),
    "aws:iam/groupPolicyAttachmentsExclusive:GroupPolicyAttachmentsExclusive": (("groupName",), "policyArns[]"),
    "aws:ssoadmin/managedPolicyAttachment:ManagedPolicyAttachment": (("permissionSetArn",), "managedPolicyArn"),
    "aws:ssoadmin/managedPolicyAttachmentsExclusive:ManagedPolicyAttachmentsExclusive": (
        ("permissionSetArn",),
        "managedPolicyArns[]",
    ),
    "aws:ssoadmin/customerManagedPolicyAttachment:CustomerManagedPolicyAttachment": (
        ("permissionSetArn",),
        "customerManagedPolicyReference.name",
    ),
    "aws:ssoadmin/customerManagedPolicyAttachmentsExclusive:CustomerManagedPolicyAttachmentsExclusive": (
        ("permissionSetArn",),
        "customerManagedPolicyReferences[].name",
    ),
}
_MEMBERSHIPS: Final[Mapping[str, tuple[str, str]]] = {
    "aws:iam/userGroupMembership:UserGroupMembership": ("user", "groups[]"),
    "aws:iam/groupMembership:GroupMembership": ("users[]", "group"),
}
# IAM user guide, "IAM policy elements: Variables and tags". Names of users have no character that is special.
_USER_NAME: Final = re.compile(r"\$\{aws:username\}", re.IGNORECASE)


@dataclass(frozen=True)
class Principal:
    """A role, user, group or permission set, or a managed policy that nothing in the stack attaches.

    Attributes:
        resource: what it is in the stack.
        rights: what it may do.
        own: ARNs, or patterns of them, of itself and of the policies and groups it has.
        trust: for a role, the statements of its trust policy.
        inline: characters of its inline policies.
        managed: how many managed policies it has.
        unknown: whether some of its policies are not known yet.
    """

    resource: Resource
    rights: Rights
    own: tuple[str, ...] = ()
    trust: tuple[Statement, ...] = ()
    inline: int = 0
    managed: int = 0
    unknown: bool = False


def principals(stack: Stack, account: str | None) -> list[Principal]:
    """Every principal of a stack, and every managed policy of it that only others can attach."""
    index = _Index(stack, account or "*")
    attached = {
        policy.urn for policies in index.managed.values() for policy in policies if isinstance(policy, Resource)
    }
    alone = [
        Principal(policy, Rights(_read(policy)), own=(index.arn(policy),), unknown=_is_unknown(policy))
        for policy in stack.of(MANAGED_POLICY)
        if policy.urn not in attached and not names_boundary(policy.props.get("name") or policy.name)
    ]
    return [index.principal(each) for each in stack.of(ROLE, USER, GROUP, PERMISSION_SET)] + alone


class _Index:
    """What is attached to whom, by URN of the principal."""

    def __init__(self, stack: Stack, account: str) -> None:
        self._account = account
        self._named: dict[tuple[str, str], Resource] = {}
        for each in stack.of(ROLE, USER, GROUP, PERMISSION_SET, MANAGED_POLICY):
            for identifier in (each.props.get("name"), each.props.get("id"), each.props.get("arn"), self.arn(each)):
                if isinstance(identifier, str):
                    self._named.setdefault((each.type, identifier), each)
        self._by_urn = stack.by_urn
        self.inline: dict[str, list[Resource]] = {}
        self.managed: dict[str, list[Resource | str]] = {}
        self.groups: dict[str, list[Resource]] = {}
        for type_, whose in _INLINE.items():
            for policy in stack.of(type_):
                for owner in self._find(policy, whose, ROLE, USER, GROUP, PERMISSION_SET):
                    self.inline.setdefault(owner.urn, []).append(policy)
        self._read_attachments(stack)

    def _read_attachments(self, stack: Stack) -> None:
        for type_, (whose, which) in _ATTACHMENTS.items():
            for attachment in stack.of(type_):
                policies = self._policies(attachment, which)
                for path in whose:
                    for owner in self._find(attachment, path, ROLE, USER, GROUP, PERMISSION_SET):
                        self.managed.setdefault(owner.urn, []).extend(policies)
        for role in stack.of(ROLE):
            self.managed.setdefault(role.urn, []).extend(self._policies(role, "managedPolicyArns[]"))
        for type_, (member, of) in _MEMBERSHIPS.items():
            for membership in stack.of(type_):
                for user in self._find(membership, member, USER):
                    self.groups.setdefault(user.urn, []).extend(self._find(membership, of, GROUP))

    def principal(self, resource: Resource) -> Principal:
        """A principal with everything that is attached to it."""
        groups = self.groups.get(resource.urn, [])
        holders = [resource, *groups]
        own_inline = self.inline.get(resource.urn, [])
        inline = [policy for holder in holders for policy in (holder, *self.inline.get(holder.urn, []))]
        managed = [policy for holder in holders for policy in self._managed(holder)]
        in_stack = [policy for policy in managed if isinstance(policy, Resource)]
        user = resource.props.get("name") if resource.type == USER else None
        policies = [part for policy in (*inline, *in_stack) for part in _read(policy, user)]
        policies += [part for policy in managed if isinstance(policy, str) for part in _of_aws(policy)]
        return Principal(
            resource,
            Rights(tuple(policies), self._boundary(resource)),
            own=tuple(self.arn(each) for each in (*holders, *in_stack)),
            trust=_trust(resource),
            inline=sum(len("".join(text.split())) for each in (resource, *own_inline) for text in _texts(each)),
            managed=len(self._managed(resource)),
            unknown=any(_is_unknown(policy) for policy in (*inline, *in_stack)),
        )

    def _managed(self, holder: Resource) -> list[Resource | str]:
        """The managed policies of a principal itself, each once: several resources may attach the same."""
        policies = self.managed.get(holder.urn, [])
        return list({policy.urn if isinstance(policy, Resource) else policy: policy for policy in policies}.values())

    def arn(self, resource: Resource) -> str:
        """The ARN of a principal or policy, as far as its name tells."""
        known = resource.props.get("arn")
        if isinstance(known, str) and known:
            return known
        kind = {ROLE: "role", USER: "user", GROUP: "group", MANAGED_POLICY: "policy"}.get(resource.type)
        name, path = resource.props.get("name"), resource.props.get("path")
        if kind is None or not isinstance(name, str):
            return resource.urn  # which is no ARN, so that no pattern stands for it
        return f"arn:aws:iam::{self._account}:{kind}{path if isinstance(path, str) else '/'}{name}"

    def _boundary(self, resource: Resource) -> tuple[Statement, ...] | None:
        for policy in self._policies(resource, "permissionsBoundary"):
            if isinstance(policy, Resource) and not _is_unknown(policy):
                return tuple(statement for part in _read(policy) for statement in part.statements)
        return None

    def _policies(self, resource: Resource, path: str) -> list[Resource | str]:
        found: list[Resource | str] = [*self._find(resource, path, MANAGED_POLICY)]
        return found or [value for _, value in resource.values(path) if isinstance(value, str) and value]

    def _find(self, resource: Resource, path: str, *types: str) -> list[Resource]:
        """The resources of some types that a property names, by name, id or ARN, or else by dependency."""
        values = [value for _, value in resource.values(path)]
        named = [self._named.get((type_, value)) for value in values if isinstance(value, str) for type_ in types]
        if found := [each for each in named if each]:
            return found
        dependencies = resource.property_dependencies.get(path.partition("[")[0], ())
        targets = [self._by_urn.get(urn) for urn in dependencies if any(value is UNKNOWN for value in values)]
        return [target for target in targets if target and target.type in types]


def _granting(resource: Resource) -> Iterator[Any]:
    for document in documents(resource):
        if document.kind in (Kind.IDENTITY, Kind.PERMISSION_SET, Kind.BOUNDARY):
            yield document


def _read(resource: Resource, user: Any = None) -> tuple[Attached, ...]:
    """The policies in a resource's documents, trust policies left out; for a user as they read with its name."""
    return tuple(
        Attached(resource.name, parse(_for(user, document.text), document.kind).statements)
        for document in _granting(resource)
        if document.text
    )


def _for(user: Any, text: str) -> str:
    return _USER_NAME.sub(user, text) if isinstance(user, str) and "${" in text else text


def _texts(resource: Resource) -> list[str]:
    return [document.text for document in _granting(resource)]


def _is_unknown(resource: Resource) -> bool:
    return any(document.content is UNKNOWN for document in _granting(resource))


def _trust(resource: Resource) -> tuple[Statement, ...]:
    return tuple(
        statement
        for document in documents(resource)
        if document.kind is Kind.TRUST and document.text
        for statement in parse(document.text, Kind.TRUST).statements
    )


def _of_aws(arn: str) -> Iterator[Attached]:
    name = arn.rpartition("/")[2]
    if ":iam::aws:policy/" in arn and (statements := granted(name)):
        yield Attached(name, statements)
