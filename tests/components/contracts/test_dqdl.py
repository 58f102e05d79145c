"""Rulesets: the rules that a contract's promises become, DQDL's grammar, and what the SQL counts."""

import json
import re
from collections.abc import Callable
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.contracts import odcs, source
from components.contracts.delivery import FileFormat
from components.contracts.diagnostics import Findings
from components.contracts.dqdl import MAX_BYTES, quoted, ruleset
from components.contracts.table import table
from components.contracts.validator import validator
from handlers.contracts.rules import Measures
from handlers.contracts.spec import Contract
from handlers.contracts.validate import Validator

Compile = Callable[..., Any]

# The part of https://github.com/awslabs/dqdl (configuration/dqdl) that the compiler writes.
TEXT = r'"(?:\\["\\]|[^"\\])*"'
NUMBER = r"-?\d+(?:\.\d+)?"
COMPARED = rf"(?:!?=|[<>]=?) (?:{NUMBER}|{TEXT})"
LIST = rf"\[(?:{NUMBER}(?:, {NUMBER})*|{TEXT}(?:, {TEXT})*)\]"
SIMPLE = (
    rf"(?:(?:IsComplete|IsUnique) {TEXT}|IsPrimaryKey(?: {TEXT})+|RowCount {COMPARED}|Completeness {TEXT} {COMPARED}"
    rf"|CustomSql {TEXT} {COMPARED}|ColumnLength {TEXT} {COMPARED}(?: where {TEXT})?"
    rf"|ColumnValues {TEXT} (?:{COMPARED}|matches {TEXT}|in {LIST})(?: where {TEXT})?)"
)
RULE = re.compile(rf"{SIMPLE}|\({SIMPLE}\) or \({SIMPLE}\)")


@pytest.fixture
def rules(compiled: Compile) -> Callable[..., list[str]]:
    def make(*arguments: str, **named: str) -> list[str]:
        table, findings = compiled(*arguments, **named)
        text = ruleset(table, findings)
        assert not [each for each in findings.found if each.severity == "error"]
        if not text:
            return []
        assert text.startswith("Rules = [\n")
        assert text.endswith("\n]\n")
        written = [line.strip().removesuffix(",") for line in text.splitlines()[1:-1]]
        assert [rule for rule in written if not RULE.fullmatch(rule)] == []
        return written

    return make


Rules = Callable[..., list[str]]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("logicalType: string", []),
        ("logicalType: string, required: true", ['IsComplete "a"']),
        ("logicalType: string, unique: true", ['IsUnique "a"']),
        ("logicalType: string, primaryKey: true", ['IsPrimaryKey "a"', 'IsComplete "a"']),
        (
            "logicalType: string, required: true, enum: [{value: x}, {value: 'say \"y\"'}]",
            ['IsComplete "a"', 'ColumnValues "a" in ["x", "say \\"y\\""]'],
        ),
        (
            "logicalType: integer, enum: [{value: 1}, {value: 2}]",
            ['ColumnValues "a" in [1, 2] where "`a` is not null"'],
        ),
        (
            "logicalType: boolean, enum: [{value: true}]",
            ['CustomSql "select count(*) from primary where not (`a` in (true))" = 0'],
        ),
        (
            "logicalType: date, enum: [{value: '2020-01-01'}]",
            ["CustomSql \"select count(*) from primary where not (`a` in (date '2020-01-01'))\" = 0"],
        ),
        (
            "logicalType: string, required: true, logicalTypeOptions: {pattern: '^\\d+$', minLength: 2, maxLength: 3}",
            ['IsComplete "a"', 'ColumnValues "a" matches "^\\\\d+$"', 'ColumnLength "a" >= 2', 'ColumnLength "a" <= 3'],
        ),
        (
            "logicalType: string, logicalTypeOptions: {pattern: 'x|y'}",
            ['ColumnValues "a" matches "[\\\\s\\\\S]*(?:x|y)[\\\\s\\\\S]*" where "`a` is not null"'],
        ),
        (
            "logicalType: string, required: true, logicalTypeOptions: {minLength: 2, maxLength: 2}",
            ['IsComplete "a"', 'ColumnLength "a" = 2'],
        ),
        (
            "logicalType: number, required: true, logicalTypeOptions: {minimum: -1.50, exclusiveMaximum: 1.0e-7}",
            ['IsComplete "a"', 'ColumnValues "a" >= -1.5', 'ColumnValues "a" < 0.0000001'],
        ),
        (
            "logicalType: date, required: true, logicalTypeOptions: {exclusiveMinimum: '2020-01-31'}",
            ['IsComplete "a"', 'ColumnValues "a" > "2020-01-31"'],
        ),
        (
            "logicalType: timestamp, logicalTypeOptions: {maximum: '2020-01-31T10:00:00'}",
            ["CustomSql \"select count(*) from primary where not (`a` <= timestamp '2020-01-31T10:00:00')\" = 0"],
        ),
        (
            "logicalType: integer, logicalTypeOptions: {multipleOf: 5}",
            ['CustomSql "select count(*) from primary where `a` % 5 != 0" = 0'],
        ),
        ("logicalType: object, required: true, properties: [{name: b, logicalType: date}]", ['IsComplete "a"']),
    ],
)
def test_what_a_column_promises(rules: Rules, written: str, expected: list[str]) -> None:
    assert rules(f"- {{name: a, {written}}}") == expected


@pytest.mark.parametrize(
    ("check", "expected"),
    [
        ("{metric: rowCount, mustBeBetween: [10, 20]}", ["RowCount >= 10", "RowCount <= 20"]),
        ("{metric: rowCount, mustNotBeBetween: [10, 20]}", ["(RowCount < 10) or (RowCount > 20)"]),
        ("{metric: rowCount, mustNotBe: 0}", ["RowCount != 0"]),
        ("{metric: nullValues, mustBe: 0}", ['IsComplete "a"']),
        ("{metric: nullValues, mustBeLessThan: 5, unit: percent}", ['Completeness "a" > 0.95']),
        ("{metric: nullValues, mustBeLessOrEqualTo: 12.5, unit: percent}", ['Completeness "a" >= 0.875']),
        (
            "{metric: nullValues, mustBeBetween: [1, 5], unit: percent}",
            ['Completeness "a" >= 0.95', 'Completeness "a" <= 0.99'],
        ),
        ("{metric: duplicateValues, mustBe: 0}", ['IsUnique "a"']),
        (
            "{type: sql, query: 'select max(length({property})) from {object}', mustBeLessThan: 9}",
            ['CustomSql "select max(length(`a`)) from primary" < 9'],
        ),
    ],
)
def test_what_a_check_becomes(rules: Rules, check: str, expected: list[str]) -> None:
    assert rules(f"- {{name: a, logicalType: string, quality: [{check}]}}") == expected


@pytest.mark.parametrize(
    ("check", "counted"),
    [
        ("{metric: nullValues, mustBeLessThan: 2}", 1),
        ("{metric: missingValues, mustBe: 0, arguments: {missingValues: ['', n/a]}}", 3),
        ("{metric: missingValues, mustBe: 0, unit: percent}", 100 * 2 / 8),
        ("{metric: invalidValues, mustBe: 0, arguments: {validValues: [x, y, null]}}", 3),
        (
            "{metric: invalidValues, mustBe: 0, unit: percent, arguments: {validValues: [x, \"o'k\", '', n/a]}}",
            100 * 2 / 8,
        ),
        ("{metric: duplicateValues, mustBeLessThan: 9}", 2),
        ("{metric: duplicateValues, mustBeLessThan: 9, unit: percent}", 100 * 2 / 8),
    ],
)
def test_what_the_sql_counts(rules: Rules, check: str, counted: float) -> None:
    (rule,) = rules(f"- {{name: a, logicalType: string, quality: [{check}]}}")
    query = re.search(TEXT, rule)
    assert query
    sql = re.sub(r"\\(.)", r"\1", query[0][1:-1]).replace("`", '"').replace("\\'", "''").replace("cast", "try_cast")
    with duckdb.connect() as database:
        database.execute("create table t (a varchar)")
        rows = [("x",), ("x",), ("x",), ("y",), ("y2",), ("n/a",), ("",), (None,)]
        database.executemany("insert into t values (?)", rows)
        (found,) = database.execute(sql.replace("from primary", "from t")).fetchone() or (None,)
    assert found == pytest.approx(counted)


@pytest.mark.parametrize(
    "pattern", ["a", "^a", "a$", "^a$", "^a|b$", "^(a|b)$", "b|^a", "a\\\\$", "^a\\\\\\\\$", "", "^"]
)
def test_a_pattern_that_is_to_be_found_may_be_matched_as_a_whole(rules: Rules, pattern: str) -> None:
    (rule,) = rules(f'- {{name: a, logicalType: string, logicalTypeOptions: {{pattern: "{pattern}"}}}}')
    written = re.search(rf"matches ({TEXT})", rule)
    assert written
    whole, searched = re.sub(r"\\(.)", r"\1", written[1][1:-1]), pattern.replace("\\\\", "\\")
    for text in ("a", "b", "xa", "ax", "ab", "bx", "x\na\nx", "a$", "a\\", ""):
        assert bool(re.fullmatch(whole, text)) == bool(re.search(searched, text)), (whole, text)


def test_equal_rules_are_written_once(rules: Rules) -> None:
    written = rules("- {name: a, logicalType: string, required: true, quality: [{metric: nullValues, mustBe: 0}]}")
    assert written == ['IsComplete "a"']


def test_a_pair_of_columns_is_counted_together(rules: Rules) -> None:
    check = "quality: [{metric: duplicateValues, mustBe: 0, arguments: {properties: [a, b]}}]"
    (rule,) = rules("- {name: a, logicalType: string}\n- {name: b, logicalType: string}", check)
    assert "count(distinct `a`, `b`)" in rule


def test_a_ruleset_that_glue_would_refuse_is_an_error(compiled: Compile) -> None:
    columns = "\n".join(f"- {{name: column_{n}, logicalType: string, required: true}}" for n in range(3000))
    table, findings = compiled(columns)
    assert len(ruleset(table, findings)) > MAX_BYTES
    assert "bytes of DQDL" in findings.found[0].message


@given(st.text())
def test_any_text_survives_quoting(text: str) -> None:
    written = quoted(text)
    assert re.fullmatch(TEXT, written)
    assert re.sub(r"\\(.)", r"\1", written[1:-1], flags=re.DOTALL) == text


WORDS = st.text(max_size=6)
NUMBERS = st.integers(-(10**6), 10**6) | st.floats(-1e9, 1e9, allow_nan=False)
OPTIONS = {
    "string": st.fixed_dictionaries({}, optional={"pattern": WORDS.map(re.escape), "minLength": st.integers(0, 9)}),
    "integer": st.fixed_dictionaries({}, optional={"minimum": NUMBERS, "exclusiveMaximum": NUMBERS}),
    "number": st.fixed_dictionaries({}, optional={"maximum": NUMBERS, "exclusiveMinimum": NUMBERS}),
    "boolean": st.just({}),
}

REFERENCE = {"id": "a", "version": "1.0.0"}
PRODUCT = {"domain": "d", "name": "things", "version": "1.0.0", "owner": "us", "classification": "internal"}
PLACE = {"catalogId": "1" * 12, "database": "d", "name": "things", "bucket": "b", "prefix": "things/v1/"}


@st.composite
def properties(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(sorted(OPTIONS)))
    values = {"string": WORDS, "boolean": st.booleans(), "integer": st.integers(-(10**6), 10**6)}.get(kind, NUMBERS)
    column: dict[str, Any] = {"name": "a", "logicalType": kind, "required": draw(st.booleans())}
    if options := draw(OPTIONS[kind]):
        column["logicalTypeOptions"] = options
    if allowed := draw(st.lists(values, max_size=3, unique_by=repr)):
        column["enum"] = [{"value": value} for value in allowed]
    checks = [
        {"metric": "missingValues", "mustBe": 0, "arguments": {"missingValues": draw(st.lists(WORDS, max_size=2))}},
        {
            "metric": "invalidValues",
            "mustBeLessThan": 5,
            "arguments": {"validValues": draw(st.lists(values, min_size=1))},
        },
    ]
    return {**column, "quality": checks}


@settings(max_examples=80, deadline=None)
@given(properties())
def test_whatever_a_contract_says_glue_and_the_handlers_can_run_it(column: dict[str, Any]) -> None:
    schema = [{"name": "things", "properties": [column]}]
    head = {"apiVersion": "v3.2.0", "kind": "DataContract", "id": "a", "version": "1.0.0"}
    document = source.Document("f", {**head, "schema": schema}, {})
    findings = Findings(document)
    things = table(odcs.contract(document).objects[0], ("schema", 0), findings)
    text = ruleset(things, findings)
    rule = f"(?:{RULE.pattern})"
    assert re.fullmatch(rf"Rules = \[\n    {rule}(?:,\n    {rule})*\n\]\n", text), text
    assert not findings.found
    written = validator(product=PRODUCT, contract=REFERENCE, file=FileFormat(), place=PLACE, table=things)
    contract = Contract.model_validate_json(json.dumps(written))
    Validator(contract)
    with Measures(contract):
        pass
