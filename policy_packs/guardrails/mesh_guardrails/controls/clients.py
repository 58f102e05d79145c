"""Caches, search collections and clusters know who is calling, and keep nothing in the clear."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from mesh_guardrails.control import Finding, ResourceControl, Severity
from mesh_guardrails.facts import Facts
from mesh_guardrails.properties import expect, is_, is_not, is_set
from mesh_guardrails.resource import UNKNOWN, Resource
from mesh_guardrails.tags import classification, needs_own_key

_OPEN: Final = "Whoever reaches it in the network reads and changes all that is in it."
_F: Final = "exposure"


def _document(resource: Resource, property_: str) -> Any:
    """A JSON document of a resource: what it holds, `UNKNOWN` until the update, None when it is no JSON."""
    text = resource.props.get(property_)
    if not isinstance(text, str):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return None


def _collection_policy(resource: Resource, facts: Facts) -> Iterator[Finding]:
    document = _document(resource, "policy")
    if document is UNKNOWN:
        yield Finding("policy is not known yet", "policy", undetermined=True)
        return
    for rule in document if isinstance(document, list) else [document]:
        if not isinstance(rule, Mapping):
            continue
        if resource.props.get("type") == "network" and rule.get("AllowFromPublic") is True:
            yield Finding("policy lets the internet reach the collections (AllowFromPublic)", "public")
        if resource.props.get("type") == "encryption" and rule.get("AWSOwnedKey") and needs_own_key(resource, facts):
            told = f"policy takes a key that AWS owns (AWSOwnedKey), and the data is {classification(resource)}"
            yield Finding(told, "customer-key")


def _processing(resource: Resource, facts: Facts) -> Iterator[Finding]:
    document = _document(resource, "configuration")
    if document is UNKNOWN:
        yield Finding("configuration is not known yet", "configuration", undetermined=True)
        return
    stated = document.get("EncryptionConfiguration") if isinstance(document, Mapping) else None
    settings = stated if isinstance(stated, Mapping) else {}
    for name, key, told in (
        ("EnableAtRestEncryption", "at-rest", "what clusters store"),
        ("EnableInTransitEncryption", "in-transit", "what their nodes send each other"),
    ):
        if settings.get(name) is not True:
            yield Finding(f"EncryptionConfiguration.{name} has to be true, to encrypt {told}", key)


CONTROLS = (
    expect(
        "cache-group",
        "Caches that could encrypt and fail over do",
        Severity.HIGH,
        "aws:elasticache/cluster:Cluster",
        is_not("engine", "redis", "valkey", unless=("replicationGroupId",)),
        why="Alone, such a cluster encrypts nothing, knows no users and has no second node.",
        fix="Use a ReplicationGroup.",
        family=_F,
    ),
    expect(
        "cache-users",
        "Caches know their users",
        Severity.MEDIUM,
        "aws:elasticache/replicationGroup:ReplicationGroup",
        is_set("userGroupIds", unless=("authToken",)),
        why=_OPEN,
        fix="Set userGroupIds, or at least authToken.",
        family=_F,
    ),
    expect(
        "cache-user-password",
        "Users of caches prove who they are",
        Severity.HIGH,
        "aws:elasticache/user:User",
        is_("noPasswordRequired", False, default=True),
        is_not("authenticationMode.type", "no-password-required"),
        why=_OPEN,
        fix="Set authenticationMode.type to iam, or to password.",
        family=_F,
    ),
    expect(
        "serverless-cache-users",
        "Serverless caches know their users",
        Severity.MEDIUM,
        "aws:elasticache/serverlessCache:ServerlessCache",
        # Memcached has no users.
        is_set("userGroupId", unless=("engine=memcached",)),
        why=_OPEN,
        fix="Set userGroupId.",
        family=_F,
    ),
    expect(
        "memory-database-users",
        "MemoryDB clusters know their users",
        Severity.MEDIUM,
        "aws:memorydb/cluster:Cluster",
        is_not("aclName", "open-access"),
        why=_OPEN,
        fix="Set aclName to an access control list with users of its own.",
        family=_F,
    ),
    ResourceControl(
        id="search-collection-policy",
        title="Search collections are reached through endpoints, and under a key of one's own where data is classified",
        severity=Severity.HIGH,
        rationale="One policy decides for every collection whose name it matches, also for those to come.",
        remediation="Set AllowFromPublic to false with SourceVPCEs, and KmsARN instead of AWSOwnedKey.",
        family=_F,
        types=("aws:opensearch/serverlessSecurityPolicy:ServerlessSecurityPolicy",),
        check=_collection_policy,
    ),
    expect(
        "processing-security",
        "EMR clusters run with a security configuration",
        Severity.HIGH,
        "aws:emr/cluster:Cluster",
        is_set("securityConfiguration"),
        why="Without one, nothing on the disks of the nodes or between them is encrypted.",
        fix="Set securityConfiguration.",
        family="encryption",
    ),
    ResourceControl(
        id="processing-encryption",
        title="Security configurations of EMR encrypt at rest and in transit",
        severity=Severity.HIGH,
        rationale="What a job spills to disk or shuffles between nodes is the data itself.",
        remediation="Set EnableAtRestEncryption and EnableInTransitEncryption in EncryptionConfiguration.",
        family="encryption",
        types=("aws:emr/securityConfiguration:SecurityConfiguration",),
        check=_processing,
    ),
)
