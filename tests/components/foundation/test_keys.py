"""One key per classification: rotated, replicated into the pilot light, named by its alias."""

import pytest

from components.foundation.classification import Classification
from components.foundation.keys import Key, KeyArgs, require_primary_key
from components.foundation.policy import Condition
from tests.components.foundation.one_of_each import deployed, make_key
from tests.components.harness import make_account, run


def test_the_primary_key_rotates_and_is_multi_region() -> None:
    key = deployed("domain").one("kms.Key")
    assert key.inputs["enableKeyRotation"] is True
    assert key.inputs["multiRegion"] is True
    assert key.inputs["deletionWindowInDays"] == 30
    assert key.inputs["tags"] == {"Classification": "confidential"}
    assert key.protect


def test_the_alias_is_the_one_that_grants_name() -> None:
    made = deployed("domain")
    alias = made.one("kms.Alias")
    assert alias.inputs["name"] == "alias/acme-sales-prod-confidential"
    assert alias.inputs["targetKeyId"] == "mrk-confidential"
    assert not alias.protect


def test_the_pilot_lights_key_replicates_the_primary() -> None:
    made = deployed("pilot light")
    assert made.of("kms.Key") == []
    assert made.one("kms.ReplicaKey").inputs["primaryKeyArn"] == "arn:aws:kms:eu-west-1:222222222222:key/mrk-1"
    assert made.one("kms.Alias").inputs["name"] == "alias/acme-sales-prod-confidential"


def test_a_replica_without_its_primary_is_refused_and_so_is_the_reverse() -> None:
    recovery = make_account(region="eu-central-1")
    with pytest.raises(ValueError, match=r"^primary_key_arn: a key in the recovery region"):
        require_primary_key(recovery, False)
    with pytest.raises(ValueError, match=r"^primary_key_arn: only"):
        require_primary_key(make_account(), True)
    with pytest.raises(ValueError, match=r"^primary_key_arn: "):
        run(lambda: Key("k", KeyArgs(account=recovery, classification=Classification.INTERNAL)))


def test_a_replica_has_the_same_id_in_its_region() -> None:
    seen: list[str] = []
    run(lambda: make_key(make_account()).arn_in("eu-central-1").apply(seen.append))
    assert seen == ["arn:aws:kms:eu-central-1:222222222222:key/mrk-confidential"]


def test_a_key_offers_grants_by_alias() -> None:
    keys: list[Key] = []
    run(lambda: keys.append(make_key(make_account())))
    (statement,) = keys[0].decrypting("s3").statements
    assert Condition.of("ForAnyValue:StringEquals", "kms:ResourceAliases", keys[0].alias) in statement.conditions
    assert "kms:GenerateDataKey" in keys[0].encrypting().statements[0].actions
