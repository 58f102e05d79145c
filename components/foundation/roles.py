"""Roles made from grants: the smallest documents, within IAM's size quotas, always under the permissions boundary."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.foundation import grants as grant
from components.foundation.account import Account
from components.foundation.grants import Grant
from components.foundation.naming import Names
from components.foundation.policy import Statement, document, merge, size

# IAM user guide, "IAM and AWS STS quotas": characters without white space; the trust quota is the default one.
TRUST_LIMIT = 2_048
INLINE_LIMIT = 10_240
MANAGED_LIMIT = 6_144
MANAGED_PER_ROLE = 10


@dataclass(frozen=True, kw_only=True)
class RoleArgs:
    account: Account
    what: str
    """The role's part of its name, e.g. "orders-ingest"."""
    trust: Sequence[Statement]
    """From foundation.trust; at least one."""
    grants: Sequence[Grant] = ()
    description: str = ""


@dataclass(frozen=True)
class Documents:
    """How a role's permissions are stored: one inline policy where they fit, else managed policies."""

    inline: str | None = None
    managed: tuple[str, ...] = ()


class Role(pulumi.ComponentResource):
    """An IAM role whose permissions are exactly the merged grants.

    `arn` is computed and known at preview; `resource.arn` waits for the role. Depend on `permissions` where what it may
    do must be in place as well. Raises ValueError when the documents exceed IAM's quotas.
    """

    name: str
    arn: str
    resource: aws.iam.Role
    permissions: Sequence[pulumi.Resource]
    """What carries the grants to the role; empty without grants."""

    def __init__(self, name: str, args: RoleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("mesh:foundation:Role", name, None, opts)
        names = Names(args.account)
        self._account = args.account
        self.name = names.role(args.what)
        self.arn = names.arns.role(self.name)
        child = pulumi.ResourceOptions(parent=self)
        self.resource = aws.iam.Role(
            name,
            name=self.name,
            description=args.description or None,
            assume_role_policy=trust_document(args.trust),
            permissions_boundary=names.arns.managed_policy(names.boundary()),
            opts=child,
        )
        documents = permission_documents(args.grants)
        self.permissions = [*self._inline(name, documents), *self._managed(name, documents)]
        self.register_outputs({"arn": self.arn})

    def _inline(self, name: str, documents: Documents) -> Iterator[pulumi.Resource]:
        if documents.inline:
            yield aws.iam.RolePolicy(
                name,
                name="grants",
                role=self.resource.name,
                policy=documents.inline,
                opts=pulumi.ResourceOptions(parent=self),
            )

    def _managed(self, name: str, documents: Documents) -> Iterator[pulumi.Resource]:
        child = pulumi.ResourceOptions(parent=self)
        for number, text in enumerate(documents.managed, start=1):
            policy = aws.iam.Policy(f"{name}-{number}", name=f"{self.name}-{number}", policy=text, opts=child)
            yield aws.iam.RolePolicyAttachment(
                f"{name}-{number}", role=self.resource.name, policy_arn=policy.arn, opts=child
            )

    def assuming(self) -> Grant:
        """Assume this role."""
        return grant.role_assuming(self._account, self.name)

    def passing(self, service: str) -> Grant:
        """Pass this role to one service, e.g. "glue.amazonaws.com"."""
        return grant.role_passing(self._account, self.name, service)


def trust_document(statements: Sequence[Statement]) -> str:
    """The trust policy; ValueError when IAM would refuse its size."""
    text = document(statements)
    if size(text) > TRUST_LIMIT:
        raise ValueError(f"trust: the policy has {size(text)} characters, IAM takes {TRUST_LIMIT}")
    return text


def permission_documents(grants: Sequence[Grant]) -> Documents:
    """The merged grants as one inline policy, or, where that is too long, as managed policies filled in order.

    Raises ValueError when one statement alone is too long or more policies would be needed than a role can carry.
    """
    statements = merge([statement for one in grants for statement in one.statements])
    if not statements:
        return Documents()
    inline = document(statements)
    if size(inline) <= INLINE_LIMIT:
        return Documents(inline=inline)
    pages: list[list[Statement]] = [[]]
    for statement in statements:
        if size(document([statement])) > MANAGED_LIMIT:
            raise ValueError(f"grants: one statement exceeds IAM's {MANAGED_LIMIT} characters: {statement.actions}")
        if size(document([*pages[-1], statement])) > MANAGED_LIMIT:
            pages.append([])
        pages[-1].append(statement)
    if len(pages) > MANAGED_PER_ROLE:
        raise ValueError(f"grants: {len(pages)} managed policies are needed, a role carries {MANAGED_PER_ROLE}")
    return Documents(managed=tuple(document(page) for page in pages))
