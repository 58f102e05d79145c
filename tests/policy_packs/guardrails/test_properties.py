"""Controls that are tables of expectations: each against the SDK, and against resources that meet and miss it."""

from __future__ import annotations

from typing import Any

import pytest
from mesh_guardrails.controls import CONTROLS
from mesh_guardrails.properties import Expectation, PropertyControl
from mesh_guardrails.resource import UNKNOWN

from tests.policy_packs.guardrails.building import facts, put, remove, resource, satisfy, sdk_lacks

TABLE = [control for control in CONTROLS if isinstance(control, PropertyControl)]
LINES = [
    pytest.param(control, expectation, id=f"{control.id} {expectation.path}")
    for control in TABLE
    for expectation in control.expectations
]


def on(control: PropertyControl, type_: str) -> list[Expectation]:
    """The expectations whose property the type has; one control may cover types of which each has one of them."""
    return [e for e in control.expectations if not sdk_lacks(type_, e.path)]


def compliant(control: PropertyControl, type_: str) -> dict[str, Any]:
    props: dict[str, Any] = {}
    for expectation in on(control, type_):
        if expectation.when:
            satisfy(props, expectation.when)
    for expectation in on(control, type_):
        put(props, expectation.path, expectation.good)
    return props


def keys(control: PropertyControl, type_: str, props: dict[str, Any]) -> set[str]:
    return {finding.key for finding in control.check(resource(type_, props), facts())}


@pytest.mark.parametrize("control", TABLE, ids=lambda c: c.id)
def test_the_sdk_has_the_properties_a_control_names(control: PropertyControl) -> None:
    for type_ in control.types:
        expected = on(control, type_)
        assert expected, f"{type_} has none of the properties"
    for expectation in control.expectations:
        conditions = (expectation.path, expectation.when, *expectation.unless)
        assert any(sdk_lacks(type_, *conditions) == [] for type_ in control.types), expectation.path


@pytest.mark.parametrize("control", TABLE, ids=lambda c: c.id)
def test_what_is_as_expected_is_accepted(control: PropertyControl) -> None:
    for type_ in control.types:
        assert keys(control, type_, compliant(control, type_)) == set()


@pytest.mark.parametrize(("control", "expectation"), LINES)
def test_what_is_not_as_expected_is_found(control: PropertyControl, expectation: Expectation) -> None:
    for type_ in control.types:
        if expectation not in on(control, type_):
            continue
        props = compliant(control, type_)
        for condition in expectation.unless:
            remove(props, condition.partition("=")[0])
        put(props, expectation.path, expectation.bad)
        if expectation.when and expectation.when.partition("=")[0] != expectation.path:
            satisfy(props, expectation.when)
        assert expectation.key in keys(control, type_, props)


@pytest.mark.parametrize(("control", "expectation"), LINES)
def test_what_is_set_but_unknown_is_accepted(control: PropertyControl, expectation: Expectation) -> None:
    for type_ in control.types:
        if expectation in on(control, type_):
            props = compliant(control, type_)
            put(props, expectation.path, UNKNOWN)
            assert expectation.key not in keys(control, type_, props)


@pytest.mark.parametrize(("control", "expectation"), LINES)
def test_an_exception_holds(control: PropertyControl, expectation: Expectation) -> None:
    for condition in expectation.unless:
        for type_ in control.types:
            if not sdk_lacks(type_, expectation.path, condition):
                props: dict[str, Any] = {}
                put(props, expectation.path, expectation.bad)
                satisfy(props, condition)
                assert expectation.key not in keys(control, type_, props)


def test_an_exception_that_is_not_known_yet_is_left_for_the_update() -> None:
    control = next(control for control in TABLE if control.id == "broker-logs")
    props = {"engineType": UNKNOWN, "logs": {"general": True}}
    assert list(control.check(resource(control.types[0], props), facts())) == []


def test_a_condition_on_a_list_is_about_the_same_element() -> None:
    control = next(control for control in TABLE if control.id == "distribution-origin-access")
    signed = {"s3OriginConfig": {"originAccessIdentity": "i"}, "originAccessControlId": "c"}
    unsigned = {"s3OriginConfig": {"originAccessIdentity": "i"}}
    server = {"customOriginConfig": {"originProtocolPolicy": "https-only"}}
    props = {"origins": [signed, server]}
    assert list(control.check(resource(control.types[0], props), facts())) == []
    props = {"origins": [server, signed, unsigned]}
    (finding,) = control.check(resource(control.types[0], props), facts())
    assert finding.message.startswith("origins[2].originAccessControlId ")


@pytest.mark.parametrize(
    ("control", "props", "message"),
    [
        ("minor-upgrades-on", {}, "autoMinorVersionUpgrade has to be true"),
        ("mail-received-tls", {"tlsPolicy": "Optional"}, "tlsPolicy has to be Require"),
        ("subscription-tls", {"protocol": "http"}, "protocol must not be http"),
        ("api-domain-tls", {}, "securityPolicy has to be set, and not to TLS_1_0"),
    ],
)
def test_a_message_says_what_is_wrong_where_and_what_to_make_of_it(
    control: str, props: dict[str, Any], message: str
) -> None:
    found = next(each for each in TABLE if each.id == control)
    assert [finding.message for finding in found.check(resource(found.types[0], props), facts())] == [message]
