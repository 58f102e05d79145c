"""What a quality rule counts is the same number in a delivered file and in Glue's SQL over the table."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.contracts import odcs, source
from components.contracts.delivery import FileFormat
from components.contracts.diagnostics import Findings
from components.contracts.dqdl import ruleset
from components.contracts.table import Table, table
from components.contracts.validator import validator
from components.contracts.values import held
from handlers.contracts.rules import Measures
from handlers.contracts.spec import Contract

HEAD = {"apiVersion": "v3.2.0", "kind": "DataContract", "id": "a", "version": "1.0.0"}
PRODUCT = {"domain": "sales", "name": "things", "version": "1.0.0", "owner": "us", "classification": "internal"}
PLACE = {"catalogId": "1" * 12, "database": "d", "name": "things", "bucket": "b", "prefix": "things/v1/"}

# By kind of column: how the contract says it, how Arrow holds it, values that rows have, and values that rules name.
COLUMNS: dict[str, tuple[dict[str, Any], pa.DataType, list[Any], list[Any]]] = {
    "string": (
        {"logicalType": "string"},
        pa.string(),
        ["", "a", "b7", "7", "true", "it's", "x\\y", "1e-07"],
        ["a", "b7", 7, True, "it's", "x\\y", 1e-7, None, ""],
    ),
    "integer": (
        {"logicalType": "integer"},
        pa.int32(),
        [0, 1, -7, 70, 2_000_000_000],
        [0, 1.0, "-7", "0070", 1.5, "n/a", True, None, 10**12, float("inf")],
    ),
    "decimal": (
        {"logicalType": "number", "physicalType": "decimal(9,2)"},
        pa.decimal128(9, 2),
        [Decimal(each) for each in ("0.00", "0.50", "7.00", "-1.25", "1234567.89")],
        [0, 0.5, "7", "+7.0", -1.25, 0.001, "0.50", "7 EUR", None, "1234567.89"],
    ),
    "boolean": ({"logicalType": "boolean"}, pa.bool_(), [True, False], [True, "false", "yes", 1, None]),
    "date": (
        {"logicalType": "date", "logicalTypeOptions": {"format": "yyyyMMdd"}},
        pa.date32(),
        [date(2020, 1, 31), date(1997, 1, 1), date(9999, 12, 31)],
        ["20200131", "2020-01-31", "00000000", 19970101, "9999-12-31", None],
    ),
    "timestamp": (
        {"logicalType": "timestamp"},
        pa.timestamp("us"),
        [datetime(2020, 1, 31, 10), datetime(2020, 1, 31, 10, 0, 0, 500_000), datetime(1997, 1, 1, 0, 0, 7)],
        ["2020-01-31T10:00:00", "2020-01-31 10:00:00.5", "never", None],
    ),
    "timestamptz": (
        {"logicalType": "timestamp", "logicalTypeOptions": {"timezone": True, "defaultTimezone": "Europe/Berlin"}},
        pa.timestamp("us", "UTC"),
        [datetime(2020, 1, 31, 10, tzinfo=UTC), datetime(2020, 7, 1, 0, 30, tzinfo=UTC)],
        ["2020-01-31T11:00:00", "2020-01-31T10:00:00Z", "2020-06-30T22:30:00-02:00", "0001-01-01T00:00:00", None],
    ),
}
PATTERNS = ["^[0-9]", "7", "\\d{2}", "^-?\\d+$", "e$", "10:00:00$", "^(?:a|true)$", "", "\\.5"]


@st.composite
def rules(draw: st.DrawFn) -> tuple[str, list[Any], dict[str, Any]]:
    """A kind of column, its rows, and a rule about it."""
    kind = draw(st.sampled_from(sorted(COLUMNS)))
    _, _, rows, named = COLUMNS[kind]
    values = st.lists(st.sampled_from(named), max_size=4)
    metric = draw(st.sampled_from(["invalidValues", "missingValues", "duplicateValues", "nullValues"]))
    arguments: dict[str, Any] = {}
    if metric == "invalidValues":
        given = draw(st.sampled_from(["values", "pattern", "both"]))
        arguments |= {"validValues": draw(values)} if given != "pattern" else {}
        arguments |= {"pattern": draw(st.sampled_from(PATTERNS))} if given != "values" else {}
    if metric == "missingValues" and draw(st.booleans()):
        arguments["missingValues"] = draw(values)
    unit = draw(st.sampled_from(["rows", "percent"]))
    check = {"metric": metric, "mustBeLessThan": 1_000, "unit": unit, "arguments": arguments}
    return kind, draw(st.lists(st.sampled_from([*rows, None]), max_size=8)), check


def compiled(kind: str, *checks: dict[str, Any]) -> Table:
    column = {"name": "a", **COLUMNS[kind][0], "quality": list(checks)}
    document = source.Document("f", {**HEAD, "schema": [{"name": "things", "properties": [column]}]}, {})
    return table(odcs.contract(document).objects[0], ("schema", 0), Findings(document))


def counted_by_handlers(of: Table, rows: pa.Table) -> float:
    written = validator(product=PRODUCT, contract={"id": "a", "version": "1"}, file=FileFormat(), place=PLACE, table=of)
    with Measures(Contract.model_validate(written)) as measures:
        for start in range(0, rows.num_rows, 3):
            measures.add(rows.slice(start, 3))
        return measures.result().checks[0].actual


def counted_by_sql(of: Table, rows: pa.Table) -> float:
    """Run the rule's SQL, Spark's spelling turned into DuckDB's; rules that are no SQL measure the complement."""
    (rule,) = ruleset(of, Findings(source.Document("f", {}, {}))).splitlines()[1:-1]
    if rule.strip().startswith("Completeness"):
        nulls = rows["a"].null_count
        return 100 * nulls / rows.num_rows if rows.num_rows else 0.0
    found = re.search(r'CustomSql "((?:\\.|[^"\\])*)"', rule)
    assert found, rule
    sql = re.sub(r"\\(.)", r"\1", found[1])
    sql = re.sub(r"(cast\([^()]*\)) rlike ('(?:\\.|[^'\\])*')", r"regexp_matches(\1, \2)", sql)
    sql = re.sub(r"\\(.)", lambda escaped: "''" if escaped[1] == "'" else escaped[1], sql).replace("`", '"')
    naive = rows.cast(
        pa.schema([("a", pa.timestamp("us") if pa.types.is_timestamp(rows["a"].type) else rows["a"].type)])
    )
    with duckdb.connect() as database:
        database.register("things", naive)
        (count,) = database.execute(sql.replace("from primary", "from things")).fetchone() or (None,)
    return float(count or 0)


@settings(max_examples=400, deadline=None)
@given(rules())
def test_handlers_and_sql_count_the_same(drawn: tuple[str, list[Any], dict[str, Any]]) -> None:
    kind, values, check = drawn
    of, rows = compiled(kind, check), pa.table({"a": pa.array(values, COLUMNS[kind][1])})
    assert counted_by_handlers(of, rows) == pytest.approx(counted_by_sql(of, rows))


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("string", ("a", "b7", "7", "true", "it's", "x\\y", "1e-07", "")),
        ("integer", (0, 1, -7, 70)),
        ("decimal", (0, 0.5, 7, -1.25, "0.50", "1234567.89")),
        ("boolean", (True, False)),
        ("date", ("2020-01-31", "1997-01-01", "9999-12-31")),
        ("timestamp", ("2020-01-31T10:00:00", "2020-01-31T10:00:00.500000")),
        ("timestamptz", ("2020-01-31T10:00:00+00:00", "2020-07-01T00:30:00+00:00")),
    ],
)
def test_values_are_those_that_the_column_can_hold(kind: str, values: tuple[Any, ...]) -> None:
    found = held(compiled(kind).fields[0], COLUMNS[kind][3])
    assert [repr(value) for value in found] == [repr(value) for value in values]


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ({"logicalType": "integer"}, 1.5),
        ({"logicalType": "integer"}, 2**31),
        ({"logicalType": "integer", "logicalTypeOptions": {"format": "u8"}}, 256),
        ({"logicalType": "number", "physicalType": "decimal(5,2)"}, 0.125),
        ({"logicalType": "number", "physicalType": "decimal(5,2)"}, 1000),
        ({"logicalType": "number"}, float("inf")),
        ({"logicalType": "number"}, "1"),
    ],
)
def test_an_enum_that_names_what_no_row_can_hold_is_an_error(type_: dict[str, Any], value: Any) -> None:
    (found,) = findings_of({"name": "a", **type_, "enum": [{"value": value}]})
    assert found.severity == "error"
    assert found.message.startswith("expected a value of the column's type")


def test_a_limit_is_a_finite_number_of_something_that_has_an_order() -> None:
    (endless,) = findings_of({"name": "a", "logicalType": "number", "logicalTypeOptions": {"minimum": float("inf")}})
    assert (endless.severity, endless.message) == ("error", "expected a number, found inf")
    (boolean,) = findings_of({"name": "a", "logicalType": "boolean", "logicalTypeOptions": {"minimum": 0}})
    assert (boolean.severity, boolean.message) == ("warning", "true and false have no order; nothing checks it")


def findings_of(column: dict[str, Any]) -> list[Any]:
    document = source.Document("f", {**HEAD, "schema": [{"name": "things", "properties": [column]}]}, {})
    findings = Findings(document)
    table(odcs.contract(document).objects[0], ("schema", 0), findings)
    return list(findings.found)


def test_a_value_must_be_listed_and_match() -> None:
    both = {"metric": "invalidValues", "mustBe": 0, "arguments": {"validValues": ["a", "b7"], "pattern": "7"}}
    rows = pa.table({"a": ["a", "b7", "7", None]})
    assert counted_by_handlers(compiled("string", both), rows) == counted_by_sql(compiled("string", both), rows) == 2
