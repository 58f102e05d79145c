"""Measures of a whole file: how complete its columns are, and whether it keeps the contract's set-level rules.

They are taken over the rows that the file adds to the product; how many it was delivered with is counted beside them. A
broken rule is reported and blocks nothing: what must not be published is a constraint of a field.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import reduce
from types import TracebackType
from typing import Self

import pyarrow as pa
import pyarrow.compute as pc

from handlers.contracts.distinct import Distinct
from handlers.contracts.kinds import kind
from handlers.contracts.spec import Bound, Contract, Rule
from handlers.contracts.validate import named, pattern

Count = Callable[[pa.Table], int]


@dataclass(frozen=True)
class Check:
    """A rule's outcome: `actual` is in the rule's unit, `expected` says what it had to be."""

    rule: Rule
    actual: float
    expected: str
    passed: bool


@dataclass(frozen=True)
class Quality:
    """What was measured: the published rows, each field's number of nulls among them, and each rule's outcome."""

    rows: int
    nulls: dict[str, int]
    checks: tuple[Check, ...]

    def completeness(self, field: str) -> float:
        """The share of rows with a value, from 0 to 1; 1 when there are no rows."""
        return 1 - self.nulls[field] / self.rows if self.rows else 1.0


class Measures:
    """Measures tables as they are published. A context, because counting distinct keys may need temporary files."""

    def __init__(self, contract: Contract) -> None:
        self._rules = contract.checks
        self._rows, self._nulls, self._counts = 0, Counter({f.name: 0 for f in contract.fields}), Counter[int]()
        self._counters = {i: _counter(rule, contract) for i, rule in enumerate(self._rules) if rule.type in COUNTED}
        self._open = ExitStack()
        self._distinct = {
            i: self._open.enter_context(Distinct(rule.fields))
            for i, rule in enumerate(self._rules)
            if rule.type == "duplicateValues"
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def add(self, table: pa.Table) -> None:
        self._rows += table.num_rows
        for name, column in zip(table.column_names, table.columns, strict=True):
            self._nulls[name] += column.null_count
        for index, count in self._counters.items():
            self._counts[index] += count(table)
        for index, distinct in self._distinct.items():
            self._counts[index] += distinct.add(table)

    def result(self) -> Quality:
        checks = tuple(judge(rule, self._measured(index, rule), self._rows) for index, rule in enumerate(self._rules))
        return Quality(self._rows, dict(self._nulls), checks)

    def _measured(self, index: int, rule: Rule) -> int:
        if rule.type == "rowCount":
            return self._rows
        if rule.type == "duplicateValues":
            return self._counts[index] - self._distinct[index].count()
        return self._counts[index]


def judge(rule: Rule, rows: int, total: int) -> Check:
    """Compare a number of rows with what the rule demands, in percent of `total` if that is its unit."""
    actual = float(rows) if rule.unit == "rows" else 100 * rows / total if total else 0.0
    demands = [(name, limit) for name in OPERATORS if (limit := getattr(rule, name)) is not None]
    expected = " and ".join(f"{name.replace('_', ' ')} {_shown(limit)}" for name, limit in demands)
    return Check(rule, actual, expected, all(OPERATORS[name](actual, limit) for name, limit in demands))


OPERATORS: dict[str, Callable[..., bool]] = {
    "must_be": lambda actual, limit: actual == limit,
    "must_not_be": lambda actual, limit: actual != limit,
    "must_be_greater_than": lambda actual, limit: actual > limit,
    "must_be_greater_or_equal_to": lambda actual, limit: actual >= limit,
    "must_be_less_than": lambda actual, limit: actual < limit,
    "must_be_less_or_equal_to": lambda actual, limit: actual <= limit,
    "must_be_between": lambda actual, limits: limits[0] <= actual <= limits[1],
    "must_not_be_between": lambda actual, limits: not limits[0] <= actual <= limits[1],
}

COUNTED = ("nullValues", "missingValues", "invalidValues")


def _shown(limit: float | tuple[float, float]) -> str:
    return f"{limit:g}" if isinstance(limit, float) else f"{limit[0]:g} and {limit[1]:g}"


def _counter(rule: Rule, contract: Contract) -> Count:
    """What a rule counts in one table: the sum over its fields."""
    counts = [_field_counter(rule, contract, name) for name in rule.fields]
    return lambda table: sum(count(table) for count in counts)


def _field_counter(rule: Rule, contract: Contract, name: str) -> Count:
    if rule.type == "nullValues":
        return lambda table: int(table.column(name).null_count)
    if rule.type == "missingValues":
        missing = _known(contract, name, rule.arguments.missing_values)
        return lambda table: _true(pc.is_in(table.column(name), value_set=missing))
    tests = list[Callable[[pa.Array], pa.BooleanArray]]()
    if rule.arguments.valid_values is not None:
        valid = _known(contract, name, rule.arguments.valid_values)
        tests.append(lambda column: pc.is_in(column, value_set=valid))
    if rule.arguments.pattern is not None:
        matches = pattern(rule.arguments.pattern)
        tests.append(lambda column: pc.fill_null(matches(_texts(column)), True))

    def invalid(table: pa.Table) -> int:
        column = table.column(name).combine_chunks()
        return _true(pc.invert(reduce(pc.and_, (test(column) for test in tests))))

    return invalid


def _texts(column: pa.Array) -> pa.StringArray:
    """Values as texts, as SQL writes them: a time without a zone, and without the zeros that end its fraction."""
    if not pa.types.is_timestamp(column.type):
        return column.cast(pa.string())
    return pc.replace_substring_regex(column.cast(pa.timestamp("us")).cast(pa.string()), r"\.?0{1,6}$", "")


def _true(mask: pa.BooleanArray) -> int:
    return pc.sum(mask).as_py() or 0


def _known(contract: Contract, name: str, values: tuple[Bound | bool | None, ...]) -> pa.Array:
    """The named values of a field's type, and null; what is none of that type can be in no published row."""
    field = contract.field(name)
    found: list[object] = [None]
    for value in values:
        try:
            found.append(None if value is None else named(field, value))
        except ValueError:
            continue
    return pa.array(found, kind(field).arrow)
