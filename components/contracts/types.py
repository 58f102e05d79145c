"""What a property's logical and physical type become in Glue and in a delivered file.

The logical type says what a value is; the physical type says how the source stores it, in the words of any database.
The physical type decides where the two agree (`number` as `decimal(10,2)`); where they do not, the logical one does.

Sources: ODCS schema.md, "Logical Types" and "Logical Type Options"; Athena user guide, "Data types in Amazon Athena"
(names, decimal(38,38) as the limit, milliseconds of timestamps); SQL:2016 and the databases' manuals for the physical
names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from open_data_contract_standard.model import SchemaProperty

from components.contracts.diagnostics import Findings, Location

MAX_PRECISION = 38
"""Digits of a decimal in Glue and Athena."""


@dataclass(frozen=True)
class ColumnType:
    """A type in its two worlds."""

    glue: str
    """A Hive type, e.g. `decimal(10,2)` or `array<struct<a:int>>`."""
    value: str | None
    """What a text in a delivered file is parsed to: string, int32, int64, decimal, float64, boolean, date, timestamp
    (without a zone) or timestamptz; None for what one text cannot hold."""
    precision: int | None = None
    scale: int | None = None
    minimum: int | None = None
    maximum: int | None = None
    """The range of an integer that is narrower than its value type."""

    def __str__(self) -> str:
        return self.glue if self.minimum is None else f"{self.glue} from {self.minimum} to {self.maximum}"

    @property
    def numeric(self) -> bool:
        return self.value in ("int32", "int64", "decimal", "float64")

    @property
    def temporal(self) -> bool:
        return self.value in ("date", "timestamp", "timestamptz")

    def takes(self, value: Any) -> bool:
        """Whether a JSON value can be in such a column; moments and texts can be written as any text."""
        if self.numeric:
            return isinstance(value, int | float) and not isinstance(value, bool)
        return isinstance(value, bool) if self.value == "boolean" else value is not None

    @property
    def range(self) -> tuple[int, int]:
        """The least and the greatest value of an int32 or int64."""
        end = 2**31 if self.value == "int32" else 2**63
        return (-end if self.minimum is None else self.minimum, end - 1 if self.maximum is None else self.maximum)


def _integer(bits: int, signed: bool = True) -> ColumnType:
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    if bits == 32 and signed:
        return ColumnType("int", "int32")
    if bits == 64 and signed:
        return ColumnType("bigint", "int64")
    if high < 2**31:
        return ColumnType("int", "int32", minimum=low, maximum=high)
    if high < 2**63:
        return ColumnType("bigint", "int64", minimum=low, maximum=high)
    digits = min(len(str(high)), MAX_PRECISION)
    return replace(_decimal(digits, 0), minimum=low, maximum=min(high, 10**digits - 1))


def _decimal(precision: int, scale: int) -> ColumnType:
    return ColumnType(f"decimal({precision},{scale})", "decimal", precision, scale)


STRING = ColumnType("string", "string")
DOUBLE = ColumnType("double", "float64")
BOOLEAN = ColumnType("boolean", "boolean")
DATE = ColumnType("date", "date")
TIMESTAMP = ColumnType("timestamp", "timestamp")
TIMESTAMP_UTC = ColumnType("timestamp", "timestamptz")

INTEGER_FORMATS = {f"{sign}{bits}": _integer(bits, sign == "i") for sign in "iu" for bits in (8, 16, 32, 64, 128)}

_PHYSICAL: dict[str, ColumnType] = {
    **dict.fromkeys(
        (
            *("string", "text", "tinytext", "mediumtext", "longtext", "citext", "clob", "nclob", "keyword", "enum"),
            *("char", "character", "nchar", "bpchar", "varchar", "nvarchar", "varchar2", "nvarchar2"),
            *("uuid", "guid", "uniqueidentifier", "json", "jsonb", "xml", "inet", "interval"),
            *("character varying", "time", "timetz", "time without time zone", "time with time zone"),
        ),
        STRING,
    ),
    **dict.fromkeys(("tinyint", "byte", "int8_t"), _integer(8)),
    **dict.fromkeys(("smallint", "int2", "short", "smallserial"), _integer(16)),
    **dict.fromkeys(("int", "integer", "int4", "int32", "mediumint", "serial", "i32"), _integer(32)),
    **dict.fromkeys(("bigint", "int8", "int64", "long", "bigserial", "i64"), _integer(64)),
    **dict.fromkeys(("float", "float4", "float8", "float32", "float64", "real", "double", "double precision"), DOUBLE),
    **dict.fromkeys(("boolean", "bool", "bit"), BOOLEAN),
    "date": DATE,
    **dict.fromkeys(
        ("timestamp", "datetime", "datetime2", "smalldatetime", "timestamp_ntz", "timestamp without time zone"),
        TIMESTAMP,
    ),
    **dict.fromkeys(
        ("timestamptz", "timestamp_tz", "timestamp_ltz", "timestamp with time zone", "datetimeoffset"), TIMESTAMP_UTC
    ),
}
_DECIMAL_NAMES = {
    "decimal": (10, 0),
    "numeric": (10, 0),
    "dec": (10, 0),
    "number": (MAX_PRECISION, 0),
    "money": (19, 4),
}
"""Names of exact numbers and what they mean without digits: Hive's default, Oracle's and SQL Server's."""

_AGREES = {
    "string": {"string"},
    "integer": {"int32", "int64", "decimal"},
    "number": {"int32", "int64", "decimal", "float64"},
    "boolean": {"boolean"},
    "date": {"date", "timestamp", "timestamptz"},  # Until 3.1 added timestamp, date was the type of both.
    "timestamp": {"timestamp", "timestamptz"},
}

_NAME = re.compile(
    r"(?P<name>[a-z_][a-z0-9_ ]*?)"
    r"\s*(?:[(\[]\s*(?P<a>\d+|max)\s*(?:,\s*(?P<b>\d+)\s*)?[)\]])?"
    r"(?P<zone> with(?:out)? time zone)?"
)


def physical(text: str) -> ColumnType | None:
    """The type that a database's `text`, such as `VARCHAR(20)`, names; None when it is not known here."""
    match = _NAME.fullmatch(" ".join(text.lower().split()))
    if not match:
        return None
    name = match["name"] + (match["zone"] or "")
    if name in _DECIMAL_NAMES:
        precision, scale = _DECIMAL_NAMES[name]
        if match["a"] and match["a"] != "max":
            precision, scale = int(match["a"]), int(match["b"] or 0)
        return _decimal(precision, scale) if 1 <= precision <= MAX_PRECISION and scale <= precision else None
    return _PHYSICAL.get(name)


def column_type(of: SchemaProperty, at: Location, findings: Findings) -> ColumnType | None:
    """The type of the property `of`, which is at `at` in its document. None, with an error in `findings`, when neither
    of its types is known."""
    stored = physical(of.physicalType) if of.physicalType else None
    options: dict[str, Any] = of.logicalTypeOptions or {}
    logical = of.logicalType
    if logical is None:
        if stored is None:
            found = f"physicalType {of.physicalType!r}" if of.physicalType else "no type"
            findings.error(at, f"expected a logicalType, or a physicalType that is known; found {found}")
        return stored
    if logical in ("object", "array", "map", "vector"):
        return _nested(of, at, findings)
    if of.physicalType and stored is None:
        message = f"is no type that is known here; compiled from the logicalType {logical} alone"
        findings.notice((*at, "physicalType"), f"{of.physicalType!r} {message}")
    if stored is not None and stored.value not in _AGREES.get(logical, {"string"}):
        message = f"{of.physicalType!r} holds no {logical}; the logicalType decides how the column is stored"
        findings.notice((*at, "physicalType"), message)
        stored = None
    match logical:
        case "integer":
            if "format" in options:
                return INTEGER_FORMATS[str(options["format"])]
            return stored or _integer(32)
        case "number":
            return DOUBLE if "format" in options and stored is None else stored or DOUBLE
        case "timestamp" | "date" if logical == "timestamp" or stored not in (None, DATE):
            zoned = options.get("timezone", stored is TIMESTAMP_UTC)
            return TIMESTAMP_UTC if zoned else TIMESTAMP
        case "date":
            return DATE
        case "boolean":
            return BOOLEAN
        case "time":
            findings.notice((*at, "logicalType"), "Glue has no time of day; the column is a string")
    return STRING


def _nested(of: SchemaProperty, at: Location, findings: Findings) -> ColumnType | None:
    """A Hive collection type: `array<...>`, `map<...>` or `struct<name:...>`."""
    if of.logicalType == "vector":
        return ColumnType("array<float>", None)
    if of.logicalType == "array":
        parts = [(of.items, (*at, "items"))]
    elif of.logicalType == "map":
        key, value = (of.map.key, of.map.value) if of.map else (None, None)
        parts = [(key, (*at, "map", "key")), (value, (*at, "map", "value"))]
    else:
        parts = [(each, (*at, "properties", index)) for index, each in enumerate(of.properties or ())]
    if not parts or any(part is None for part, _ in parts):
        stored = (physical(of.physicalType) if of.physicalType else None) or STRING
        findings.warning(at, f"does not say what the {of.logicalType} is made of; the column is a {stored.glue}")
        return stored
    types = [column_type(part, where, findings) for part, where in parts if part is not None]
    if any(each is None for each in types):
        return None
    inner = [each.glue for each in types if each is not None]
    if of.logicalType == "object":
        names = [part.name for part, _ in parts if part is not None]
        return ColumnType(
            f"struct<{','.join(f'{name}:{each}' for name, each in zip(names, inner, strict=True))}>", None
        )
    return ColumnType(f"{of.logicalType}<{','.join(inner)}>", None)
