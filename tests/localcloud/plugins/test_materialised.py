"""Where the plugin finds the local cloud."""

import pytest

from localcloud.cloud.materialise import KINDS
from localcloud.cloud.target import Target
from localcloud.plugins import sdk
from localcloud.plugins.materialised import ENDPOINT, NOWHERE, Daemon, NoCloudError

QUEUE = "aws:sqs/queue:Queue"


def test_the_environment_says_where_the_local_cloud_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENDPOINT, "http://127.0.0.1:4711")
    assert Daemon().target("222222222222", "eu-west-1") == Target("http://127.0.0.1:4711", "222222222222", "eu-west-1")
    assert Daemon().kind(QUEUE) is KINDS[QUEUE]
    assert Daemon().kind("aws:ec2/vpc:Vpc") is None


def test_state_alone_has_to_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENDPOINT, NOWHERE)
    assert Daemon().kind(QUEUE) is None
    monkeypatch.delenv(ENDPOINT)
    with pytest.raises(NoCloudError, match="localcloud up"):
        Daemon().target("222222222222", "eu-west-1")


def test_every_kind_is_a_type_of_the_sdk() -> None:
    assert [token for token in KINDS if sdk.resource(token) is None] == []
