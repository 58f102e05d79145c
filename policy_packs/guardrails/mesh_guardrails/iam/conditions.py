"""What a condition guarantees when it holds: which resources are meant, and on whose behalf the caller acts.

A condition guarantees something only if it cannot hold without it. So nothing is made of a negated operator, of
`ForAllValues` and of `IfExists`, which hold when the request does not have the key (IAM user guide, "Multivalued
context keys" and "...IfExists condition operators"), nor of a value that is a wildcard.

A Deny limits what the document's other statements allow as well: to what its conditions leave over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from mesh_guardrails.iam.finding import Context
from mesh_guardrails.iam.grammar import Condition, Statement
from mesh_guardrails.iam.patterns import covered, covers, is_wild

ACCOUNT: Final = re.compile(r"^(?:arn:[^:]*:[^:]*:[^:]*:)?(\d{12})(?::|$)")
"""Finds the account that an account id or an ARN names."""

# IAM user guide, "AWS global condition context keys". These say whose the resource is; AWS sends them with every
# request that has a resource, so that IfExists makes no difference to actions that name one.
_OWNER_OF_RESOURCE: Final = frozenset({"aws:resourceaccount", "aws:resourceorgid", "aws:resourceorgpaths"})
_TAGS_OF_RESOURCE: Final = re.compile(r"aws:(resource|request)tag/.+")
# Keys of services that are about the request and not about the resource (Service Authorization Reference).
_ABOUT_THE_REQUEST: Final = frozenset(
    {
        "dynamodb:fulltablescan",
        "dynamodb:returnconsumedcapacity",
        "dynamodb:returnvalues",
        "dynamodb:select",
        "ec2:region",
        "events:detail-type",
        "events:source",
        "iam:passedtoservice",
        "kms:encryptionalgorithm",
        "kms:macalgorithm",
        "kms:messagetype",
        "kms:signingalgorithm",
        "s3:authtype",
        "s3:if-match",
        "s3:if-none-match",
        "s3:max-keys",
        "s3:signatureage",
        "s3:signatureversion",
        "s3:tlsversion",
        "s3:x-amz-acl",
        "s3:x-amz-content-sha256",
        "s3:x-amz-metadata-directive",
        "s3:x-amz-server-side-encryption",
        "s3:x-amz-server-side-encryption-aws-kms-key-id",
        "s3:x-amz-storage-class",
        "secretsmanager:versionid",
        "secretsmanager:versionstage",
        "sts:externalid",
        "sts:rolesessionname",
        "sts:sourceidentity",
        "sts:transitivetagkeys",
    }
)
# The code of one function; Lambda developer guide, "Using source function ARN to control function access behavior".
_FROM_FUNCTION: Final = "lambda:sourcefunctionarn"

# Who calls, or for whom a service calls, or through whose endpoint. The last of the ARNs is what CloudWatch Logs tells
# KMS (CloudWatch Logs user guide, "Encrypt log data in CloudWatch Logs using AWS Key Management Service").
_ORGANISATIONS: Final = frozenset({"aws:principalorgid", "aws:sourceorgid", "aws:vpceorgid"})
_PATHS: Final = frozenset({"aws:principalorgpaths", "aws:sourceorgpaths", "aws:vpceorgpaths"})
_ACCOUNTS: Final = frozenset(
    {"aws:principalaccount", "aws:sourceaccount", "aws:sourceowner", "aws:vpceaccount", "kms:calleraccount"}
)
_ARNS: Final = frozenset({"aws:principalarn", "aws:sourcearn", "kms:encryptioncontext:aws:logs:arn"})
# The same account or organisation as the resource's, whatever it is.
_SAME: Final = frozenset({"${aws:resourceaccount}", "${aws:resourceorgid}"})
# Networks and their endpoints, whose ids AWS assigns.
_NETWORKS: Final = frozenset({"aws:sourcevpc", "aws:sourcevpce"})
_MOUNTED: Final = "elasticfilesystem:accessedviamounttarget"
# AWS sends this with every request that is signed.
_IS_SERVICE: Final = "aws:principalisawsservice"


def guarantees(condition: Condition) -> bool:
    """Whether a condition that holds says anything about the request."""
    if condition.negated or condition.if_exists or condition.qualifier == "forallvalues":
        return False
    return condition.operator != "Null" and bool(condition.values) and all(map(_says_something, condition.values))


def _says_something(value: str) -> bool:
    """Whether a value is more than a wildcard, or than a wildcard for a service."""
    return bool(value.removesuffix(".amazonaws.com").strip("*?."))


def effective(statement: Statement, document: Sequence[Statement], *, services: bool = False) -> Iterator[Condition]:
    """The conditions under which a statement of a document allows anything: its own, and what Deny statements leave.

    Args:
        services: what it allows to AWS services; otherwise to everybody else.
    """
    present = {each.key for each in statement.conditions if each.operator == "Null" and each.values == ("false",)}
    for condition in statement.conditions:
        yield _of_present(condition) if condition.key in present else condition
    for other in document:
        left = () if other.allow else tuple(_left_over(other, services))
        if left and _bears_on(other, statement):
            yield from left


def _of_present(condition: Condition) -> Condition:
    """What a condition says of requests that have its key, which another condition sees to."""
    qualifier = "foranyvalue" if condition.qualifier == "forallvalues" else condition.qualifier
    return replace(condition, qualifier=qualifier, if_exists=False)


def _bears_on(deny: Statement, allow: Statement) -> bool:
    """Whether a Deny covers everything that a statement allows."""
    if deny.not_action or deny.not_resource or deny.not_principal or allow.not_action or allow.not_resource:
        return False
    if deny.principals and ("AWS", "*") not in deny.principals:
        return False
    actions = [pattern.lower() for pattern in deny.actions]
    return all(covered(pattern.lower(), actions) for pattern in allow.actions) and all(
        covered(pattern, deny.resources) for pattern in allow.resources
    )


def _left_over(deny: Statement, services: bool) -> Iterator[Condition]:
    telling = [each for each in deny.conditions if not _holds_anyway(each, services)]
    if len(telling) == 1 and telling[0].negated and telling[0].qualifier != "foranyvalue":
        # Negated operators hold when the key is missing, so that such requests are denied too, and with ForAllValues
        # only requests are left of which some value is right.
        qualifier = telling[0].qualifier and "foranyvalue"
        operator = telling[0].operator.replace("Not", "")
        yield replace(telling[0], operator=operator, qualifier=qualifier, if_exists=False)


def _holds_anyway(condition: Condition, services: bool) -> bool:
    """Whether a condition only says that an AWS service is meant, or is not, where that is so.

    Not so of `aws:ViaAWSService`: a service that acts with a stranger's rights still acts for the stranger.
    """
    if condition.operator != "Bool" or condition.qualifier or condition.key != _IS_SERVICE:
        return False
    if services:
        return condition.values == ("true",)
    return condition.values == ("false",) and condition.if_exists  # anonymous callers do not have the key


def narrows(condition: Condition, service: str) -> bool:
    """Whether a condition limits which resources, or which uses, of a service's are meant."""
    if says_whose(condition):
        return True
    if not guarantees(condition) or condition.key in _ABOUT_THE_REQUEST or condition.values == ("false",):
        return False
    if _TAGS_OF_RESOURCE.fullmatch(condition.key):
        return True
    return condition.key == _FROM_FUNCTION or condition.key.partition(":")[0] == service


def says_whose(condition: Condition) -> bool:
    """Whether a condition limits whose the resource is."""
    # see `_OWNER_OF_RESOURCE`
    return condition.key in _OWNER_OF_RESOURCE and guarantees(replace(condition, if_exists=False))


def of_our_resources(condition: Condition, context: Context) -> bool:
    """Whether a condition limits the resources to those of the organisation or of trusted accounts."""
    if not says_whose(condition):
        return False
    if condition.key == "aws:resourceaccount":
        return all(value in context.members | context.trusted for value in condition.values)
    return all(value.partition("/")[0] == context.organisation for value in condition.values)


def left_to_service(statement: Statement, document: Sequence[Statement], action: str) -> bool:
    """Whether an action is denied to a function's own code, so that only Lambda uses it (Lambda developer guide,
    "Giving Lambda functions access to resources in an Amazon VPC")."""
    return any(
        not (other.allow or other.not_action or other.not_resource)
        and len(other.conditions) == 1
        and other.conditions[0].key == _FROM_FUNCTION
        and guarantees(other.conditions[0])
        and any(covers(pattern.lower(), action.lower()) for pattern in other.actions)
        and all(covered(resource, other.resources) for resource in statement.resources)
        for other in document
    )


def of_members(condition: Condition, context: Context) -> bool:
    """Whether a condition holds for callers, or on behalf of accounts, of the organisation or trusted ones only."""
    if not guarantees(condition):
        return False
    return all(_of_member(condition, value, context) for value in condition.values)


def from_network(condition: Condition) -> bool:
    """Whether a condition holds in networks only that it names, or to which a file system is mounted.

    Such a policy is not public by AWS's own reckoning: Amazon S3 user guide, "The meaning of public"; Amazon EFS user
    guide, "Blocking public access to EFS file systems".
    """
    if not guarantees(condition):
        return False
    if condition.key in _NETWORKS:
        return all(value.startswith("vpc") and not is_wild(value) for value in condition.values)
    return condition.key == _MOUNTED and condition.values == ("true",)


def _of_member(condition: Condition, value: str, context: Context) -> bool:
    key = condition.key
    ours = context.members | context.trusted
    if value.lower() in _SAME:
        return key in _ORGANISATIONS or key in _ACCOUNTS
    if key in _ORGANISATIONS:
        return bool(context.organisation) and value == context.organisation
    if key in _PATHS:
        return bool(context.organisation) and value.startswith(f"{context.organisation}/")
    if key in _ACCOUNTS:
        return value in ours
    found = ACCOUNT.match(value) if key in _ARNS else None
    if found is None or found[1] not in ours:
        return False
    # Only the Arn operators take an ARN apart: in StringLike a wildcard before the account reaches over colons, which
    # the path of a stranger's role may have.
    return condition.operator.startswith("Arn") or not is_wild(found[0])
