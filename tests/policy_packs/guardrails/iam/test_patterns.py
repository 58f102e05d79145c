"""Patterns, against all short texts."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mesh_guardrails.iam.patterns import covers, matches, overlaps
from mesh_guardrails.iam.reference import everything, expand

from tests.policy_packs.guardrails.iam.evaluator import glob

# `z` stands for every character that no pattern names.
TEXTS = ["".join(letters) for length in range(7) for letters in product("abz", repeat=length)]
patterns = st.text("ab*?", max_size=3)
starred = st.text("ab*", max_size=3)
NAMES = sorted(action.name for action in everything())


@given(st.text("ab*?", max_size=6), st.sampled_from(TEXTS))
def test_a_pattern_matches_what_it_matches_letter_by_letter(pattern: str, text: str) -> None:
    assert matches(pattern, text) == glob(pattern, text)


@settings(max_examples=150, deadline=None)
@given(patterns, patterns)
def test_a_pattern_that_covers_another_matches_all_that_the_other_does(wide: str, narrow: str) -> None:
    if covers(wide, narrow):
        assert all(glob(wide, text) for text in TEXTS if glob(narrow, text))


@settings(max_examples=150, deadline=None)
@given(starred, starred)
def test_covering_is_exact_where_there_are_only_stars(wide: str, narrow: str) -> None:
    assert covers(wide, narrow) == all(glob(wide, text) for text in TEXTS if glob(narrow, text))


@settings(max_examples=150, deadline=None)
@given(patterns, patterns)
def test_patterns_overlap_exactly_when_a_text_is_in_both(one: str, other: str) -> None:
    assert overlaps(one, other) == any(glob(one, text) and glob(other, text) for text in TEXTS)


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [("a${*}b", "a*b", True), ("a${*}b", "axb", False), ("a${?}*", "a?c", True), ("a${$}", "a$", True)],
)
def test_escaped_wildcards_are_plain_characters(pattern: str, text: str, fits: bool) -> None:
    assert matches(pattern, text) is fits


@st.composite
def action_patterns(draw: st.DrawFn) -> str:
    """A real action's name of which parts are wild or in another case."""
    name = draw(st.sampled_from(NAMES))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(name) - 1))
        length = draw(st.integers(0, 8))
        name = name[:at] + draw(st.sampled_from(["*", "?", name[at : at + length].swapcase()])) + name[at + length :]
    return name


@settings(max_examples=60, deadline=None)
@given(action_patterns())
def test_a_pattern_expands_to_the_actions_it_fits(pattern: str) -> None:
    # The service's part is compared alone: a wildcard does not reach over the colon (IAM reads it apart).
    service, colon, verb = pattern.lower().partition(":")
    expected = {
        name
        for name in NAMES
        if colon and glob(service, name.partition(":")[0].lower()) and glob(verb, name.partition(":")[2].lower())
    }
    assert {action.name for action in expand(pattern)} == expected
