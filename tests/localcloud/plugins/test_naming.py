"""Names that the provider makes."""

import re

import pytest

from localcloud.plugins import sdk
from localcloud.plugins.facts import Naming, facts
from localcloud.plugins.naming import Autonaming, is_explicit, named


def naming(token: str) -> Naming | None:
    resource = sdk.resource(token)
    assert resource is not None
    return facts(resource).naming


def made(token: str, name: str = "Orders", **news: object) -> str:
    found, failure = named(naming(token), name, b"seed", dict(news), {}, Autonaming())
    assert failure is None
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("token", "pattern"),
    [
        ("aws:sqs/queue:Queue", r"Orders-[0-9a-f]{7}"),
        ("aws:s3/bucket:Bucket", r"orders-[0-9a-f]{7}"),
        ("aws:glue/catalogDatabase:CatalogDatabase", r"orders_[a-z]{8}"),
        ("aws:kms/alias:Alias", r"alias/Orders-[0-9a-f]{7}"),
        ("aws:rds/instance:Instance", r"Orders[0-9a-f]{7}"),
        ("aws:s3/bucketObject:BucketObject", r"Orders"),
        ("aws:lambda/permission:Permission", r"Orders-[0-9a-f]{7}"),
    ],
)
def test_names_have_the_form_of_their_type(token: str, pattern: str) -> None:
    assert re.fullmatch(pattern, made(token))


def test_fifo_queues_and_topics_end_as_aws_requires() -> None:
    assert made("aws:sqs/queue:Queue", fifoQueue=True).endswith(".fifo")
    assert made("aws:sns/topic:Topic", fifoTopic=True).endswith(".fifo")
    assert not made("aws:sqs/queue:Queue", fifoQueue=False).endswith(".fifo")


@pytest.mark.parametrize("given", [{"bucket": "mine"}, {"bucketPrefix": "mine-"}])
def test_no_name_is_made_where_the_program_gives_one(given: dict[str, str]) -> None:
    assert named(naming("aws:s3/bucket:Bucket"), "b", b"seed", given, {}, Autonaming()) == (None, None)


def test_types_without_a_name_get_none() -> None:
    assert naming("aws:ec2/vpc:Vpc") is None
    assert naming("aws:route53/record:Record") is None, "its name is a domain name that the program must give"


def test_a_name_that_was_made_stays_and_one_that_was_given_does_not() -> None:
    token = naming("aws:sqs/queue:Queue")
    kept, _ = named(token, "q", b"new", {}, {"name": "q-0000000", "__defaults": ["name"]}, Autonaming())
    dropped, _ = named(token, "q", b"new", {}, {"name": "mine"}, Autonaming())
    assert kept == "q-0000000"
    assert dropped is not None
    assert dropped.startswith("q-")


def test_a_name_that_gets_too_long_is_refused() -> None:
    name, failure = named(naming("aws:iam/role:Role"), "r" * 60, b"seed", {}, {}, Autonaming())
    assert name is None
    assert failure is not None
    assert "longer than 64 characters" in failure.reason


def test_the_engine_may_propose_or_forbid_names() -> None:
    token = naming("aws:sqs/queue:Queue")
    assert named(token, "q", b"seed", {}, {}, Autonaming(proposed="prod-q"))[0] == "prod-q"
    name, failure = named(token, "q", b"seed", {}, {}, Autonaming(disabled=True))
    assert name is None
    assert failure is not None
    assert failure.path == "name"


def test_which_names_are_explicit() -> None:
    token = naming("aws:sqs/queue:Queue")
    assert is_explicit(token, {"name": "mine"})
    assert not is_explicit(token, {"name": "q-0000000", "__defaults": ["name"]})
    assert not is_explicit(token, {})
    assert not is_explicit(None, {"name": "mine"})
