from collections.abc import Callable
from typing import Any

import pytest

from components.contracts.types import physical

Compile = Callable[..., Any]


@pytest.mark.parametrize(
    ("written", "glue", "value"),
    [
        ("logicalType: string", "string", "string"),
        ("logicalType: string\n  physicalType: VARCHAR(20)", "string", "string"),
        ("logicalType: string\n  physicalType: uuid", "string", "string"),
        ("logicalType: integer", "int", "int32"),
        ("logicalType: integer\n  logicalTypeOptions: {format: i64}", "bigint", "int64"),
        ("logicalType: integer\n  logicalTypeOptions: {format: u32}", "bigint", "int64"),
        ("logicalType: integer\n  logicalTypeOptions: {format: u64}", "decimal(20,0)", "decimal"),
        ("logicalType: integer\n  logicalTypeOptions: {format: i128}", "decimal(38,0)", "decimal"),
        ("logicalType: integer\n  physicalType: bigint", "bigint", "int64"),
        ("logicalType: integer\n  physicalType: NUMBER(5)", "decimal(5,0)", "decimal"),
        ("logicalType: number", "double", "float64"),
        ("logicalType: number\n  physicalType: decimal(10, 2)", "decimal(10,2)", "decimal"),
        ("logicalType: number\n  physicalType: numeric[12,4]", "decimal(12,4)", "decimal"),
        ("logicalType: number\n  physicalType: real", "double", "float64"),
        ("logicalType: number\n  logicalTypeOptions: {format: f32}", "double", "float64"),
        ("logicalType: number\n  physicalType: int", "int", "int32"),
        ("logicalType: boolean", "boolean", "boolean"),
        ("logicalType: date", "date", "date"),
        ("logicalType: date\n  physicalType: timestamp", "timestamp", "timestamp"),
        ("logicalType: timestamp", "timestamp", "timestamp"),
        ("logicalType: timestamp\n  logicalTypeOptions: {timezone: true}", "timestamp", "timestamptz"),
        ("logicalType: timestamp\n  physicalType: timestamp with time zone", "timestamp", "timestamptz"),
        ("logicalType: timestamp\n  physicalType: TIMESTAMP(6) WITH TIME ZONE", "timestamp", "timestamptz"),
        ("physicalType: double precision", "double", "float64"),
        ("physicalType: datetime2", "timestamp", "timestamp"),
    ],
)
def test_a_type_has_one_meaning_in_glue_and_in_files(compiled: Compile, written: str, glue: str, value: str) -> None:
    table, findings = compiled(f"- name: a\n  {written}")
    (field,) = table.fields
    assert (field.type.glue, field.type.value) == (glue, value)
    assert not findings.found


@pytest.mark.parametrize(("form", "least", "greatest"), [("i8", -128, 127), ("u16", 0, 65535), ("u32", 0, 4294967295)])
def test_a_narrow_integer_keeps_its_range(compiled: Compile, form: str, least: int, greatest: int) -> None:
    table, _ = compiled(f"- name: a\n  logicalType: integer\n  logicalTypeOptions: {{format: {form}}}")
    assert (table.fields[0].least, table.fields[0].greatest) == (least, greatest)


def test_a_narrower_promise_of_the_contract_wins_over_the_type(compiled: Compile) -> None:
    options = "{format: u8, minimum: -5, maximum: 9}"
    table, _ = compiled(f"- name: a\n  logicalType: integer\n  logicalTypeOptions: {options}")
    assert (table.fields[0].least, table.fields[0].greatest) == (0, 9)


def test_nested_types_are_written_as_hive_does(compiled: Compile) -> None:
    table, findings = compiled(
        """
        - name: lines
          logicalType: array
          items:
            logicalType: object
            properties:
              - {name: sku, logicalType: string}
              - {name: price, logicalType: number, physicalType: "decimal(8,2)"}
        - name: labels
          logicalType: map
          map: {key: {logicalType: string}, value: {logicalType: array, items: {logicalType: integer}}}
        - {name: embedding, logicalType: vector, logicalTypeOptions: {dimensions: 3}}
        """
    )
    assert [field.type.glue for field in table.fields] == [
        "array<struct<sku:string,price:decimal(8,2)>>",
        "map<string,array<int>>",
        "array<float>",
    ]
    assert {field.type.value for field in table.fields} == {None}
    assert not findings.found


@pytest.mark.parametrize(
    ("written", "glue", "severity", "said"),
    [
        ("logicalType: time", "string", "notice", "no time of day"),
        ("logicalType: object", "string", "warning", "does not say what the object is made of"),
        ("logicalType: object\n  physicalType: bigint", "bigint", "warning", "the column is a bigint"),
        ("logicalType: array", "string", "warning", "does not say what the array is made of"),
        ("logicalType: string\n  physicalType: geography", "string", "notice", "'geography' is no type that is known"),
        ("logicalType: integer\n  physicalType: varchar(3)", "int", "notice", "holds no integer"),
        ("logicalType: number\n  physicalType: decimal(60,2)", "double", "notice", "'decimal(60,2)' is no type"),
    ],
)
def test_what_has_no_exact_type_is_said(compiled: Compile, written: str, glue: str, severity: str, said: str) -> None:
    table, findings = compiled(f"- name: a\n  {written}")
    assert table.fields[0].type.glue == glue
    (found,) = findings.found
    assert (found.severity, said in found.message) == (severity, True)


@pytest.mark.parametrize("written", ["physicalType: geography", "description: nothing about its type"])
def test_an_unknown_type_is_an_error(compiled: Compile, written: str) -> None:
    table, findings = compiled(f"- name: a\n  {written}")
    assert table.fields == ()
    (found,) = findings.found
    assert (found.severity, found.line) == ("error", 9)
    assert "expected a logicalType, or a physicalType that is known" in found.message


@pytest.mark.parametrize("text", ["", "(3)", "decimal(0,0)", "decimal(3,5)", "no such type", "int ( x )"])
def test_a_physical_type_that_is_none_is_not_guessed(text: str) -> None:
    assert physical(text) is None
