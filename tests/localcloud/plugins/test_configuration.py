"""The provider's configuration."""

from typing import Any

import pytest

from localcloud.engine.values import UNKNOWN, Secret
from localcloud.plugins.configuration import (
    BASE_ACCOUNT,
    Configuration,
    ConfigurationError,
    configuration,
    partition,
    problems,
    regions,
)


def role(account: str) -> str:
    return f'[{{"roleArn": "arn:aws:iam::{account}:role/deploy"}}]'


def wrong(**news: Any) -> dict[str, str]:
    return {failure.path: failure.reason for failure in problems(news)}


def test_the_account_is_that_of_the_last_role() -> None:
    both = '[{"roleArn": "arn:aws:iam::111111111111:role/a"}, {"roleArn": "arn:aws:iam::222222222222:role/b"}]'
    assert configuration({"region": "eu-west-1", "assumeRoles": both}).account == "222222222222"
    assert configuration({"region": "eu-west-1"}).account == BASE_ACCOUNT


def test_secret_configuration_is_read() -> None:
    assert configuration({"region": "eu-west-1", "assumeRoles": Secret(role("222222222222"))}).account == "222222222222"


@pytest.mark.parametrize(
    "accounts",
    [{"allowedAccountIds": '["111111111111"]'}, {"forbiddenAccountIds": '["222222222222"]'}],
)
def test_accounts_that_must_not_be_used_are_refused(accounts: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError, match="AWS account ID not allowed: 222222222222"):
        configuration({"region": "eu-west-1", "assumeRoles": role("222222222222"), **accounts})


def test_a_region_is_needed_from_somewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_REGION", raising=False)
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    with pytest.raises(ConfigurationError, match="aws:region"):
        configuration({})
    monkeypatch.setenv("AWS_REGION", "eu-west-2")
    assert configuration({}).region == "eu-west-2"
    assert configuration({"region": "eu-west-1"}).region == "eu-west-1"


@pytest.mark.parametrize(
    ("news", "path", "reason"),
    [
        ({"regoin": "x"}, "regoin", "unknown configuration key 'regoin'; did you mean 'region'?"),
        ({"assumeRole": "{}"}, "assumeRole", "unknown configuration key 'assumeRole'; did you mean 'assumeRoles'?"),
        ({"region": "eu-west-11"}, "region", "invalid AWS Region: eu-west-11; did you mean 'eu-west-1'?"),
        (
            {"allowedAccountIds": '["22222222222"]'},
            "allowedAccountIds[0]",
            "'22222222222' in allowedAccountIds is no AWS account ID, which has 12 digits",
        ),
        (
            {"assumeRoles": role("2222")},
            "assumeRoles[0].roleArn",
            "'arn:aws:iam::2222:role/deploy' is no ARN of an IAM role in an AWS account",
        ),
        ({"maxRetries": '"many"'}, "maxRetries", "expected an integer for 'maxRetries', got a string"),
        (
            {"defaultTags": '{"tag": {}}'},
            "defaultTags.tag",
            "unknown property 'defaultTags.tag'; did you mean 'tags'?",
        ),
    ],
)
def test_wrong_configuration_is_named(news: dict[str, str], path: str, reason: str) -> None:
    assert wrong(**news) == {path: reason}


def test_right_configuration_passes() -> None:
    assert wrong(region="eu-west-1", skipCredentialsValidation="true", maxRetries="3", version="7.51.1") == {}
    assert wrong(region="us-future-1", skipRegionValidation="true") == {}
    assert wrong(region=UNKNOWN, assumeRoles=UNKNOWN, allowedAccountIds='["222222222222"]') == {}


def test_tags_are_merged_and_ignored_ones_left_out() -> None:
    found = Configuration("2" * 12, "eu-west-1", {"owner": "a", "x:1": "1"}, frozenset({"drop"}), ("x:",))
    assert found.tags({"owner": "b", "drop": "1", "keep": "1"}) == {"owner": "b", "keep": "1"}


def test_partitions() -> None:
    assert partition("eu-west-1").name == "aws"
    assert partition("cn-north-1").suffix == "amazonaws.com.cn"
    assert "eu-central-1" in regions()
    assert "cn-north-1" not in regions()
    assert not any(region.endswith("global") for region in regions())
