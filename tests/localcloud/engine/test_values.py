from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localcloud.engine.values import (
    ARCHIVE,
    RESOURCE,
    SIGNATURE,
    UNKNOWN,
    UNKNOWN_TEXTS,
    Output,
    Secret,
    Wire,
    bare,
    decode_struct,
    encode_struct,
    has_secret,
    has_unknown,
    output_dependencies,
    without_outputs,
)

texts = st.text().filter(lambda text: text not in UNKNOWN_TEXTS)
plain = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts | st.just(UNKNOWN)
outputs = st.builds(Output, plain, st.booleans(), st.lists(st.text()))
values = st.recursive(
    plain | st.builds(Secret, plain) | outputs,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@settings(deadline=None, max_examples=50)
@given(st.dictionaries(st.text(), values))
def test_what_is_sent_arrives(props: dict[str, Any]) -> None:
    assert decode_struct(encode_struct(props, Wire(outputs=True))) == props


@settings(deadline=None, max_examples=50)
@given(st.dictionaries(st.text(), values))
def test_a_receiver_that_knows_nothing_gets_nothing_but_plain_values(props: dict[str, Any]) -> None:
    arrived = decode_struct(encode_struct(props, Wire(unknowns=False, secrets=False)))
    assert not has_unknown(arrived)
    assert not has_secret(arrived)
    assert arrived == bare(arrived)


@pytest.mark.parametrize(
    ("wire", "arrives"),
    [
        (Wire(), {"s": Secret("x"), "u": UNKNOWN, "us": Secret(UNKNOWN), "l": [1, UNKNOWN], "o": Secret("y")}),
        (Wire(secrets=False), {"s": "x", "u": UNKNOWN, "us": UNKNOWN, "l": [1, UNKNOWN], "o": "y"}),
        (Wire(unknowns=False), {"s": Secret("x"), "l": [1, None], "o": Secret("y")}),
    ],
)
def test_what_a_receiver_does_not_understand(wire: Wire, arrives: dict[str, Any]) -> None:
    sent = {"s": Secret("x"), "u": UNKNOWN, "us": Secret(UNKNOWN), "l": [1, UNKNOWN], "o": Output("y", True, ["urn"])}
    assert decode_struct(encode_struct(sent, wire)) == arrives


def test_keys_for_the_engine_and_contents_of_assets_can_be_kept_back() -> None:
    archive = {SIGNATURE: ARCHIVE, "path": "handlers", "hash": "abc"}
    sent = {"__internal": {}, "code": archive}
    assert decode_struct(encode_struct(sent, Wire(internal=False))) == {"code": archive}
    assert decode_struct(encode_struct(sent, Wire(hashes=True)))["code"] == {SIGNATURE: ARCHIVE, "hash": "abc"}


def test_a_reference_to_a_resource_becomes_its_id_or_its_urn() -> None:
    sent = {"a": {SIGNATURE: RESOURCE, "urn": "urn:a", "id": "i"}, "b": {SIGNATURE: RESOURCE, "urn": "urn:b"}}
    assert decode_struct(encode_struct(sent, Wire(resources=False))) == {"a": "i", "b": "urn:b"}
    assert decode_struct(encode_struct(sent)) == sent


def test_outputs_give_their_dependencies_and_their_secrecy() -> None:
    props = {"a": [Output("x", True, ["urn:1"])], "b": Output(Output(1, False, ["urn:3"]), False, ["urn:2"])}
    assert output_dependencies(props) == {"urn:1", "urn:2", "urn:3"}
    assert without_outputs(props) == {"a": [Secret("x")], "b": 1}
