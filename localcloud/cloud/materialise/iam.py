"""IAM: roles, managed and inline policies, attachments. IAM is global: a target's region plays no part."""

from dataclasses import dataclass
from typing import Any

from localcloud.cloud.materialise import shapes
from localcloud.cloud.materialise.kind import Props
from localcloud.cloud.materialise.resource import Resource, Setting, gone_is_fine
from localcloud.cloud.materialise.shapes import Layout
from localcloud.cloud.materialise.tagging import Tagging
from localcloud.cloud.target import Target


@dataclass(frozen=True, kw_only=True)
class Role(Resource):
    """A role, with the inline and attached policies that its own inputs name."""

    def update(self, target: Target, physical_id: str, olds: Props, news: Props) -> Props:
        client = target.client("iam")
        boundary = news.get("permissionsBoundary")
        if boundary != olds.get("permissionsBoundary"):
            if boundary:
                client.put_role_permissions_boundary(RoleName=physical_id, PermissionsBoundary=boundary)
            else:
                client.delete_role_permissions_boundary(RoleName=physical_id)
        return super().update(target, physical_id, olds, news)

    def settle(self, target: Target, physical_id: str, olds: Props, news: Props) -> None:
        """Inline and attached policies."""
        client = target.client("iam")
        before, after = _inline(olds), _inline(news)
        for name in before.keys() - after.keys():
            client.delete_role_policy(RoleName=physical_id, PolicyName=name)
        for name, document in after.items():
            if before.get(name) != document:
                client.put_role_policy(RoleName=physical_id, PolicyName=name, PolicyDocument=document)
        attached, wanted = set(olds.get("managedPolicyArns") or ()), set(news.get("managedPolicyArns") or ())
        for arn in attached - wanted:
            client.detach_role_policy(RoleName=physical_id, PolicyArn=arn)
        for arn in wanted - attached:
            client.attach_role_policy(RoleName=physical_id, PolicyArn=arn)

    def describe(self, target: Target, physical_id: str, inputs: Props) -> Any:
        found = super().describe(target, physical_id, inputs)
        client = target.client("iam")
        if found and "inlinePolicies" in inputs:
            names = client.list_role_policies(RoleName=physical_id)["PolicyNames"]
            found["Inline"] = {
                name: client.get_role_policy(RoleName=physical_id, PolicyName=name)["PolicyDocument"] for name in names
            }
        if found and "managedPolicyArns" in inputs:
            attached = client.list_attached_role_policies(RoleName=physical_id)["AttachedPolicies"]
            found["Attached"] = [policy["PolicyArn"] for policy in attached]
        return found

    def present(self, inputs: Props, description: Any, shape: Any) -> Props:
        observed = self.present_role(inputs, description, shape)
        if "inlinePolicies" in inputs:
            wanted = {policy["name"]: policy["policy"] for policy in inputs["inlinePolicies"] or ()}
            observed["inlinePolicies"] = [
                {"name": name, "policy": shapes.same_or(wanted.get(name), shapes.text(document))}
                for name, document in description["Inline"].items()
            ]
        if "managedPolicyArns" in inputs:
            observed["managedPolicyArns"] = shapes.same_set(inputs["managedPolicyArns"] or [], description["Attached"])
        return observed

    def present_role(self, inputs: Props, description: Any, shape: Any) -> Props:
        """What the description says of the role itself."""
        boundary = shapes.dig(description, "PermissionsBoundary.PermissionsBoundaryArn")
        return super().present(inputs, {**description, "PermissionsBoundary": boundary}, shape)

    def delete(self, target: Target, physical_id: str, inputs: Props) -> None:
        """With `forceDetachPolicies`, what others attached goes too; without, it makes the deletion fail."""
        client = target.client("iam")
        with gone_is_fine():
            if inputs.get("forceDetachPolicies"):
                for policy in client.list_attached_role_policies(RoleName=physical_id)["AttachedPolicies"]:
                    client.detach_role_policy(RoleName=physical_id, PolicyArn=policy["PolicyArn"])
                for name in client.list_role_policies(RoleName=physical_id)["PolicyNames"]:
                    client.delete_role_policy(RoleName=physical_id, PolicyName=name)
            self.settle(target, physical_id, inputs, {})
        super().delete(target, physical_id, inputs)


def _inline(inputs: Props) -> dict[str, str]:
    """Name and document of the inline policies among a role's inputs."""
    policies = inputs.get("inlinePolicies") or ()
    return {policy["name"]: shapes.text(policy["policy"]) for policy in policies if policy.get("name")}


ROLE = Role(
    service="iam",
    create_by="create_role",
    read_by="get_role",
    update_by=("update_role", "update_assume_role_policy"),
    delete_by="delete_role",
    at="Role",
    address={"RoleName": "{id}"},
    identity="{name}",
    arn="arn:{partition}:iam::{account}:role{path}{id}",
    reports={"uniqueId": "RoleId", "createDate": "CreateDate"},
    defaults={"description": "", "maxSessionDuration": 3600},
    layout=Layout(renames={"name": "RoleName", "assumeRolePolicy": "AssumeRolePolicyDocument"}),
    tags=Tagging("tag_role", "untag_role", "list_role_tags", "RoleName"),
    tagged="{id}",
)


@dataclass(frozen=True, kw_only=True)
class Policy(Resource):
    """A managed policy. IAM keeps five versions of one; like the provider, this deletes the one it replaces."""

    def update(self, target: Target, physical_id: str, olds: Props, news: Props) -> Props:
        client = target.client("iam")
        if news["policy"] != olds["policy"]:
            replaced = client.get_policy(PolicyArn=physical_id)["Policy"]["DefaultVersionId"]
            client.create_policy_version(
                PolicyArn=physical_id, PolicyDocument=shapes.text(news["policy"]), SetAsDefault=True
            )
            client.delete_policy_version(PolicyArn=physical_id, VersionId=replaced)
        return super().update(target, physical_id, olds, news)

    def describe(self, target: Target, physical_id: str, inputs: Props) -> Any:
        found = super().describe(target, physical_id, inputs)
        if found is None:
            return None
        version = target.client("iam").get_policy_version(PolicyArn=physical_id, VersionId=found["DefaultVersionId"])
        return {**found, "PolicyDocument": version["PolicyVersion"]["Document"]}


POLICY = Policy(
    service="iam",
    create_by="create_policy",
    read_by="get_policy",
    delete_by="delete_policy",
    at="Policy",
    address={"PolicyArn": "{id}"},
    identity=":Policy.Arn",
    arn="{id}",
    reports={"policyId": "PolicyId"},
    layout=Layout(renames={"name": "PolicyName", "policy": "PolicyDocument"}),
    tags=Tagging("tag_policy", "untag_policy", "list_policy_tags", "PolicyArn"),
    tagged="{id}",
)

ROLE_POLICY = Setting(
    service="iam",
    create_by="put_role_policy",
    read_by="get_role_policy",
    delete_by="delete_role_policy",
    address={"RoleName": "{role}", "PolicyName": "{name}"},
    identity="{role}:{name}",
    layout=Layout(renames={"role": "RoleName", "name": "PolicyName", "policy": "PolicyDocument"}),
)


@dataclass(frozen=True, kw_only=True)
class Attachment(Resource):
    """A managed policy on a role; there is nothing to it but being there."""

    def describe(self, target: Target, physical_id: str, inputs: Props) -> Any:
        attached: list[Any] = []
        with gone_is_fine():
            pages = target.client("iam").get_paginator("list_attached_role_policies").paginate(RoleName=inputs["role"])
            attached = [policy for page in pages for policy in page["AttachedPolicies"]]
        here = any(policy["PolicyArn"] == inputs["policyArn"] for policy in attached)
        return {"RoleName": inputs["role"], "PolicyArn": inputs["policyArn"]} if here else None


ROLE_POLICY_ATTACHMENT = Attachment(
    service="iam",
    create_by="attach_role_policy",
    read_by="list_attached_role_policies",
    delete_by="detach_role_policy",
    address={"RoleName": "{role}", "PolicyArn": "{policyArn}"},
    identity="{role}/{policyArn}",
    layout=Layout(renames={"role": "RoleName"}),
)
