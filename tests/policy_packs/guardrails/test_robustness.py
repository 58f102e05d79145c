"""Whatever a resource's inputs look like, no control breaks, and none repeats a value that could be a secret."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mesh_guardrails.controls import CONTROLS
from mesh_guardrails.data import sdk
from mesh_guardrails.documents import WHERE
from mesh_guardrails.evaluation import Controls, judge_resource, judge_stack
from mesh_guardrails.resource import UNKNOWN, Stack

from tests.policy_packs.guardrails.building import facts, put, resource

ALL = Controls(CONTROLS)
TYPES = sorted({t for c in CONTROLS for t in getattr(c, "types", ()) if t.startswith("aws:")})
SECRET = "hunter2"
# Reports name regions and runtimes, which are no secrets.
SPOKEN = ("region", "runtime")
VALUES = st.sampled_from([None, UNKNOWN, "", "text", "{", '{"Statement": 1}', "*", 0, -1, 2.5, True, [], {}, [{}], [1]])


def leaves(type_: str) -> list[str]:
    """The paths of a type's inputs that have none below them, outside policy documents: reports quote statements."""
    documents = {path.partition(".")[0].removesuffix("[]") for path, _ in WHERE.get(type_, ())}
    paths = [path for path in sdk.input_paths(type_) if path.partition(".")[0].removesuffix("[]") not in documents]
    return [path for path in paths if not any(other.startswith(f"{path}.") for other in paths)]


def messages(type_: str, props: dict[str, Any]) -> list[str]:
    """What all controls say of a resource, alone and as a stack; a control that breaks says so."""
    subject = resource(type_, props)
    verdicts = [
        *judge_resource(ALL.of(type_), subject, facts(), ()),
        *judge_stack(ALL.of_stacks, Stack([subject]), facts(), ()),
    ]
    assert [verdict.finding.message for verdict in verdicts if verdict.failed] == []
    return [verdict.finding.message for verdict in verdicts]


@pytest.mark.parametrize("type_", TYPES)
def test_no_control_repeats_the_value_of_an_input(type_: str) -> None:
    props: dict[str, Any] = {}
    for path in leaves(type_):
        if path not in SPOKEN:
            put(props, path, [SECRET] if path.endswith("[]") else SECRET)
    assert [message for message in messages(type_, props) if SECRET in message] == []


@pytest.mark.parametrize(
    "value", [None, UNKNOWN, "", "text", 0, 2.5, True, [], {}, [{}], ["text"], [UNKNOWN]], ids=repr
)
def test_no_control_breaks_on_a_value_it_does_not_expect(value: Any) -> None:
    for type_ in TYPES:
        messages(type_, {path.partition(".")[0].removesuffix("[]"): value for path in sdk.input_paths(type_)})


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_control_breaks_on_any_mixture(data: st.DataObject) -> None:
    type_ = data.draw(st.sampled_from(TYPES))
    props: dict[str, Any] = {}
    for path in data.draw(st.lists(st.sampled_from(leaves(type_)), max_size=12, unique=True)):
        put(props, path, data.draw(VALUES))
    messages(type_, props)
