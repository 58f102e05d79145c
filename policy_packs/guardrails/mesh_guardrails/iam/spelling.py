"""Actions that are written almost right, so that the statement does not do what it says.

AWS takes any name. What is merely unknown is not held against a policy, as AWS adds actions faster than their table
is renewed: only names that are a letter away from an action, and operations of the API that another action permits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from mesh_guardrails.iam.finding import Concern, Finding
from mesh_guardrails.iam.grammar import Statement
from mesh_guardrails.iam.patterns import is_wild
from mesh_guardrails.iam.reference import actions, expand, services

# Operations without an action of their own, and the action that permits them: Amazon S3 user guide, "Required
# permissions for Amazon S3 API operations"; Amazon SQS developer guide, "Amazon SQS API permissions"; Amazon SNS
# developer guide, "Amazon SNS API permissions"; DynamoDB developer guide, "Using IAM with DynamoDB transactions".
_OPERATIONS: Final[Mapping[str, str]] = {
    "dynamodb:TransactGetItems": "dynamodb:GetItem",
    "dynamodb:TransactWriteItems": "dynamodb:PutItem, dynamodb:UpdateItem or dynamodb:DeleteItem",
    "lambda:Invoke": "lambda:InvokeFunction",
    "s3:CompleteMultipartUpload": "s3:PutObject",
    "s3:CopyObject": "s3:PutObject",
    "s3:CreateMultipartUpload": "s3:PutObject",
    "s3:DeleteObjects": "s3:DeleteObject",
    "s3:HeadBucket": "s3:ListBucket",
    "s3:HeadObject": "s3:GetObject",
    "s3:ListBuckets": "s3:ListAllMyBuckets",
    "s3:ListMultipartUploads": "s3:ListBucketMultipartUploads",
    "s3:ListObjects": "s3:ListBucket",
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3:ListObjectVersions": "s3:ListBucketVersions",
    "s3:ListParts": "s3:ListMultipartUploadParts",
    "s3:UploadPart": "s3:PutObject",
    "sns:PublishBatch": "sns:Publish",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:SendMessageBatch": "sqs:SendMessage",
}
_LOWER: Final = {operation.lower(): action for operation, action in _OPERATIONS.items()}


def check(document: Sequence[Statement]) -> Iterator[Finding]:
    """The findings on actions that are written almost right."""
    for statement in document:
        for pattern in statement.actions:
            if not expand(pattern) and (meant := _meant(pattern.lower())):
                yield Finding(
                    Concern.SPELLING,
                    f"{statement.key}:{pattern}",
                    statement.name,
                    f"names {pattern}, which AWS does not have",
                    f"write {meant}",
                )


def _meant(pattern: str) -> str:
    """What an action that does not exist is probably meant to be; empty when nothing is near."""
    service, _, name = pattern.partition(":")
    if service not in services():
        near = "" if is_wild(service) else _near(service, services())
        return f"{near}:{name}" if near and expand(f"{near}:{name}") else ""
    known = actions(service)
    return _LOWER.get(pattern) or (known[near].name if (near := _near(pattern, known)) else "")


def _near(text: str, known: Iterable[str]) -> str:
    return next((other for other in sorted(known) if one_slip(text, other)), "")


def one_slip(text: str, other: str) -> bool:
    """Whether texts differ by one letter more, less or another, or by two that changed places."""
    if abs(len(text) - len(other)) > 1 or text == other:
        return False
    start = next((i for i, (a, b) in enumerate(zip(text, other, strict=False)) if a != b), min(len(text), len(other)))
    rest, others = text[start:], other[start:]
    return (
        rest[1:] == others[1:]
        or rest[1:] == others
        or rest == others[1:]
        or (rest[:2] == others[1::-1] and rest[2:] == others[2:])
    )
