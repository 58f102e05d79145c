"""A contract's promises as a ruleset for Glue Data Quality.

DQDL's grammar is public (https://github.com/awslabs/dqdl, configuration/dqdl/*.g4); what its rules mean is in the Glue
user guide, "DQDL rule type reference". Three facts shape what is written here:

- `between` leaves its ends out, ODCS's ranges include them; so a range becomes two comparisons.
- A null fails every ColumnValues and ColumnLength rule; so rules on a column that may be null say `where`.
- Literals are texts, plain decimal numbers and dates. Everything else is compared in SQL, where the table is `primary`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from components.contracts.diagnostics import Findings
from components.contracts.quality import Rule, SqlRule
from components.contracts.table import Field, Table
from components.contracts.values import held

MAX_BYTES = 65_536
"""Glue Web API reference, CreateDataQualityRuleset, `Ruleset`."""

_COMPARISONS = {
    "mustBe": "=",
    "mustNotBe": "!=",
    "mustBeGreaterThan": ">",
    "mustBeGreaterOrEqualTo": ">=",
    "mustBeLessThan": "<",
    "mustBeLessOrEqualTo": "<=",
}

ANYTHING = r"[\s\S]*"
"""Of a regular expression; a dot leaves out the line ends that a quoted value may have."""


def ruleset(table: Table, findings: Findings) -> str:
    """The DQDL document of `table`, empty when nothing is to be checked; too long a one is an error in `findings`."""
    written = list(dict.fromkeys(_rules(table)))
    if not written:
        return ""
    text = "Rules = [\n" + ",\n".join(f"    {rule}" for rule in written) + "\n]\n"
    if len(text.encode()) > MAX_BYTES:
        findings.error(("schema",), f"compiles to {len(text.encode()):,} bytes of DQDL, Glue takes {MAX_BYTES:,}")
    return text


def _rules(table: Table) -> Iterator[str]:
    if table.primary_key:
        yield f"IsPrimaryKey {' '.join(map(quoted, table.primary_key))}"
    for field in table.fields:
        if field.required:
            yield f"IsComplete {quoted(field.name)}"
        if field.type.value is not None:  # DQDL reads no nested columns.
            yield from _field_rules(field)
    for rule in table.rules:
        yield from _sql_rule(rule) if isinstance(rule, SqlRule) else _library_rule(rule, table)


def _field_rules(field: Field) -> Iterator[str]:
    if field.unique:
        yield f"IsUnique {quoted(field.name)}"
    if field.enum is not None:
        yield _membership(field, field.enum)
    if field.pattern is not None:
        yield _values(field, f"matches {quoted(_whole(field.pattern))}")
    if field.min_length is not None and field.min_length == field.max_length:
        yield _lengths(field, f"= {field.min_length}")
    else:
        if field.min_length:
            yield _lengths(field, f">= {field.min_length}")
        if field.max_length is not None:
            yield _lengths(field, f"<= {field.max_length}")
    for sign, bound in (
        (">=", field.least),
        (">", field.exclusive_minimum),
        ("<=", field.greatest),
        ("<", field.exclusive_maximum),
    ):
        if bound is not None:
            yield _comparison(field, sign, bound)
    if field.multiple_of is not None:
        yield _none(f"{_name(field)} % {_number(field.multiple_of)} != 0")


def _comparison(field: Field, sign: str, bound: Any) -> str:
    if field.type.numeric:
        return _values(field, f"{sign} {_number(bound)}")
    if field.type.value == "date":
        return _values(field, f"{sign} {quoted(bound)}")
    return _none(f"not ({_name(field)} {sign} {_literal(field, bound)})")


def _membership(field: Field, allowed: tuple[Any, ...]) -> str:
    if not field.type.numeric and field.type.value != "string":
        values = ", ".join(_literal(field, value) for value in allowed)
        return _none(f"not ({_name(field)} in ({values}))")
    write: Callable[[Any], str] = _number if field.type.numeric else quoted
    return _values(field, f"in [{', '.join(map(write, allowed))}]")


def _values(field: Field, expression: str) -> str:
    return f"ColumnValues {quoted(field.name)} {expression}{_where(field)}"


def _lengths(field: Field, expression: str) -> str:
    return f"ColumnLength {quoted(field.name)} {expression}{_where(field)}"


def _where(field: Field) -> str:
    return "" if field.required else f" where {quoted(f'{_name(field)} is not null')}"


def _library_rule(rule: Rule, table: Table) -> Iterator[str]:
    if rule.metric == "rowCount":
        yield from _compared("RowCount", rule.conditions)
        return
    none = rule.conditions == {"mustBe": 0}
    field = table.field(rule.fields[0])
    if none and rule.metric == "nullValues":
        yield f"IsComplete {quoted(field.name)}"
    elif none and rule.metric == "duplicateValues" and len(rule.fields) == 1:
        yield f"IsUnique {quoted(field.name)}"
    elif rule.metric == "nullValues" and rule.unit == "percent":
        yield from _compared(f"Completeness {quoted(field.name)}", rule.conditions, _complement)
    else:
        yield from _compared(f"CustomSql {quoted(_count(rule, field))}", rule.conditions)


def _count(rule: Rule, field: Field) -> str:
    """The query that gives a metric in the rule's unit."""
    if rule.metric == "duplicateValues":
        names = ", ".join(f"`{name}`" for name in rule.fields)
        complete = " and ".join(f"`{name}` is not null" for name in rule.fields)
        counted = f"count_if({complete}) - count(distinct {names})"
    else:
        counted = f"count_if({_fault(rule, field)})"
    if rule.unit == "percent":
        return f"select 100.0 * ({counted}) / greatest(count(*), 1) from primary"
    return f"select {counted} from primary"


def _fault(rule: Rule, field: Field) -> str:
    """The SQL condition of a value that counts against the rule. Nulls are missing, but never invalid."""
    name = _name(field)
    if rule.metric == "nullValues":
        return f"{name} is null"
    if rule.metric == "missingValues":
        missing = _literals(field, rule.arguments.get("missingValues", [""]))
        return f"{name} is null or {name} in ({missing})" if missing else f"{name} is null"
    faults = []
    if "validValues" in rule.arguments:
        valid = _literals(field, rule.arguments["validValues"])
        faults.append(f"{name} not in ({valid})" if valid else "true")
    if "pattern" in rule.arguments:
        faults.append(f"not (cast({name} as string) rlike {_text(str(rule.arguments['pattern']))})")
    return f"{name} is not null and ({' or '.join(faults)})"


def _literals(field: Field, values: Iterable[Any]) -> str:
    return ", ".join(_literal(field, value) for value in held(field, values))


def _sql_rule(rule: SqlRule) -> Iterator[str]:
    query = rule.query.replace("{object}", "primary").replace("{property}", f"`{rule.field}`")
    yield from _compared(f"CustomSql {quoted(query)}", rule.conditions)


def _compared(
    measured: str, conditions: Mapping[str, Any], scale: Callable[[Any], Any] = lambda value: value
) -> Iterator[str]:
    """One rule for each condition on what `measured` gives, two for a range. `scale` turns the contract's number into
    the rule's; it may turn the order around."""
    for operator, value in conditions.items():
        if operator in _COMPARISONS:
            sign = _COMPARISONS[operator]
            yield f"{measured} {_flipped(sign, scale)} {_number(scale(value))}"
        else:
            low, high = sorted(map(scale, value))
            if operator == "mustBeBetween":
                yield f"{measured} >= {_number(low)}"
                yield f"{measured} <= {_number(high)}"
            else:
                yield f"({measured} < {_number(low)}) or ({measured} > {_number(high)})"


def _complement(percent: Any) -> Decimal:
    """A share of nulls in percent as the share of other values, from 0 to 1."""
    return 1 - Decimal(str(percent)) / 100


def _flipped(sign: str, scale: Callable[[Any], Any]) -> str:
    return sign.translate(str.maketrans("<>", "><")) if scale is _complement else sign


def _none(condition: str) -> str:
    """No row may meet `condition`."""
    return f"CustomSql {quoted(f'select count(*) from primary where {condition}')} = 0"


def _whole(pattern: str) -> str:
    """A pattern that finds its match anywhere, as JSON Schema's do, for an engine that may match whole texts only."""
    alone = "|" not in pattern  # an anchor binds one alternative only
    start, end = alone and pattern.startswith("^"), alone and pattern.endswith("$") and not pattern.endswith("\\$")
    if start and end:
        return pattern
    return f"{'' if start else ANYTHING}(?:{pattern}){'' if end else ANYTHING}"


def quoted(text: str) -> str:
    """`text` as a DQDL string, in which a backslash escapes itself and the quote."""
    return '"' + re.sub(r'(["\\])', r"\\\1", text) + '"'


def _number(value: Any) -> str:
    """A number as DQDL writes it: digits and a point, no exponent."""
    text = format(Decimal(str(value)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _name(field: Field) -> str:
    return f"`{field.name}`"


def _text(value: str) -> str:
    """`value` as a Spark SQL string."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _literal(field: Field, value: Any) -> str:
    if field.type.numeric:
        return _number(value)
    match field.type.value:
        case "boolean":
            return str(value).lower()
        case "date":
            return f"date {_text(str(value))}"
        case "timestamp" | "timestamptz":
            return f"timestamp {_text(str(value))}"
    return _text(str(value))
