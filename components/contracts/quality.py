"""A contract's quality checks, sorted by who can run them.

The five library metrics run when a file arrives and in Glue Data Quality, SQL checks in Glue Data Quality only. A text
or another engine's check is nobody's here: it becomes a warning.

Source: ODCS data-quality.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from open_data_contract_standard.model import DataQuality

from components.contracts.diagnostics import Findings, Location

METRICS = ("rowCount", "nullValues", "missingValues", "invalidValues", "duplicateValues")
OPERATORS = (
    "mustBe",
    "mustNotBe",
    "mustBeGreaterThan",
    "mustBeGreaterOrEqualTo",
    "mustBeLessThan",
    "mustBeLessOrEqualTo",
    "mustBeBetween",
    "mustNotBeBetween",
)
"""Both ends of the two ranges belong to them."""

_OLD_RULES = {"duplicateCount": "duplicateValues", "validValues": "invalidValues", "nullCheck": "nullValues"}
"""Names that ODCS 3.0 gave to what 3.1 calls a metric."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A library metric that every delivery has to meet."""

    name: str
    metric: str
    fields: tuple[str, ...]
    """Empty when the rule is about rows, as rowCount is."""
    conditions: Mapping[str, Any]
    """Operator to value: a number, or two for the ranges."""
    unit: str = "rows"
    """`rows` or `percent` (of all rows, 0 to 100)."""
    severity: str = "error"
    arguments: Mapping[str, Any] = field(default_factory=dict)
    """`validValues`, `pattern` or `missingValues`, as the metric takes them."""


@dataclass(frozen=True, kw_only=True)
class SqlRule:
    """A query that returns one number."""

    name: str
    query: str
    """With `{object}` and `{property}` still in it."""
    field: str | None
    conditions: Mapping[str, Any]
    severity: str = "error"


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What a list of checks is about."""

    objects: tuple[str, ...]
    """The names that the object goes by."""
    columns: tuple[str, ...]
    column: str | None = None
    """The property that the checks belong to; None for checks of the whole object."""


def rules(checks: list[DataQuality] | None, scope: Scope, at: Location, findings: Findings) -> Iterator[Rule | SqlRule]:
    """What is compiled of the `checks` at `at`."""
    for index, check in enumerate(checks or ()):
        rule = _rule(check, scope, (*at, index), findings)
        if rule is not None:
            yield rule


def _rule(check: DataQuality, scope: Scope, at: Location, findings: Findings) -> Rule | SqlRule | None:
    kind = check.type or "library"
    if kind == "text" and not check.metric:
        findings.warning(at, "a check in words is documentation; nothing runs it")
        return None
    if kind == "custom":
        findings.warning(
            (*at, "engine"), f"the engine {check.engine!r} is not part of the platform; nothing runs this check"
        )
        return None
    conditions = {name: value for name in OPERATORS if (value := getattr(check, name)) is not None}
    if not _numbers(conditions):
        findings.warning(at, "expected an operator with a number to compare with; nothing runs this check")
        return None
    name, severity = check.name or check.id, check.severity or "error"
    if kind == "sql":
        query = _query(str(check.query), scope, (*at, "query"), findings)
        if query is None:
            return None
        name = name or f"{scope.column or 'object'}_sql_{at[-1]}"
        return SqlRule(name=name, query=query, field=scope.column, conditions=conditions, severity=severity)
    written = check.metric or check.rule or ""
    metric = _OLD_RULES.get(written, written)
    if metric not in METRICS:
        findings.warning(at, f"{written!r} is none of the metrics {', '.join(METRICS)}; nothing runs this check")
        return None
    unit = check.unit or "rows"
    if unit not in ("rows", "percent") or (metric == "rowCount" and unit != "rows"):
        findings.warning((*at, "unit"), f"expected rows or percent, found {unit!r}; nothing runs this check")
        return None
    arguments = dict(check.arguments or {})
    fields = _fields(metric, scope, arguments.pop("properties", None), at, findings)
    if fields is None or not _usable(metric, arguments, at, findings):
        return None
    arguments = {name: value for name, value in arguments.items() if name in _ARGUMENTS.get(metric, ())}
    return Rule(
        name=name or "_".join([*fields, metric]),
        metric=metric,
        fields=fields,
        conditions=conditions,
        unit=unit,
        severity=severity,
        arguments=arguments,
    )


def _query(query: str, scope: Scope, at: Location, findings: Findings) -> str | None:
    """`query` on one line, with the object as `{object}` and the property as `{property}` however it names them; None,
    with a warning, when it cannot be pointed at the table."""
    for spelling in ("${object}", "${table}", "{table}"):
        query = query.replace(spelling, "{object}")
    for spelling in ("${property}", "${column}", "{column}"):
        query = query.replace(spelling, "{property}")
    if "{object}" not in query:
        names = "|".join(map(re.escape, scope.objects))
        query = re.sub(rf"\b(from|join)\s+(?:\w+\.)*(?:{names})\b", r"\1 {object}", query, flags=re.IGNORECASE)
    if "{object}" not in query:
        findings.warning(at, "reads neither {object} nor the object by its name; nothing runs this check")
        return None
    if "{property}" in query and scope.column is None:
        findings.warning(at, "asks for {property} but belongs to no property; nothing runs this check")
        return None
    findings.notice(at, "runs in Glue Data Quality over the table, not when a file arrives")
    return " ".join(query.split())


def _fields(metric: str, scope: Scope, named: Any, at: Location, findings: Findings) -> tuple[str, ...] | None:
    if metric == "rowCount":
        return ()
    if scope.column is not None:
        return (scope.column,)
    fields = tuple(map(str, named)) if isinstance(named, list) else ()
    unknown = [each for each in fields if each not in scope.columns]
    if unknown or not fields or (metric != "duplicateValues" and len(fields) != 1):
        expected = "the names of properties of this object" if metric == "duplicateValues" else "one property"
        message = f"expected {expected} in arguments.properties, found {named!r}; nothing runs this check"
        findings.warning(at, message)
        return None
    return fields


_ARGUMENTS = {"missingValues": ("missingValues",), "invalidValues": ("validValues", "pattern")}
"""What each metric takes, besides the names of properties."""


def _usable(metric: str, arguments: Mapping[str, Any], at: Location, findings: Findings) -> bool:
    """Whether the metric's arguments say what it counts."""
    where = (*at, "arguments")
    for name, value in arguments.items():
        if name not in _ARGUMENTS.get(metric, ()):
            findings.warning((*where, name), f"{metric} takes no {name}; nothing reads it")
        elif not (_is_pattern(value) if name == "pattern" else _is_list(value)):
            expected = "a regular expression" if name == "pattern" else "a list of texts and numbers"
            findings.warning((*where, name), f"expected {expected}, found {value!r}; nothing runs this check")
            return False
    if metric == "invalidValues" and not arguments.keys() & {"validValues", "pattern"}:
        findings.warning(at, "expected validValues or pattern in arguments; nothing runs this check")
        return False
    return True


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and not any(isinstance(each, list | dict) for each in value)


def _is_pattern(value: Any) -> bool:
    try:
        re.compile(value)
    except (re.error, TypeError):
        return False
    return True


def _numbers(conditions: Mapping[str, Any]) -> bool:
    values = [each for value in conditions.values() for each in (value if isinstance(value, list) else [value])]
    return bool(values) and all(isinstance(each, int | float) and not isinstance(each, bool) for each in values)
