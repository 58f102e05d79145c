from collections.abc import Callable
from typing import Any

import pytest

from components.contracts.quality import Rule, SqlRule

Compile = Callable[..., Any]
COLUMN = "- name: a\n  logicalType: string\n  quality:\n    - {check}\n- {{name: b, logicalType: string}}"


def test_a_column_s_metric_is_about_the_column(compiled: Compile) -> None:
    table, _ = compiled(
        COLUMN.format(check="{metric: nullValues, mustBeLessThan: 5, unit: percent, severity: warning}")
    )
    assert table.rules == (
        Rule(
            name="a_nullValues",
            metric="nullValues",
            fields=("a",),
            conditions={"mustBeLessThan": 5},
            unit="percent",
            severity="warning",
        ),
    )


def test_an_object_s_duplicates_are_about_the_columns_it_names(compiled: Compile) -> None:
    table, _ = compiled(
        "- {name: a, logicalType: string}\n- {name: b, logicalType: string}",
        "quality:\n  - {name: key, metric: duplicateValues, mustBe: 0, arguments: {properties: [a, b]}}",
    )
    (rule,) = table.rules
    assert (rule.fields, rule.arguments, rule.severity) == (("a", "b"), {}, "error")


@pytest.mark.parametrize(("rule", "metric"), [("duplicateCount", "duplicateValues"), ("rowCount", "rowCount")])
def test_3_0_s_names_of_metrics_are_understood(compiled: Compile, rule: str, metric: str) -> None:
    check = f"{{rule: {rule}, mustBeGreaterThan: 1, mustBeLessThan: 9}}"
    table, findings = compiled(COLUMN.format(check=check), version="v3.0.2")
    (found,) = table.rules
    assert (found.metric, dict(found.conditions)) == (metric, {"mustBeGreaterThan": 1, "mustBeLessThan": 9})
    assert not findings.found


@pytest.mark.parametrize(
    ("written", "compiled_to"),
    [
        ("SELECT COUNT(*) FROM {object} WHERE {property} = ''", "SELECT COUNT(*) FROM {object} WHERE {property} = ''"),
        ("SELECT COUNT(*) FROM ${table} WHERE ${column} = ''", "SELECT COUNT(*) FROM {object} WHERE {property} = ''"),
        ("select count(*)\\nfrom  sales.things t", "select count(*) from {object} t"),
        ("select count(*) from PHYSICAL join things", "select count(*) from {object} join {object}"),
    ],
)
def test_a_query_is_pointed_at_the_object(compiled: Compile, written: str, compiled_to: str) -> None:
    check = f'{{type: sql, query: "{written}", mustBe: 0}}'
    table, findings = compiled(COLUMN.format(check=check), "physicalName: physical")
    (rule,) = table.rules
    assert isinstance(rule, SqlRule)
    assert (rule.query, rule.field) == (compiled_to, "a")
    assert [each.severity for each in findings.found] == ["notice"]


@pytest.mark.parametrize(
    ("check", "said"),
    [
        ("{type: custom, engine: soda, implementation: x}", "the engine 'soda' is not part of the platform"),
        ("{type: custom, engine: greatExpectations, implementation: {type: x}}", "'greatExpectations'"),
        ("{type: text, description: looks right}", "a check in words"),
        ("{metric: nullValues, mustBe: none}", "expected an operator with a number"),
        ("{metric: nullValues, mustBe: true}", "expected an operator with a number"),
        ("{metric: nullValues, mustBe: 0, unit: furlongs}", "expected rows or percent, found 'furlongs'"),
        ("{metric: rowCount, mustBe: 5, unit: percent}", "expected rows or percent, found 'percent'"),
        ("{metric: invalidValues, mustBe: 0}", "expected validValues or pattern"),
        ("{metric: invalidValues, mustBe: 0, arguments: {validValues: x}}", "expected a list of texts and numbers"),
        ("{metric: invalidValues, mustBe: 0, arguments: {pattern: '('}}", "expected a regular expression"),
        (
            "{metric: missingValues, mustBe: 0, arguments: {missingValues: null}}",
            "expected a list of texts and numbers",
        ),
        ("{type: sql, query: select 1 from elsewhere, mustBe: 0}", "reads neither {object} nor"),
    ],
)
def test_what_nothing_runs_is_a_warning_at_its_place(compiled: Compile, check: str, said: str) -> None:
    table, findings = compiled(COLUMN.format(check=check))
    assert table.rules == ()
    (found,) = findings.found
    assert (found.severity, found.line) == ("warning", 12)
    assert found.path.startswith("schema[0].properties[0].quality[0]")
    assert said in found.message


@pytest.mark.parametrize(
    ("check", "said"),
    [
        ("{metric: duplicateValues, mustBe: 0}", "expected the names of properties"),
        ("{metric: duplicateValues, mustBe: 0, arguments: {properties: [a, z]}}", "['a', 'z']"),
        ("{metric: nullValues, mustBe: 0, arguments: {properties: [a, b]}}", "expected one property"),
        ("{type: sql, query: 'select {property} from {object}', mustBe: 0}", "belongs to no property"),
    ],
)
def test_a_check_of_an_object_that_names_no_column_is_a_warning(compiled: Compile, check: str, said: str) -> None:
    table, findings = compiled(
        "- {name: a, logicalType: string}\n- {name: b, logicalType: date}", f"quality: [{check}]"
    )
    assert table.rules == ()
    assert said in findings.found[0].message


def test_an_unknown_metric_of_3_0_is_a_warning(compiled: Compile) -> None:
    _, findings = compiled(COLUMN.format(check="{rule: isPretty, mustBe: 1}"), version="v3.0.2")
    assert "'isPretty' is none of the metrics" in findings.found[0].message


def test_an_argument_that_a_metric_does_not_take_is_a_warning_and_left_out(compiled: Compile) -> None:
    table, findings = compiled(COLUMN.format(check="{metric: nullValues, mustBe: 0, arguments: {limit: 5}}"))
    assert table.rules[0].arguments == {}
    assert findings.found[0].message == "nullValues takes no limit; nothing reads it"
