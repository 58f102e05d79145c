"""A domain's buckets and keys, and how a product's columns are tagged."""

from __future__ import annotations

import pytest

from components.domain.data_domain import DataDomain, DataDomainArgs, location_role_arn
from components.domain.data_product import columns_by_tags
from components.foundation.classification import Classification
from components.foundation.keys import Key, KeyArgs
from tests.components.harness import Program, make_account, run


def domain(*classifications: Classification) -> Program:
    def program() -> None:
        account = make_account()
        keys = {each: Key(each.value, KeyArgs(account=account, classification=each)) for each in classifications}
        DataDomain("sales", DataDomainArgs(account=account, keys=keys, landing_days=7))

    return run(program)


def test_the_most_sensitive_product_decides_the_key() -> None:
    made = domain(Classification.RESTRICTED, Classification.INTERNAL)
    for bucket in ("landing", "products", "quarantine"):
        (rule,) = made.one("s3.BucketServerSideEncryptionConfiguration", f"sales-{bucket}").inputs["rules"]
        assert rule["applyServerSideEncryptionByDefault"]["kmsMasterKeyId"].endswith("mrk-restricted")


def test_only_the_products_bucket_is_open_to_the_hub_and_only_to_read() -> None:
    made = domain(Classification.INTERNAL)
    role = location_role_arn(make_account())
    assert role == "arn:aws:iam::111111111111:role/acme-governance-prod-lake-location"
    for bucket in ("landing", "quarantine"):
        assert role not in made.one("s3.BucketPolicy", f"sales-{bucket}").inputs["policy"]
    statements = made.one("s3.BucketPolicy", "sales-products").document("policy")["Statement"]
    (shared,) = [each for each in statements if each.get("Sid") == "LakeFormationReads"]
    assert set(shared["Action"]) == {"s3:GetObject", "s3:ListBucket"}
    assert shared["Condition"]["ArnEquals"]["aws:PrincipalArn"] == role


def test_delivered_files_expire_and_products_do_not() -> None:
    made = domain(Classification.INTERNAL)

    def expiry(bucket: str) -> list[object]:
        rules = made.one("s3.BucketLifecycleConfiguration", f"sales-{bucket}").inputs["rules"]
        return [rule["expiration"]["days"] for rule in rules if "expiration" in rule]

    assert expiry("landing") == [7]
    assert expiry("products") == []


def test_a_domain_without_a_key_is_refused() -> None:
    with pytest.raises(ValueError, match="keys: a domain needs"):
        domain()


def test_columns_with_the_same_tags_are_tagged_together() -> None:
    low, high = {"classification": "internal"}, {"classification": "restricted"}
    assert columns_by_tags({"amount": low, "email": high, "day": low}) == {
        (("classification", "internal"),): ("amount", "day"),
        (("classification", "restricted"),): ("email",),
    }
