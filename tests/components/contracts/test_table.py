from collections.abc import Callable
from typing import Any

import pytest

from components.contracts.diagnostics import Findings
from components.contracts.table import table as compile_table

Compile = Callable[..., Any]


def messages(findings: Any, severity: str) -> list[str]:
    return [f"{each.path}: {each.message}" for each in findings.found if each.severity == severity]


def test_names_of_columns_and_of_a_file_s_columns_are_apart(compiled: Compile) -> None:
    table, _ = compiled(
        '- {name: amount, physicalName: "Dollar Value", logicalType: number}\n- {name: b, logicalType: date}'
    )
    assert [(field.name, field.source) for field in table.fields] == [("amount", "Dollar Value"), ("b", "b")]


def test_a_composite_key_is_in_the_order_of_its_positions(compiled: Compile) -> None:
    table, _ = compiled(
        """
        - {name: c, logicalType: string, primaryKey: true}
        - {name: b, logicalType: string, primaryKey: true, primaryKeyPosition: 2}
        - {name: x, logicalType: string}
        - {name: a, logicalType: string, primaryKey: true, primaryKeyPosition: 1}
        """
    )
    assert table.primary_key == ("a", "b", "c")
    assert [field.required for field in table.fields] == [True, True, False, True]


@pytest.mark.parametrize(
    ("written", "name", "transform"),
    [
        ("logicalType: string", "a_identity", "identity"),
        ("logicalType: integer", "a_identity", "identity"),
        ("logicalType: date", "a_day", "day"),
        ("logicalType: timestamp", "a_day", "day"),
        ("logicalType: date, customProperties: [{property: partitionTransform, value: year}]", "a_year", "year"),
        ("logicalType: timestamp, customProperties: [{property: partitionTransform, value: hour}]", "a_hour", "hour"),
        ("logicalType: date, customProperties: [{property: partitionName, value: Batch}]", "batch", "day"),
    ],
)
def test_a_partition_has_a_name_and_a_transform(compiled: Compile, written: str, name: str, transform: str) -> None:
    table, findings = compiled(f"- {{name: a, required: true, partitioned: true, {written}}}")
    (partition,) = table.partitions
    assert (partition.name, partition.field, partition.transform) == (name, "a", transform)
    assert not findings.found


def test_partitions_are_in_the_order_of_their_positions(compiled: Compile) -> None:
    table, _ = compiled(
        """
        - {name: a, logicalType: string, required: true, partitioned: true, partitionKeyPosition: 2}
        - {name: b, logicalType: date, required: true, partitioned: true, partitionKeyPosition: 1}
        """
    )
    assert [each.field for each in table.partitions] == ["b", "a"]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (
            "logicalType: string, customProperties: [{property: partitionTransform, value: month}]",
            "cannot take the month",
        ),
        ("logicalType: date, customProperties: [{property: partitionTransform, value: hour}]", "cannot take the hour"),
        ("logicalType: date, customProperties: [{property: partitionTransform, value: week}]", "found 'week'"),
        ("logicalType: number, physicalType: double", "cannot take the identity of a double"),
        ("logicalType: date, customProperties: [{property: partitionName, value: A}]", "also a column"),
    ],
)
def test_a_partition_that_cannot_be_is_an_error(compiled: Compile, written: str, said: str) -> None:
    _, findings = compiled(f"- {{name: a, required: true, partitioned: true, {written}}}")
    (message,) = messages(findings, "error")
    assert said in message


def test_a_partition_s_field_is_required_and_the_contract_is_told(compiled: Compile) -> None:
    table, findings = compiled("- {name: a, logicalType: date, partitioned: true}")
    assert table.fields[0].required
    assert "goes to quarantine" in messages(findings, "warning")[0]


def test_confidential_values_in_object_names_are_warned_of(compiled: Compile) -> None:
    _, findings = compiled(
        "- {name: a, logicalType: string, required: true, partitioned: true, classification: confidential}"
    )
    assert "part of object names" in messages(findings, "warning")[0]


@pytest.mark.parametrize(
    ("properties", "said"),
    [
        ("- {name: order id, logicalType: string}", "'order id' is no column name"),
        ("- {name: 1st, logicalType: string}", "'1st' is no column name"),
        ("- {name: a, logicalType: string}\n- {name: A, logicalType: string}", "two columns are called"),
        ("- {name: a, logicalType: string, classification: secret}", "expected one of public, internal"),
        ("- {name: a, logicalType: string, logicalTypeOptions: {pattern: '('}}", "expected a regular expression"),
        ("- {name: a, logicalType: date, logicalTypeOptions: {format: yyyy-QQ}}", "'QQ' is no part"),
        ("- {name: a, logicalType: date, logicalTypeOptions: {minimum: soon}}", "found 'soon'"),
        ("- {name: a, logicalType: integer, enum: [{value: 1}, {value: one}]}", "found 'one'"),
        ("- {name: a, logicalType: number, enum: [{value: true}]}", "found True"),
        ("- {name: a, logicalType: boolean, enum: [{value: 1}]}", "found 1"),
        ("- {name: a, logicalType: date, enum: [{value: soon}]}", "found 'soon'"),
        (
            "- {name: a, logicalType: timestamp, logicalTypeOptions: {timezone: true, defaultTimezone: Mars/Base}}",
            "found 'Mars/Base'",
        ),
    ],
)
def test_what_no_table_can_hold_is_an_error(compiled: Compile, properties: str, said: str) -> None:
    _, findings = compiled(properties)
    assert any(said in message for message in messages(findings, "error"))


def test_bounds_of_moments_are_told_in_iso_whatever_the_file_s_format_is(compiled: Compile) -> None:
    table, findings = compiled(
        """
        - name: a
          logicalType: date
          logicalTypeOptions: {format: yyyyMMdd, minimum: "19970101", maximum: "1998-06-30"}
        - name: b
          logicalType: timestamp
          logicalTypeOptions: {format: dd.MM.yyyy HH:mm, exclusiveMinimum: 01.02.2020 03:04}
        - name: c
          logicalType: timestamp
          logicalTypeOptions: {timezone: true, defaultTimezone: Europe/Berlin, minimum: "2020-07-01T12:00:00"}
        """
    )
    a, b, c = table.fields
    assert (a.minimum, a.maximum, a.format) == ("1997-01-01", "1998-06-30", "%Y%m%d")
    assert b.exclusive_minimum == "2020-02-01T03:04:00"
    assert (a.timezone, b.timezone) == (None, None)
    assert (c.minimum, c.timezone) == ("2020-07-01T10:00:00+00:00", "Europe/Berlin")
    assert not findings.found


def test_exclusive_bounds_of_3_0_qualify_the_plain_ones(compiled: Compile) -> None:
    table, _ = compiled(
        """
        - {name: a, logicalType: integer, logicalTypeOptions: {minimum: 0, exclusiveMinimum: true, maximum: 9}}
        - {name: b, logicalType: integer, logicalTypeOptions: {maximum: 9, exclusiveMaximum: false}}
        """,
        version="v3.0.2",
    )
    a, b = table.fields
    assert (a.minimum, a.exclusive_minimum, a.maximum) == (None, 0, 9)
    assert (b.maximum, b.exclusive_maximum) == (9, None)


@pytest.mark.parametrize(
    ("written", "severity"),
    [
        ("relationships: [{to: customers.id}]", "notice"),
        ("transformLogic: select 1", "notice"),
        ("encryptedName: a_encrypted", "notice"),
        ("logicalTypeOptions: {format: email}", "warning"),
    ],
)
def test_a_promise_that_nothing_keeps_is_said(compiled: Compile, written: str, severity: str) -> None:
    _, findings = compiled(f"- {{name: a, logicalType: string, {written}}}")
    assert messages(findings, severity)


def test_an_object_without_properties_is_no_table(contract: Callable[..., Any]) -> None:
    made = contract("- {name: a, logicalType: string}")
    made.objects[0].properties = None
    findings = Findings(made.document)
    compile_table(made.objects[0], ("schema", 0), findings)
    assert "expected properties" in messages(findings, "error")[0]


def test_allowed_values_are_of_the_column_s_type(compiled: Compile) -> None:
    table, findings = compiled(
        """
        - {name: a, logicalType: string, enum: [{value: x}, {value: 1}, {value: true}, {value: null}]}
        - {name: b, logicalType: date, logicalTypeOptions: {format: dd.MM.yyyy}, enum: [{value: 01.02.2020}]}
        - {name: c, logicalType: boolean, enum: [{value: true}]}
        - {name: d, logicalType: string, enum: [{value: null}]}
        """
    )
    assert [field.enum for field in table.fields] == [("x", "1", "true"), ("2020-02-01",), (True,), None]
    assert not findings.found


def test_texts_without_an_offset_are_in_utc_as_the_standard_says(compiled: Compile) -> None:
    table, _ = compiled("- {name: a, logicalType: timestamp, logicalTypeOptions: {timezone: true}}")
    assert table.fields[0].timezone == "Etc/UTC"
