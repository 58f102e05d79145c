"""A contract's object as the table it becomes: fields, keys, partitions and rules, before any target's notation.

Everything that is compiled (Glue, DQDL, LF-Tags, validator) and every comparison of versions starts from this one
reading of the contract.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from open_data_contract_standard.model import CustomProperty, SchemaObject, SchemaProperty

from components.contracts import date_formats, quality
from components.contracts.diagnostics import Findings, Location
from components.contracts.types import ColumnType, column_type
from components.foundation.classification import Classification

TRANSFORMS = ("identity", "year", "month", "day", "hour")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
"""Athena user guide, "Name databases, tables, and columns": letters, digits and the underscore."""

BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")

_UNHONOURED = {
    "relationships": "a reference to another object is documentation; nothing checks it",
    "transformLogic": "is documentation; the platform runs the product's pipeline, not this text",
    "encryptedName": "no encrypted copy of a column is made; the table is encrypted as a whole",
}
"""Keys of a property that promise something which nothing in the platform does."""


@dataclass(frozen=True, kw_only=True)
class Field:
    """One column."""

    name: str
    source: str
    """The column's name in a delivered file."""
    id: str | None
    """What keeps the column's identity through a renaming; None when the contract gives it none."""
    type: ColumnType
    description: str
    required: bool
    unique: bool
    classification: Classification | None
    """None when the contract leaves it to the product."""
    format: str | None = None
    """strptime pattern of a date or timestamp; None is ISO 8601."""
    timezone: str | None = None
    """IANA zone of the texts of a timestamptz that carry no offset; None is UTC."""
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    minimum: Any = None
    maximum: Any = None
    exclusive_minimum: Any = None
    exclusive_maximum: Any = None
    """Numbers, or ISO 8601 texts for dates and timestamps, those of a timestamptz in UTC."""
    multiple_of: Any = None
    enum: tuple[Any, ...] | None = None
    """Allowed values of the column's type, moments as texts like the bounds. A null is a matter of `required`."""
    at: Location = ()

    @property
    def least(self) -> Any:
        """The minimum, or that of a type which is narrower than its column."""
        return max((each for each in (self.minimum, self.type.minimum) if each is not None), default=None)

    @property
    def greatest(self) -> Any:
        """The maximum, or that of a type which is narrower than its column."""
        return min((each for each in (self.maximum, self.type.maximum) if each is not None), default=None)


@dataclass(frozen=True, kw_only=True)
class Partition:
    """A partition key of the table: a text cut out of a field's value."""

    name: str
    field: str
    transform: str


@dataclass(frozen=True, kw_only=True)
class Table:
    """One object of a contract."""

    name: str
    description: str
    fields: tuple[Field, ...]
    primary_key: tuple[str, ...]
    partitions: tuple[Partition, ...]
    rules: tuple[quality.Rule | quality.SqlRule, ...]

    def field(self, name: str) -> Field:
        return next(each for each in self.fields if each.name == name)


def table(of: SchemaObject, at: Location, findings: Findings) -> Table:
    """The object `of` as a table. What cannot be compiled is an error in `findings` and missing from the result."""
    properties = [(each, (*at, "properties", index)) for index, each in enumerate(of.properties or ())]
    if not properties:
        findings.error(at, "expected properties: an object without them is no table")
    _refuse_names(properties, findings)
    fields = tuple(field for each, where in properties if (field := _field(each, where, findings)) is not None)
    names = tuple(field.name for field in fields)
    compilable = [(each, where) for each, where in properties if each.name in names]
    objects = tuple(each for each in (of.name, of.physicalName) if each)
    rules = [*quality.rules(of.quality, quality.Scope(objects=objects, columns=names), (*at, "quality"), findings)]
    for each, where in compilable:
        scope = quality.Scope(objects=objects, columns=names, column=each.name)
        rules += quality.rules(each.quality, scope, (*where, "quality"), findings)
    if of.relationships:
        findings.notice((*at, "relationships"), _UNHONOURED["relationships"])
    return Table(
        name=of.physicalName or of.name or "",
        description=of.description or "",
        fields=fields,
        primary_key=_primary_key(compilable),
        partitions=_partitions(compilable, {field.name: field for field in fields}, findings),
        rules=tuple(rules),
    )


def custom(properties: list[CustomProperty] | None, name: str) -> tuple[Any, Location] | None:
    """The value of the custom property `name` and where it is below `customProperties`, or None."""
    for index, each in enumerate(properties or ()):
        if each.property == name:
            return each.value, ("customProperties", index, "value")
    return None


def classification(value: str | None, at: Location, findings: Findings) -> Classification | None:
    """`value` as one of the platform's classifications; another word is an error, because it decides on encryption and
    access."""
    if value is None:
        return None
    if value.lower() in list(Classification):
        return Classification(value.lower())
    findings.error(at, f"expected one of {', '.join(Classification)}; found {value!r}")
    return None


def _refuse_names(properties: list[tuple[SchemaProperty, Location]], findings: Findings) -> None:
    count = Counter((each.name or "").lower() for each, _ in properties)
    for each, where in properties:
        name = each.name or ""
        if not NAME.fullmatch(name):
            message = f"{name!r} is no column name: expected letters, digits and underscores; a different name in the"
            findings.error((*where, "name"), f"{message} delivered file belongs into physicalName")
        elif count[name.lower()] > 1:
            findings.error((*where, "name"), f"two columns are called {name!r}; the catalog does not distinguish case")


def _field(of: SchemaProperty, at: Location, findings: Findings) -> Field | None:
    for key, reason in _UNHONOURED.items():
        if getattr(of, key):
            findings.notice((*at, key), reason)
    type_ = column_type(of, at, findings)
    if type_ is None:
        return None
    options = _Options(of.logicalTypeOptions or {}, (*at, "logicalTypeOptions"), findings)
    format_ = options.format(of.logicalType) if type_.value in ("date", "timestamp", "timestamptz") else None
    timezone = options.timezone() if type_.value == "timestamptz" else None
    bounds = options.bounds(type_, format_, timezone)
    if of.logicalType == "string" and "format" in options.values:
        findings.warning(
            (*options.at, "format"), f"nothing checks the format {options.values['format']!r}; use pattern"
        )
    for name in options.values.keys() & {"minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties"}:
        findings.warning((*options.at, name), "nothing checks the size of a nested value")
    return Field(
        name=of.name or "",
        source=of.physicalName or of.name or "",
        id=of.id,
        type=type_,
        description=" ".join((of.description or of.businessName or "").split()),
        required=_required(of, at, findings),
        unique=bool(of.unique),
        classification=classification(of.classification, (*at, "classification"), findings),
        format=format_,
        timezone=timezone,
        min_length=options.values.get("minLength"),
        max_length=options.values.get("maxLength"),
        pattern=options.pattern(),
        minimum=bounds.get("minimum"),
        maximum=bounds.get("maximum"),
        exclusive_minimum=bounds.get("exclusiveMinimum"),
        exclusive_maximum=bounds.get("exclusiveMaximum"),
        multiple_of=options.values.get("multipleOf"),
        enum=_enum(of, type_, options, format_, timezone, at),
        at=at,
    )


def _required(of: SchemaProperty, at: Location, findings: Findings) -> bool:
    if of.partitioned and not (of.required or of.primaryKey):
        message = "is taken as required: a row without the value belongs to no partition and goes to quarantine"
        findings.warning((*at, "partitioned"), message)
    return bool(of.required or of.primaryKey or of.partitioned)


@dataclass(frozen=True)
class _Options:
    """A property's logicalTypeOptions."""

    values: dict[str, Any]
    at: Location
    findings: Findings

    def format(self, logical: str | None) -> str | None:
        pattern = self.values.get("format")
        if pattern is None or logical not in ("date", "timestamp"):
            return None
        try:
            return date_formats.strptime(str(pattern))
        except ValueError as error:
            self.findings.error((*self.at, "format"), f"expected a pattern such as yyyy-MM-dd, but {error}")
            return None

    def pattern(self) -> str | None:
        pattern = self.values.get("pattern")
        if pattern is None:
            return None
        try:
            re.compile(pattern)
        except re.error as error:
            self.findings.error((*self.at, "pattern"), f"expected a regular expression, but {error}: {pattern!r}")
            return None
        return str(pattern)

    def timezone(self) -> str | None:
        name = self.values.get("defaultTimezone")
        if name is None:
            return None
        try:
            ZoneInfo(str(name))
        except (KeyError, OSError, ValueError):
            self.findings.error((*self.at, "defaultTimezone"), f"expected an IANA time zone, found {name!r}")
            return None
        return str(name)

    def bounds(self, type_: ColumnType, format_: str | None, timezone: str | None) -> dict[str, Any]:
        """The bounds by their names in the standard; 3.0's boolean exclusive bounds as the values they qualify."""
        found = {name: self.values[name] for name in BOUNDS if name in self.values}
        for exclusive, plain in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
            if found.get(exclusive) is True and plain in found:
                found[exclusive] = found.pop(plain)
            elif isinstance(found.get(exclusive), bool):
                del found[exclusive]
        if type_.value in ("date", "timestamp", "timestamptz"):
            found = {
                name: self.moment(str(value), type_, format_, timezone, (*self.at, name))
                for name, value in found.items()
            }
        return {name: value for name, value in found.items() if value is not None}

    def moment(
        self, text: str, type_: ColumnType, format_: str | None, timezone: str | None, at: Location
    ) -> str | None:
        """`text` in the property's own format or in ISO 8601, as ISO 8601."""
        try:
            moment = _parsed(text, format_)
        except ValueError:
            self.findings.error(at, f"expected a {type_.value} in the property's format, found {text!r}")
            return None
        if type_.value == "date":
            return moment.date().isoformat()
        if type_.value == "timestamp":
            return moment.replace(tzinfo=None).isoformat()
        zone = ZoneInfo(timezone) if timezone else UTC
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC).isoformat()


def _enum(
    of: SchemaProperty, type_: ColumnType, options: _Options, format_: str | None, timezone: str | None, at: Location
) -> tuple[Any, ...] | None:
    values = []
    for index, each in enumerate(of.enum or ()):
        value, where = each.value, (*at, "enum", index, "value")
        if value is None:
            continue
        if type_.value in ("date", "timestamp", "timestamptz"):
            value = options.moment(str(value), type_, format_, timezone, where)
        elif type_.value == "string" and not isinstance(value, str):
            value = json.dumps(value)
        elif not _fits(value, type_):
            options.findings.error(where, f"expected a value of the column's type, {type_.glue}; found {value!r}")
        values.append(value)
    return tuple(values) or None


def _fits(value: Any, type_: ColumnType) -> bool:
    if type_.numeric:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, bool) if type_.value == "boolean" else True


def _parsed(text: str, format_: str | None) -> datetime:
    if format_ is not None:
        with suppress(ValueError):
            return datetime.strptime(text, format_)
    return datetime.fromisoformat(text)


def _primary_key(properties: list[tuple[SchemaProperty, Location]]) -> tuple[str, ...]:
    keys = [each for each, _ in properties if each.primaryKey]
    return tuple(each.name or "" for each in sorted(keys, key=lambda each: _position(each.primaryKeyPosition)))


def _position(position: int | None) -> float:
    """Places without a position (absent or the standard's default, -1) come last, in the order they are written."""
    return float("inf") if position is None or position < 0 else position


def _partitions(
    properties: list[tuple[SchemaProperty, Location]], fields: dict[str, Field], findings: Findings
) -> tuple[Partition, ...]:
    chosen = [(each, at) for each, at in properties if each.partitioned]
    chosen.sort(key=lambda pair: _position(pair[0].partitionKeyPosition))
    found = [_partition(each, fields[each.name or ""], at, findings) for each, at in chosen]
    partitions = [each for each in found if each is not None]
    taken = Counter([each.name.lower() for each in partitions] + [name.lower() for name in fields])
    for (_, at), partition in zip(chosen, found, strict=True):
        if partition is not None and taken[partition.name.lower()] > 1:
            message = f"the partition key {partition.name!r} is also a column or another key; set partitionName"
            findings.error((*at, "partitioned"), message)
    return tuple(partitions)


def _partition(of: SchemaProperty, field: Field, at: Location, findings: Findings) -> Partition | None:
    temporal = field.type.value in ("date", "timestamp", "timestamptz")
    transform, where = custom(of.customProperties, "partitionTransform") or (
        "day" if temporal else "identity",
        ("partitioned",),
    )
    if transform not in TRANSFORMS:
        findings.error((*at, *where), f"expected one of {', '.join(TRANSFORMS)}; found {transform!r}")
        return None
    fits = {"identity": ("string", "int32", "int64", "boolean", "date"), "hour": ("timestamp", "timestamptz")}
    allowed = fits.get(transform, ("date", "timestamp", "timestamptz"))
    if field.type.value not in allowed:
        message = f"cannot take the {transform} of a {field.type.glue} column; expected one of {', '.join(allowed)}"
        findings.error((*at, *where), message)
        return None
    if transform == "identity" and field.classification and field.classification >= Classification.CONFIDENTIAL:
        message = f"the partition's values are {field.classification} and become part of object names, which logs show"
        findings.warning((*at, "partitioned"), message)
    name, _ = custom(of.customProperties, "partitionName") or (f"{field.name}_{transform}", ())
    return Partition(name=str(name).lower(), field=field.name, transform=str(transform))
