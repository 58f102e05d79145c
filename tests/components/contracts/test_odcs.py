"""Loading contracts: every version of the standard, and what each refusal says."""

import copy
import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from components.contracts import odcs, odcs_schema, quick_check, source
from components.contracts.diagnostics import ContractError, Diagnostic

ORDERS = Path(__file__).parents[3] / "domains/sales/orders/contract.odcs.yaml"
P = "schema[0].properties"
PACKAGED = json.loads(files("open_data_contract_standard").joinpath("schema.json").read_text("utf-8"))


def load(text: str) -> odcs.Contract:
    return odcs.contract(source.parse(text, "contract.yaml"))


def minimal(version: str, rest: str = "") -> str:
    return f"apiVersion: {version}\nkind: DataContract\nid: a\nversion: 1.0.0\nstatus: draft\n{rest}"


@pytest.mark.parametrize("version", odcs_schema.API_VERSIONS)
def test_the_smallest_contract_of_every_version_loads(version: str) -> None:
    contract = load(minimal(version))
    assert (contract.id, contract.version, contract.objects) == ("a", "1.0.0", ())


def test_a_contract_that_describes_no_table_loads() -> None:
    rest = """\
servers:
  - {server: events, type: kafka, host: "localhost:9092"}
schema:
  - name: click_stream
    physicalType: topic
    properties:
      - name: payload
        logicalType: object
        properties:
          - {name: embedding, logicalType: vector, logicalTypeOptions: {dimensions: 768}}
          - name: labels
            logicalType: map
            map: {key: {logicalType: string}, value: {logicalType: array, items: {logicalType: number}}}
      - name: without_a_logical_type
        physicalType: geography
"""
    (topic,) = load(minimal("v3.2.0", rest)).objects
    assert [each.name for each in topic.properties or ()] == ["payload", "without_a_logical_type"]


def test_what_only_3_0_allowed_loads_as_3_0() -> None:
    rest = """\
servers:
  - {server: local, type: duckdb, database: x, schema: 1, our: own key}
team:
  - {role: owner}
schema:
  - name: t
    our: own key
    properties:
      - name: a
        logicalType: integer
        logicalTypeOptions: {minimum: 0, exclusiveMinimum: true}
        quality:
          - {rule: duplicateCount, mustBeLessThan: 10, mustBeGreaterThan: -1, unit: rows}
      - {name: b, logicalType: date, logicalTypeOptions: {maximum: "2020-01-01", exclusiveMaximum: true}}
"""
    assert load(minimal("v3.0.2", rest)).objects[0].name == "t"
    with pytest.raises(ContractError) as refused:
        load(minimal("v3.1.0", rest))
    assert {each.path for each in refused.value.diagnostics} >= {
        "servers[0].schema",
        "schema[0].properties[0].logicalTypeOptions.exclusiveMinimum",
        "schema[0].properties[1].logicalTypeOptions.exclusiveMaximum",
    }


@pytest.mark.parametrize(
    ("old", "new", "on", "path", "said"),
    [
        ("apiVersion: v3.2.0", "apiVersion: v2.2.2", "apiVersion", "apiVersion", 'found "v2.2.2"'),
        ("apiVersion: v3.2.0", "x: 1", "x: 1", "apiVersion", "found nothing"),
        ("kind: DataContract", "kind: Contract", "kind:", "kind", 'expected "DataContract", found "Contract"'),
        ("id: sales.orders\n", "\n", "apiVersion", "", "expected 'id', which is missing"),
        ("logicalType: number", "logicalType: money", "money", f"{P}[3].logicalType", 'found "money"'),
        ("required: true", "requierd: true", "requierd", f"{P}[0].requierd", "did you mean 'required'?"),
        ("required: true", "required: yes", "required: yes", f"{P}[0].required", 'true or false, found "yes"'),
        ("minLength: 5", "minLength: five", "five", f"{P}[0].logicalTypeOptions.minLength", "whole number"),
        ("value: 7\n", "vale: 7\n", "property: retention", "slaProperties[2]", "expected 'value'"),
        ("value: 7\n", "vale: 7\n", "vale", "slaProperties[2].vale", "did you mean 'value'?"),
        ("username: sales-data-steward", "nickname: x", "nickname", "team.members[1]", "expected 'username'"),
        ("mustBeGreaterThan: 0", "mustBeAtLeast: 0", "file_is_not_empty", "schema[0].quality[0]", "found none of them"),
        (
            "mustBeGreaterThan: 0",
            "mustBe: 1\n        mustBeLessThan: 2",
            "file_is_not_empty",
            "schema[0].quality[0]",
            "found mustBe and mustBeLessThan",
        ),
        ("- name: customer_id", "- nam: customer_id", "- nam:", f"{P}[0]", "expected 'name'"),
        ("type: glue", "type: shed", "shed", "servers[0].type", 'found "shed"'),
    ],
)
def test_a_refusal_names_line_path_and_expectation(old: str, new: str, on: str, path: str, said: str) -> None:
    """`on` is a text on the line that has to be named."""
    text = ORDERS.read_text()
    assert old in text
    text = text.replace(old, new, 1)
    with pytest.raises(ContractError) as refused:
        load(text)
    found = next(each for each in refused.value.diagnostics if said in each.message)
    assert found.path == path
    assert on in text.splitlines()[found.line - 1]


def test_a_wrong_value_is_one_problem_and_its_neighbours_are_none() -> None:
    with pytest.raises(ContractError) as refused:
        load(ORDERS.read_text().replace("minLength: 5", "minLength: five"))
    assert [each.path for each in refused.value.diagnostics] == [f"{P}[0].logicalTypeOptions.minLength"]


@pytest.mark.parametrize("version", ["v3.0.2", "v3.1.0"])
def test_a_contract_before_3_2_has_a_status(version: str) -> None:
    with pytest.raises(ContractError, match="expected 'status', which is missing"):
        load(minimal(version).replace("status: draft\n", ""))
    assert load(minimal("v3.2.0").replace("status: draft\n", ""))


def test_every_problem_is_told_at_once() -> None:
    text = ORDERS.read_text().replace("type: glue", "type: shed").replace("logicalType: number", "logicalType: money")
    with pytest.raises(ContractError) as refused:
        load(text)
    assert {each.path for each in refused.value.diagnostics} >= {"servers[0].type", f"{P}[3].logicalType"}


@pytest.mark.parametrize("text", ["- a\n- b\n", "just words\n"])
def test_what_is_no_mapping_is_no_contract(text: str) -> None:
    with pytest.raises(ContractError, match="expected a mapping"):
        load(text)


def test_the_package_s_schema_is_not_changed_beyond_its_conditions() -> None:
    adapted = copy.deepcopy(odcs_schema.schema("3.2"))
    for condition in adapted["$defs"]["SchemaBaseProperty"]["allOf"]:
        for case in [condition.get("if", {}), *condition.get("if", {}).get("anyOf", [])]:
            case.pop("required", None)
    adapted["properties"]["apiVersion"] = PACKAGED["properties"]["apiVersion"]
    assert adapted == PACKAGED


JUNK: list[Any] = [None, True, 0, 1.0, 1.5, "x", "string", "map", "library", [], {}, ["a"], [None], {"value": 1}]
KEYS = ["id", "name", "type", "logicalType", "enum", "metric", "mustBe", "map", "items", "context", "required", "foo"]


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(place for key, each in children for place in places(each, (*at, key)))]


@st.composite
def mutants(draw: st.DrawFn) -> Any:
    """The orders contract with up to three of its values removed, replaced or given company."""
    document = copy.deepcopy(source.read(ORDERS).value)
    for _ in range(draw(st.integers(1, 3))):
        *way, last = draw(st.sampled_from([place for place in places(document) if place]))
        parent = document
        for key in way:
            parent = parent[key]
        match draw(st.sampled_from(["remove", "replace", "add"])):
            case "remove":
                del parent[last]
            case "replace":
                parent[last] = copy.deepcopy(draw(st.sampled_from(JUNK)))
            case _ if isinstance(parent[last], dict):
                parent[last][draw(st.sampled_from(KEYS))] = copy.deepcopy(draw(st.sampled_from(JUNK)))
    return document


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mutants(), st.sampled_from(["3.0", "3.1", "3.2"]))
def test_what_is_recognised_quickly_is_valid(document: Any, minor: str) -> None:
    document["apiVersion"] = {"3.0": "v3.0.2", "3.1": "v3.1.0", "3.2": "v3.2.0"}[minor]
    valid = odcs_schema.validator(minor).is_valid(document)
    assert valid or not odcs_schema.recognises(minor)(document)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mutants())
def test_what_the_package_s_schema_takes_loads_and_every_refusal_has_a_reason(document: Any) -> None:
    valid = jsonschema.Draft201909Validator(PACKAGED).is_valid(document) and document.get("apiVersion") == "v3.2.0"
    refused: tuple[Diagnostic, ...] = ()
    try:
        odcs.contract(source.Document("f", document, {}))
    except ContractError as error:
        refused = error.diagnostics
    if valid:
        assert not refused
    assert all(each.message for each in refused)


def test_an_untouched_contract_is_recognised_quickly() -> None:
    assert odcs_schema.recognises("3.2")(source.read(ORDERS).value)


def test_a_schema_keyword_that_nothing_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="'dependentRequired'"):
        quick_check.recogniser({"type": "object", "dependentRequired": {"a": ["b"]}})


@pytest.mark.parametrize(
    ("schema", "valid", "invalid"),
    [
        ({"type": "integer"}, 1, True),
        ({"type": "number", "minimum": 1}, 1.5, 0.5),
        ({"type": "number", "exclusiveMinimum": 1}, 2, 1),
        ({"const": True}, True, 1),
        ({"enum": ["a", 1]}, "a", True),
        ({"type": "array", "uniqueItems": True}, [1, 2], [1, 1]),
        ({"not": {"required": ["a"]}}, {"b": 1}, {"a": 1}),
        ({"items": {"type": "string"}, "minItems": 1}, ["a"], []),
        ({"oneOf": [{"required": ["a"]}, {"required": ["b"]}]}, {"a": 1}, {"a": 1, "b": 1}),
        (
            {"anyOf": [{"properties": {"a": {}}}, {"properties": {"b": {}}}], "unevaluatedProperties": False},
            {"b": 1},
            {"c": 1},
        ),
        (
            {
                "properties": {"kind": {}},
                "if": {"properties": {"kind": {"const": "x"}}, "required": ["kind"]},
                "then": {"properties": {"x": {}}},
                "unevaluatedProperties": False,
            },
            {"kind": "x", "x": 1},
            {"kind": "y", "x": 1},
        ),
        (
            {
                "$defs": {"n": {"properties": {"n": {"$ref": "#/$defs/n"}}, "additionalProperties": False}},
                "$ref": "#/$defs/n",
            },
            {"n": {"n": {}}},
            {"n": {"m": 1}},
        ),
    ],
)
def test_each_keyword_of_the_quick_check_agrees_with_the_library(schema: Any, valid: Any, invalid: Any) -> None:
    check = quick_check.recogniser(schema)
    library = jsonschema.Draft201909Validator(schema)
    assert (check(valid), library.is_valid(valid)) == (True, True)
    assert (check(invalid), library.is_valid(invalid)) == (False, False)
