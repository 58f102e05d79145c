"""Documents are deterministic, and merging changes their size only, never their meaning."""

import itertools
import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.foundation.policy import Condition, Principals, Statement, document, merge, size

names = st.lists(st.sampled_from("abc"), min_size=1, max_size=3, unique=True).map(tuple)
conditions = st.lists(
    st.sampled_from([Condition.of("StringEquals", "k", "v"), Condition.of("Bool", "t", "true")]),
    max_size=2,
    unique=True,
).map(tuple)
statements = st.builds(
    Statement,
    actions=names,
    resources=names,
    conditions=conditions,
    effect=st.sampled_from(["Allow", "Deny"]),
)


def meaning(all_: list[Statement] | tuple[Statement, ...]) -> set[object]:
    """Every single permission that the statements speak of."""
    return {
        (one.effect, action, resource, frozenset(one.conditions))
        for one in all_
        for action, resource in itertools.product(one.actions, one.resources)
    }


@given(st.lists(statements, max_size=6))
def test_merging_keeps_the_meaning_and_never_grows(some: list[Statement]) -> None:
    merged = merge(some)
    assert meaning(merged) == meaning(some)
    assert len(merged) <= len(some)


@given(st.lists(statements, min_size=1, max_size=6), st.randoms())
def test_the_order_of_grants_does_not_change_the_text(some: list[Statement], random_: random.Random) -> None:
    shuffled = list(some)
    random_.shuffle(shuffled)
    assert document(merge(some)) == document(merge(shuffled))


def test_merging_joins_actions_then_resources() -> None:
    get = Statement(actions=("s3:GetObject",), resources=("a", "b"))
    put = Statement(actions=("s3:PutObject",), resources=("b", "a"))
    both_elsewhere = Statement(actions=("s3:PutObject", "s3:GetObject"), resources=("c",))
    merged = merge([get, put, both_elsewhere])
    assert merged == (Statement(actions=("s3:GetObject", "s3:PutObject"), resources=("a", "b", "c")),)


def test_a_statement_renders_as_iam_stores_it() -> None:
    statement = Statement(
        sid="One",
        actions=("sqs:SendMessage",),
        resources=("q",),
        principals=Principals(aws=("arn:aws:iam::1:root",), service=("a", "b")),
        conditions=(Condition.of("StringEquals", "x", "2", "1"), Condition.of("StringEquals", "y", "3")),
    )
    assert json.loads(document([statement])) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "One",
                "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::1:root", "Service": ["a", "b"]},
                "Action": "sqs:SendMessage",
                "Resource": "q",
                "Condition": {"StringEquals": {"x": ["1", "2"], "y": "3"}},
            }
        ],
    }


def test_two_conditions_on_one_key_are_refused_instead_of_one_lost() -> None:
    twice = (Condition.of("StringEquals", "k", "1"), Condition.of("StringEquals", "k", "2"))
    with pytest.raises(ValueError, match=r"^k: two StringEquals"):
        document([Statement(actions=("a",), resources=("r",), conditions=twice)])


def test_nothing_to_say_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^statements: "):
        document([])
    with pytest.raises(ValueError, match=r"^k: "):
        Condition.of("StringEquals", "k")


def test_white_space_is_free() -> None:
    assert size('{ "a":\n 1 }') == len('{"a":1}')
