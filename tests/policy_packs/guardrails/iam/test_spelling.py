"""Actions that are written almost right."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mesh_guardrails.iam.reference import everything, expand
from mesh_guardrails.iam.spelling import _OPERATIONS, one_slip

WORDS = st.text("abc", max_size=5)


def slips(text: str) -> set[str]:
    """Every text one slip away, letter by letter."""
    cuts = [(text[:at], text[at:]) for at in range(len(text) + 1)]
    less = {head + tail[1:] for head, tail in cuts if tail}
    more = {head + letter + tail for head, tail in cuts for letter in "abc"}
    another = {head + letter + tail[1:] for head, tail in cuts if tail for letter in "abc"}
    swapped = {head + tail[1] + tail[0] + tail[2:] for head, tail in cuts if len(tail) > 1}
    return (less | more | another | swapped) - {text}


@given(WORDS, WORDS)
def test_a_slip_is_one_letter_or_two_that_changed_places(text: str, other: str) -> None:
    assert one_slip(text, other) == (other in slips(text))


@pytest.mark.parametrize("operation", _OPERATIONS, ids=str)
def test_operations_are_no_actions_and_what_permits_them_is(operation: str) -> None:
    assert not expand(operation)
    names = {action.name for action in everything()}
    assert set(_OPERATIONS[operation].replace(" or ", ", ").split(", ")) <= names
