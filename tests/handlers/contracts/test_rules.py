"""Measures over a whole file, block by block."""

from typing import Any

import pyarrow as pa
import pytest

from handlers.contracts import distinct
from handlers.contracts.distinct import Distinct
from handlers.contracts.rules import Measures, Quality, judge
from handlers.contracts.spec import Rule

ROWS = pa.table(
    {
        "customer_id": ["00001", "00001", "n/a", None, "00002", "00001"],
        "quantity": pa.array([1, 1, None, 2, 3, 2], pa.int32()),
    }
)
FIELDS = [
    {"name": "customer_id", "source": "customer_id", "type": "string"},
    {"name": "quantity", "source": "quantity", "type": "int32"},
]


def measured(contract: Any, *rules: dict[str, Any], key: tuple[str, ...] = ()) -> Quality:
    chosen = contract(fields=FIELDS, partitions=[], rules=list(rules), primaryKey=list(key))
    with Measures(chosen) as measures:
        for start in range(0, ROWS.num_rows, 2):
            measures.add(ROWS.slice(start, 2))
        return measures.result()


@pytest.mark.parametrize(
    ("rule", "actual"),
    [
        ({"type": "rowCount"}, 6),
        ({"type": "nullValues", "fields": ["quantity"]}, 1),
        ({"type": "nullValues", "fields": ["customer_id"], "unit": "percent"}, 100 / 6),
        ({"type": "missingValues", "fields": ["customer_id"], "arguments": {"missingValues": ["n/a", None]}}, 2),
        ({"type": "missingValues", "fields": ["quantity"], "arguments": {"missingValues": [3, "n/a"]}}, 2),
        ({"type": "invalidValues", "fields": ["quantity"], "arguments": {"validValues": [1, 2]}}, 1),
        ({"type": "invalidValues", "fields": ["customer_id"], "arguments": {"pattern": "^[0-9]+$"}}, 1),
        (
            {
                "type": "invalidValues",
                "fields": ["customer_id"],
                "arguments": {"pattern": "^[0-9]+$", "validValues": ["00001", "n/a"]},
            },
            2,
        ),
        ({"type": "invalidValues", "fields": ["customer_id"], "arguments": {"validValues": []}}, 5),
        ({"type": "duplicateValues", "fields": ["customer_id"]}, 2),
        ({"type": "duplicateValues", "fields": ["customer_id", "quantity"], "unit": "percent"}, 100 / 6),
    ],
)
def test_what_rules_count(contract: Any, rule: dict[str, Any], actual: float) -> None:
    found = measured(contract, {"name": "r", "mustBe": 0, **rule}, key=("customer_id", "quantity"))
    key, check = found.checks
    assert (key.rule.name, key.actual, key.passed) == ("primary_key", 1, False)
    assert check.actual == pytest.approx(actual)


def test_completeness(contract: Any) -> None:
    found = measured(contract)
    assert (found.rows, found.nulls) == (6, {"customer_id": 1, "quantity": 1})
    assert found.completeness("quantity") == pytest.approx(5 / 6)
    with Measures(contract()) as nothing:
        assert nothing.result().completeness("amount") == 1


@pytest.mark.parametrize(
    ("demand", "passing", "failing", "expected"),
    [
        ({"mustBe": 2}, 2, 3, "must be 2"),
        ({"mustNotBe": 2}, 3, 2, "must not be 2"),
        ({"mustBeGreaterThan": 2}, 3, 2, "must be greater than 2"),
        ({"mustBeGreaterOrEqualTo": 2}, 2, 1, "must be greater or equal to 2"),
        ({"mustBeLessThan": 2}, 1, 2, "must be less than 2"),
        ({"mustBeLessOrEqualTo": 2}, 2, 3, "must be less or equal to 2"),
        ({"mustBeBetween": [2, 4]}, 4, 5, "must be between 2 and 4"),
        ({"mustNotBeBetween": [2, 4]}, 5, 4, "must not be between 2 and 4"),
        ({"mustBeGreaterThan": 1, "mustBeLessThan": 3}, 2, 3, "must be greater than 1 and must be less than 3"),
    ],
)
def test_what_rules_demand(demand: dict[str, Any], passing: int, failing: int, expected: str) -> None:
    rule = Rule.model_validate({"name": "r", "type": "rowCount", **demand})
    assert judge(rule, passing, 10).passed
    assert not judge(rule, failing, 10).passed
    assert judge(rule, passing, 10).expected == expected


def test_percent_of_no_rows_is_none() -> None:
    rule = Rule.model_validate({"name": "r", "type": "nullValues", "fields": ["f"], "mustBe": 0, "unit": "percent"})
    assert judge(rule, 0, 0).passed


@pytest.mark.parametrize("kept", [100, 1 << 20], ids=["in-files", "in-memory"])
def test_distinct_keys_are_counted_exactly(kept: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distinct, "KEPT", kept)
    with Distinct(("a", "b")) as keys:
        for start in range(0, 4_000, 500):
            numbers = [number % 1_500 for number in range(start, start + 500)]
            halves, odd = [str(number // 2) for number in numbers], [number % 2 for number in numbers]
            assert keys.add(pa.table({"a": halves, "b": odd, "c": numbers})) == 500
        assert keys.count() == 1_500


def test_rows_without_a_whole_key_are_no_duplicates(contract: Any) -> None:
    rows = pa.table({"customer_id": ["1", None, None, "1", "1"], "quantity": pa.array([1, 1, 1, None, 1], pa.int32())})
    rule = {"name": "r", "type": "duplicateValues", "fields": ["customer_id", "quantity"], "mustBe": 1}
    with Measures(contract(fields=FIELDS, partitions=[], rules=[rule])) as measures:
        measures.add(rows)
        assert measures.result().checks[0].passed
