"""Keys and secrets change in time, and cannot lock their owner out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mesh_guardrails.control import Severity
from mesh_guardrails.facts import Facts
from mesh_guardrails.properties import at_most, expect, is_, setting
from mesh_guardrails.resource import Resource

_F = "encryption-keys"

_KEY_ROTATION = is_(
    "enableKeyRotation",
    # KMS rotates symmetric keys of its own making only:
    # https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
    unless=(
        "customerMasterKeySpec=RSA_2048|RSA_3072|RSA_4096|ECC_NIST_P256|ECC_NIST_P384|ECC_NIST_P521|ECC_SECG_P256K1"
        "|HMAC_224|HMAC_256|HMAC_384|HMAC_512|SM2|ML_DSA_44|ML_DSA_65|ML_DSA_87|ECC_NIST_EDWARDS25519",
        "keyUsage=SIGN_VERIFY|GENERATE_VERIFY_MAC|KEY_AGREEMENT",
        "customKeyStoreId",
        "xksKeyId",
    ),
)


_BUCKET_KEYS = is_("rules[].bucketKeyEnabled", when="rules[].applyServerSideEncryptionByDefault.sseAlgorithm=aws:kms")


def _enable_bucket_keys(resource: Resource, facts: Facts) -> Mapping[tuple[str | int, ...], Any]:
    if not any(_BUCKET_KEYS.wrong(resource)):
        return {}
    rules = resource.props.get("rules")
    return {
        ("rules", index, "bucketKeyEnabled"): True
        for index, rule in enumerate(rules if isinstance(rules, list) else [])
        if isinstance(rule, Mapping) and rule.get("bucketKeyEnabled") is not True
    }


CONTROLS = (
    expect(
        "key-rotation",
        "Symmetric keys are rotated every year",
        Severity.MEDIUM,
        "aws:kms/key:Key",
        _KEY_ROTATION,
        why="A key that leaked unnoticed stops being worth anything after the next rotation.",
        fix="Set enableKeyRotation.",
        family=_F,
        remedy=setting(_KEY_ROTATION, "enableKeyRotation"),
    ),
    expect(
        "key-lockout-check",
        "Key policies cannot lock everybody out",
        Severity.HIGH,
        "aws:kms/key:Key aws:kms/keyPolicy:KeyPolicy aws:kms/replicaKey:ReplicaKey",
        is_("bypassPolicyLockoutSafetyCheck", False, default=True),
        why="A key nobody may manage can neither be repaired nor deleted; only AWS support can help.",
        fix="Leave bypassPolicyLockoutSafetyCheck false.",
        family=_F,
    ),
    expect(
        "bucket-keys",
        "Buckets under KMS use a bucket key",
        Severity.LOW,
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration "
        "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2",
        _BUCKET_KEYS,
        why="Without one, every object costs a call to KMS, and busy buckets run into its limits.",
        fix="Set bucketKeyEnabled on the rule.",
        family=_F,
        remedy=_enable_bucket_keys,
    ),
    expect(
        "secret-rotation-interval",
        "Secrets that rotate do so at least every 90 days",
        Severity.MEDIUM,
        "aws:secretsmanager/secretRotation:SecretRotation",
        is_("rotationEnabled", default=True),
        at_most("rotationRules.automaticallyAfterDays", 90, default=True),
        why="A secret that leaked unnoticed stays of use to whoever has it until it changes.",
        fix="Set rotationRules.automaticallyAfterDays to 90 or less.",
        family=_F,
    ),
    expect(
        "encryption-by-default",
        "The account encrypts new disks by default",
        Severity.HIGH,
        "aws:ebs/encryptionByDefault:EncryptionByDefault",
        is_("enabled", default=True),
        why="A disk made by hand or by a service would be in the clear.",
        fix="Leave enabled true.",
        family=_F,
    ),
)
