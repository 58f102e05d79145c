"""A contract's object as the table it becomes: fields, keys, partitions and rules, before any target's notation.

Everything that is compiled (Glue, DQDL, LF-Tags, validator) and every comparison of versions starts from this one
reading of the contract.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

from open_data_contract_standard.model import SchemaObject, SchemaProperty

from components.contracts import quality
from components.contracts.custom import settings, warn_of_misspelt
from components.contracts.diagnostics import Findings, Location
from components.contracts.options import Options
from components.contracts.types import ColumnType, column_type
from components.foundation.classification import Classification

TRANSFORMS = ("identity", "year", "month", "day", "hour")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
"""Athena user guide, "Name databases, tables, and columns": letters, digits and the underscore."""

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
    """IANA zone of the texts of a timestamptz that carry no offset."""
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
    options = Options(of, type_, at, findings)
    return Field(
        name=of.name or "",
        source=of.physicalName or of.name or "",
        id=of.id,
        type=type_,
        description=" ".join((of.description or of.businessName or "").split()),
        required=_required(of, at, findings),
        unique=bool(of.unique),
        classification=classification(of.classification, (*at, "classification"), findings),
        format=options.format,
        timezone=options.timezone,
        min_length=options.min_length,
        max_length=options.max_length,
        pattern=options.pattern,
        minimum=options.bounds.get("minimum"),
        maximum=options.bounds.get("maximum"),
        exclusive_minimum=options.bounds.get("exclusiveMinimum"),
        exclusive_maximum=options.bounds.get("exclusiveMaximum"),
        multiple_of=options.multiple_of,
        enum=options.enum,
        at=at,
    )


def _required(of: SchemaProperty, at: Location, findings: Findings) -> bool:
    if of.partitioned and not (of.required or of.primaryKey):
        message = "is taken as required: a row without the value belongs to no partition and goes to quarantine"
        findings.warning((*at, "partitioned"), message)
    return bool(of.required or of.primaryKey or of.partitioned)


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
    given = settings(of.customProperties, at)
    warn_of_misspelt(given, ("partitionTransform", "partitionName"), findings)
    default = "day" if field.type.temporal else "identity"
    transform, where = given.get("partitionTransform", (default, (*at, "partitioned")))
    if transform not in TRANSFORMS:
        findings.error(where, f"expected one of {', '.join(TRANSFORMS)}; found {transform!r}")
        return None
    fits = {"identity": ("string", "int32", "int64", "boolean", "date"), "hour": ("timestamp", "timestamptz")}
    allowed = fits.get(transform, ("date", "timestamp", "timestamptz"))
    if field.type.value not in allowed:
        message = f"cannot take the {transform} of a {field.type.glue} column; expected one of {', '.join(allowed)}"
        findings.error(where, message)
        return None
    if transform == "identity" and field.classification and field.classification >= Classification.CONFIDENTIAL:
        message = f"the partition's values are {field.classification} and become part of object names, which logs show"
        findings.warning((*at, "partitioned"), message)
    name, _ = given.get("partitionName", (f"{field.name}_{transform}", at))
    return Partition(name=str(name).lower(), field=field.name, transform=str(transform))
