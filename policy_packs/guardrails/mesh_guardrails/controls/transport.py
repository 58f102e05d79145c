"""Whoever talks to a store or a channel talks TLS."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from mesh_guardrails.control import Finding, ResourceCheck, ResourceControl, Severity
from mesh_guardrails.documents import conditions, documents, principals, statements, strings
from mesh_guardrails.facts import Facts
from mesh_guardrails.properties import expect, is_, is_not
from mesh_guardrails.resource import UNKNOWN, Resource

_CLEAR: Final = "Whatever is sent in the clear can be read and changed on the way."

# What a Deny has to cover to keep plain HTTP out. Topic policies accept no wildcard action.
_ACTIONS: Final = {
    "s3": ("s3:*",),
    "sqs": ("sqs:*", "sqs:sendmessage"),
    "sns": ("sns:*", "sns:publish"),
    "efs": ("elasticfilesystem:*", "elasticfilesystem:clientmount"),
}


def denies_plain_http(document: Mapping[str, Any], service: str) -> bool:
    """Whether a resource policy turns everybody away who does not use TLS.

    The form AWS recommends: a Deny for everyone under aws:SecureTransport false
    (https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html).
    """
    return any(
        statement.get("Effect") == "Deny"
        and ("AWS", "*") in principals(statement)
        and any(a == "*" or a.lower() in _ACTIONS[service] for a in strings(statement.get("Action")))
        and _covers_everything(strings(statement.get("Resource")), service)
        and list(conditions(statement)) in _PLAIN_HTTP
        for statement in statements(document)
    )


_PLAIN_HTTP: Final = [[(operator, "aws:securetransport", ["false"])] for operator in ("Bool", "BoolIfExists")]


def _covers_everything(resources: list[str], service: str) -> bool:
    """A bucket policy has to name the bucket and its objects; a queue's or topic's only itself."""
    if "*" in resources or service != "s3":
        return bool(resources)
    return any(r.endswith("/*") and r.removesuffix("/*") in resources for r in resources) or any(
        r.endswith("*") and not r.endswith("/*") for r in resources
    )


def _tls_only(service: str) -> ResourceCheck:
    def check(resource: Resource, facts: Facts) -> Iterator[Finding]:
        for document in documents(resource):
            if document.content is UNKNOWN:
                yield Finding(f"{document.path} is not known yet", "tls-only", undetermined=True)
            elif not isinstance(document.content, Mapping) or not denies_plain_http(document.content, service):
                yield Finding(f"{document.path} does not deny requests without TLS", "tls-only")

    return check


def _policy_control(service: str, what: str, action: str, *types: str) -> ResourceControl:
    return ResourceControl(
        id=f"tls-only-{service}",
        title=f"Policies of {what} turn away whoever does not use TLS",
        severity=Severity.HIGH,
        rationale="The service answers plain HTTP as well; only its policy can refuse it.",
        remediation=f'Deny everyone {action} under {{"Bool": {{"aws:SecureTransport": "false"}}}}.',
        family="transport",
        types=types,
        check=_tls_only(service),
    )


def _integration(resource: Resource, facts: Facts) -> Iterator[Finding]:
    # Behind a link, the request stays in the network of the target, which the link ends in.
    target = next((resource.props.get(name) for name in ("uri", "integrationUri") if resource.props.get(name)), None)
    if isinstance(target, str) and target.startswith("http://") and resource.props.get("connectionType") != "VPC_LINK":
        yield Finding("the API passes requests on over plain HTTP", "http")
    if resource.get("tlsConfig.insecureSkipVerification") is True:
        yield Finding("tlsConfig.insecureSkipVerification has to be false", "unverified")


CONTROLS = (
    ResourceControl(
        id="integration-tls",
        title="APIs pass requests on over TLS, to a server they verify",
        severity=Severity.HIGH,
        rationale=_CLEAR,
        remediation="Give an https:// address, or reach the server through a VPC link.",
        family="transport",
        types=("aws:apigateway/integration:Integration", "aws:apigatewayv2/integration:Integration"),
        check=_integration,
    ),
    expect(
        "subscription-tls",
        "Topics deliver over TLS",
        Severity.HIGH,
        "aws:sns/topicSubscription:TopicSubscription",
        is_not("protocol", "http"),
        why=_CLEAR,
        fix="Set protocol to https, with an https:// endpoint.",
        family="transport",
    ),
    expect(
        "lattice-listener-tls",
        "Services of VPC Lattice listen with TLS",
        Severity.HIGH,
        "aws:vpclattice/listener:Listener",
        is_("protocol", "HTTPS", "TLS_PASSTHROUGH"),
        why=_CLEAR,
        fix="Set protocol to HTTPS.",
        family="transport",
    ),
    _policy_control("s3", "buckets", "s3:*", "aws:s3/bucketPolicy:BucketPolicy"),
    _policy_control("sqs", "queues", "sqs:*", "aws:sqs/queuePolicy:QueuePolicy"),
    _policy_control("sns", "topics", "sns:Publish", "aws:sns/topicPolicy:TopicPolicy"),
    _policy_control("efs", "file systems", "elasticfilesystem:*", "aws:efs/fileSystemPolicy:FileSystemPolicy"),
)
