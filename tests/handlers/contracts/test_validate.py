"""The vectorised validator agrees with a row-by-row reading of the contract, whatever the texts."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal, localcontext
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.contracts.spec import Contract, FieldSpec
from handlers.contracts.validate import Column, Rows, Validator, named, pattern

FIELDS: list[dict[str, Any]] = [
    {"name": "code", "type": "string", "required": True, "minLength": 2, "maxLength": 4, "pattern": "^[A-Za-zé]"},
    {"name": "kind", "type": "string", "enum": ["retail", "trade", ""]},
    {"name": "small", "type": "int32", "minimum": -5, "exclusiveMaximum": 2_000_000_000},
    {"name": "big", "type": "int64", "maximum": 9_223_372_036_854_775_000},
    {"name": "price", "type": "decimal", "precision": 6, "scale": 2, "exclusiveMinimum": "0.5"},
    {"name": "share", "type": "decimal", "precision": 2, "scale": 2},
    {"name": "count", "type": "decimal", "precision": 3, "scale": 0, "enum": [1, 2, 300]},
    {"name": "ratio", "type": "float64", "minimum": 0.5},
    {"name": "active", "type": "boolean", "required": True},
    {"name": "born", "type": "date", "maximum": "2020-12-31"},
    {"name": "paid", "type": "date", "format": "%d/%m/%Y", "required": True},
    {"name": "day", "type": "date", "format": "%Y%m%d", "minimum": "19970101"},
    {"name": "seen", "type": "timestamp"},
    {"name": "made", "type": "timestamp", "format": "%Y%m%d %H:%M:%S"},
    {"name": "sent", "type": "timestamptz", "minimum": "2000-01-01T00:00:00Z"},
]
NULLS = ("", "NULL")


def words(text: str) -> st.SearchStrategy[str]:
    return st.sampled_from(text.split())


NUMBERS = words(
    "0 1 -1 +7 007 1.5 -0.01 .5 5. 1e3 0x1F 1_000 ٣ 12.345 12.340 9999.99 10000 2147483647 2147483648 -2147483649 "
    "9223372036854775807 9223372036854775808 0.99 1.00 300 nan inf 1e400 --1 1,5"
)
DATES = words(
    "1997-01-01 1997-02-30 1997-1-1 0999-01-01 9999-12-31 20200229 20210229 19961231 1997011 31/12/1999 1/2/1999 "
    "31/02/1999 29/02/2000 31/12/99 2020-12-31 2021-01-01 19970101x 00000101"
)
TIMES = st.sampled_from([
    "1997-01-01T10:11:12", "1997-01-01 10:11:12.5", "1997-01-01T24:00:00", "1997-01-01T10:11", "1997-01-01T10:11:60",
    "1997-01-01T10:11:12.1234567", "1997-01-01T10:11:12.1234560", "1997-01-01T10:11:12Z", "2001-05-06T07:08:09+02:00",
    "2001-05-06T07:08:09-0730", "2001-05-06T07:08:09+02", "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00",
    "2001-05-06T07:08:09+25:00", "20010203 04:05:06", "20010203 4:05:06", "20010230 04:05:06", "2001-02-03",
    "1999-12-31T23:59:59.999999Z", "2001-05-06T07:08:09.25+19:00", "2001-05-06T07:08:09z",
])  # fmt: skip
WORDS = words("ab AbCd abcde éa 1a a true TRUE False 0 1 yes retail trade NULL")
TEXTS = st.one_of(
    NUMBERS, DATES, TIMES, WORDS, st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=6)
)
PADDED = st.tuples(st.sampled_from(["", " ", "\t "]), TEXTS, st.sampled_from(["", " "])).map("".join)


def contract() -> Contract:
    return Contract.model_validate(
        {
            "format": 1,
            "product": {"domain": "d", "name": "p", "version": "1", "owner": "o", "classification": "internal"},
            "contract": {"id": "d.p", "version": "1"},
            "file": {"nullValues": list(NULLS)},
            "table": {"catalogId": "1", "database": "d", "name": "p", "bucket": "b", "prefix": "p/"},
            "fields": [{"source": field["name"], **field} for field in FIELDS],
        }
    )


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(*[st.one_of(TEXTS, PADDED) for _ in FIELDS]), min_size=1, max_size=12))
def test_agrees_with_a_row_by_row_reading(rows: list[tuple[str, ...]]) -> None:
    columns = tuple(pa.array(column, pa.string()) for column in zip(*rows, strict=True))
    verdict = VALIDATOR.validate(Rows(columns, lambda row: (row + 2, f"row {row}")))
    expected = [read_row(row) for row in rows]
    assert [list(row.values()) for row in verdict.good.to_pylist()] == [v for v, wrong in expected if not wrong]
    found = [(row.line, {(p.field, p.rule) for p in row.problems}) for row in verdict.bad]
    assert found == [(row + 2, wrong) for row, (_, wrong) in enumerate(expected) if wrong]


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(FIELDS) - 1), st.lists(PADDED, min_size=1, max_size=8))
def test_agrees_on_a_whole_column_of_one_field(index: int, texts: list[str]) -> None:
    """Every row of one field at once: a whole column of the ordinary shape takes another way than a mixed one."""
    field, column = FIELDS[index], VALIDATOR.columns[index]
    values, violations = column.check(pa.array(texts, pa.string()), pa.array(NULLS))
    expected = [read_field(field, text) for text in texts]
    for row, (value, wrong) in enumerate(expected):
        assert {v.rule for v in violations if v.where[row].as_py()} == wrong
        if not wrong:
            assert values[row].as_py() == value


def read_row(texts: tuple[str, ...]) -> tuple[list[object], set[tuple[str, str]]]:
    values, wrong = [], set()
    for field, text in zip(FIELDS, texts, strict=True):
        value, rules = read_field(field, text)
        values.append(value)
        wrong |= {(field["name"], rule) for rule in rules}
    return values, wrong


def read_field(field: dict[str, Any], text: str) -> tuple[object, set[str]]:
    text = text if field["type"] == "string" else text.strip(" \t")
    if text in NULLS:
        return None, {"required"} if field.get("required") else set()
    value = READERS[field["type"]](field, text)
    wrong = set() if value is not None else {"type"}
    wrong |= {"minLength"} if len(text) < field.get("minLength", 0) else set()
    wrong |= {"maxLength"} if len(text) > field.get("maxLength", 99) else set()
    wrong |= {"pattern"} if "pattern" in field and not re.search(field["pattern"], text) else set()
    for rule, broken in BOUNDS.items():
        if value is not None and rule in field and broken(value, limit(field, rule, value)):
            wrong.add(rule)
    if value is not None and "enum" in field and value not in field["enum"]:
        wrong.add("enum")
    return value, wrong


BOUNDS: dict[str, Callable[[Any, Any], bool]] = {
    "minimum": lambda value, limit: value < limit,
    "maximum": lambda value, limit: value > limit,
    "exclusiveMinimum": lambda value, limit: value <= limit,
    "exclusiveMaximum": lambda value, limit: value >= limit,
}


def limit(field: dict[str, Any], rule: str, value: object) -> object:
    text = str(field[rule])
    if isinstance(value, datetime):
        return datetime.fromisoformat(text)
    if isinstance(value, date):
        return day(field, text) or date.fromisoformat(text)
    return float(text) if isinstance(value, float) else Decimal(text)


def whole(bits: int) -> Callable[[dict[str, Any], str], int | None]:
    def read(_: dict[str, Any], text: str) -> int | None:
        if not re.fullmatch(r"[+-]?[0-9]+", text):
            return None
        value = int(text)
        return value if -(2 ** (bits - 1)) <= value <= 2 ** (bits - 1) - 1 else None

    return read


def exact(field: dict[str, Any], text: str) -> Decimal | None:
    if not re.fullmatch(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)", text):
        return None
    with localcontext(prec=100):
        value = Decimal(text)
        unit = Decimal(1).scaleb(-field["scale"])
        fits = value == value.quantize(unit) and abs(value) < Decimal(10) ** (field["precision"] - field["scale"])
    return value if fits else None


def floating(_: dict[str, Any], text: str) -> float | None:
    if not re.fullmatch(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?", text):
        return None
    return float(text) if math.isfinite(float(text)) else None


def day(field: dict[str, Any], text: str) -> date | None:
    shape = {
        "%d/%m/%Y": r"(?P<d>[0-9]{1,2})/(?P<m>[0-9]{1,2})/(?P<y>[0-9]{4})",
        "%Y%m%d": r"(?P<y>[0-9]{4})(?P<m>[0-9]{2})(?P<d>[0-9]{2})",
        None: r"(?P<y>[0-9]{4})-(?P<m>[0-9]{2})-(?P<d>[0-9]{2})",
    }[field.get("format")]
    found = re.fullmatch(shape, text)
    try:
        return date(int(found["y"]), int(found["m"]), int(found["d"])) if found else None
    except ValueError:
        return None


def moment(field: dict[str, Any], text: str) -> datetime | None:
    zoned = field["type"] == "timestamptz"
    shape = r"([0-9]{4})-([0-9]{2})-([0-9]{2})[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]+))?)?"
    if zoned:
        shape += r"(Z|[+-][0-9]{2}(?::?[0-9]{2})?)"
    elif field.get("format"):
        shape = r"([0-9]{4})([0-9]{2})([0-9]{2}) ([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})()"
    found = re.fullmatch(shape, text)
    if not found or (found[7] or "")[6:].strip("0"):
        return None
    parts = [int(part) if part else 0 for part in found.groups()[:6]]
    try:
        local = datetime(*parts, microsecond=int(f"{found[7] or '':0<6}"[:6]))  # type: ignore[misc]
        return (local.replace(tzinfo=offset(found[8]))).astimezone(UTC) if zoned else local
    except (ValueError, OverflowError):
        return None


def offset(text: str) -> timezone:
    digits = text.strip("Z+-").replace(":", "").ljust(4, "0")
    if int(digits[2:]) > 59:
        raise ValueError(text)
    return timezone((-1 if text[0] == "-" else 1) * timedelta(hours=int(digits[:2]), minutes=int(digits[2:])))


READERS: dict[str, Callable[[dict[str, Any], str], object]] = {
    "string": lambda _, text: text,
    "int32": whole(32),
    "int64": whole(64),
    "decimal": exact,
    "float64": floating,
    "boolean": lambda _, text: {"true": True, "1": True, "false": False, "0": False}.get(text.lower()),
    "date": day,
    "timestamp": moment,
    "timestamptz": moment,
}

VALIDATOR = Validator(contract())


def field(**changes: Any) -> FieldSpec:
    return FieldSpec.model_validate({"name": "f", "source": "f", **changes})


def test_all_reasons_of_a_row_are_told() -> None:
    rows = [["x"], ["cash"], ["-9"], ["1"], ["0"], ["0.1"], ["1"], ["0.25"], ["maybe"], ["1.1.2000"], [""]]
    texts = [*rows, ["19961231"], [""], [""], ["1999-01-01T00:00:00Z"]]
    verdict = VALIDATOR.validate(Rows(tuple(pa.array(text) for text in texts), lambda _: (7, "raw")))
    (bad,) = verdict.bad
    assert verdict.good.num_rows == 0
    assert [(problem.field, problem.rule) for problem in bad.problems] == [
        ("code", "minLength"), ("kind", "enum"), ("small", "minimum"), ("price", "exclusiveMinimum"),
        ("ratio", "minimum"), ("active", "type"), ("born", "type"), ("paid", "required"), ("day", "minimum"),
        ("sent", "minimum"),
    ]  # fmt: skip
    assert bad.problems[1].reason == "'cash' is none of retail, trade, "


def test_a_reason_shows_only_the_start_of_a_long_value() -> None:
    texts = ["x" * 500, *[""] * 7, "1", "", "01/01/2000", *[""] * 4]
    verdict = VALIDATOR.validate(Rows(tuple(pa.array([text]) for text in texts), lambda _: (1, "raw")))
    assert verdict.bad[0].problems[0].reason == f"'{'x' * 80}…' is longer than 4"


def test_a_pattern_that_arrow_cannot_run_is_still_checked() -> None:
    assert pattern(r"^(?!00)\d")(pa.array(["01", "00", None])).to_pylist() == [True, False, None]


LIMITS = [
    "0.005",
    "-0.005",
    "0.01",
    "12.34",
    "1E+60",
    "-1E+60",
    "5.000000000000000000000000000001",
    "99999999",
    "1E-50",
]
LARGE = "1" * 36


@pytest.mark.parametrize("limit", [*LIMITS, str(2**63), str(-(2**63) - 1), str(10**19 - 1), LARGE])
@pytest.mark.parametrize("name", ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"])
@pytest.mark.parametrize(
    ("changes", "texts"),
    [
        ({"type": "int32"}, ["-1", "0", "1", "5", "6", "99999999"]),
        ({"type": "int64"}, ["-9223372036854775808", "0", "5", "9223372036854775807"]),
        (
            {"type": "decimal", "precision": 10, "scale": 2},
            ["-0.01", "0.00", "0.01", "5", "5.01", "12.34", "99999999.99"],
        ),
        ({"type": "decimal", "precision": 38, "scale": 38}, ["0", "0." + "0" * 37 + "1", "-0." + "9" * 38]),
        ({"type": "decimal", "precision": 38, "scale": 2}, ["0", LARGE, LARGE + ".01", "-" + "9" * 36 + ".99"]),
        ({"type": "decimal", "precision": 38, "scale": 0}, ["0", "9" * 38, "-" + "9" * 38]),
    ],
)
def test_a_limit_of_any_size_and_precision_is_compared_exactly(
    changes: dict[str, Any], texts: list[str], name: str, limit: str
) -> None:
    column = Column(field(**changes, **{name: limit}))
    _, violations = column.check(pa.array(texts), pa.array([""]))
    found = violations[0].where.to_pylist() if violations else [False] * len(texts)
    assert found == [BOUNDS[name](Decimal(text), Decimal(limit)) for text in texts]
    assert all(each.rule == name and each.reason(0).endswith(f" {limit}") for each in violations)


def test_leading_zeros_are_no_digits_too_many() -> None:
    assert named(field(type="int32"), "-" + "0" * 5_000 + "1") == -1


def test_a_zone_stands_in_for_a_missing_offset() -> None:
    zoned = field(type="timestamptz", timezone="Europe/Berlin")
    assert named(zoned, "2020-07-01T12:00:00") == datetime(2020, 7, 1, 10, tzinfo=UTC)
    assert named(zoned, "2020-07-01T12:00:00Z") == datetime(2020, 7, 1, 12, tzinfo=UTC)
    assert named(zoned, "2020-10-25T02:30:00") == datetime(2020, 10, 25, 0, 30, tzinfo=UTC)
    assert named(zoned, "2020-03-29T03:00:00") == datetime(2020, 3, 29, 1, tzinfo=UTC)
    for text, said in (("2020-03-29T02:30:00", "does not exist in Europe/Berlin"), ("0001-01-01T00:00:00", "years")):
        with pytest.raises(ValueError, match=said):
            named(zoned, text)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"type": "int32", "enum": ["one"]}, "f: 'one' is not a whole number"),
        ({"type": "date", "minimum": "soon"}, "f: 'soon' is not a date"),
        ({"type": "date", "format": "%Q"}, "%Q is not supported"),
    ],
)
def test_a_constraint_that_cannot_be_checked_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Validator(contract().model_copy(update={"fields": (field(**changes),)}))
