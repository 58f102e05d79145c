"""The validator: what a data product's contract compiles to, as handlers read it.

One JSON document with camelCase keys; a key that is absent has the default below. Who writes it and who reads it agree
on `format`, and an unknown key is refused, so a handler never ignores a constraint that it does not know.
"""

from __future__ import annotations

import codecs
import os
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

FieldType = Literal["string", "int32", "int64", "decimal", "float64", "boolean", "date", "timestamp", "timestamptz"]
Transform = Literal["identity", "year", "month", "day", "hour"]
Metric = Literal["rowCount", "nullValues", "duplicateValues", "missingValues", "invalidValues"]
Bound = Decimal | str  # a number, or the text of a date or timestamp


def _codec(name: str) -> str:
    try:
        "".encode(name)  # refuses codecs that are not of texts
        codecs.getincrementaldecoder(name)("replace").decode(b"", final=True)
    except (LookupError, ValueError) as error:
        raise ValueError(f"{name!r} is no encoding that files can be read in") from error
    return name


class Document(BaseModel):
    """Strict and immutable, with camelCase keys outside and snake_case names inside."""

    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=to_camel, populate_by_name=True)


class Product(Document):
    domain: str
    name: str
    version: str
    owner: str
    classification: str

    @property
    def source(self) -> str:
        """The product's name as the source of its events, in EventBridge's dotted form."""
        return f"mesh.{self.domain}.{self.name}"


class ContractReference(Document):
    id: str
    version: str


class FileFormat(Document):
    """How a delivered file is written.

    `whitespace`: columns are separated by runs of blanks, there is no quoting, and blanks at either end of a line mean
    nothing. Otherwise the file is RFC 4180 with another `delimiter` and `quote` if given.

    `final_line_end`: whether the last line must have a line end like the others, or may do without (RFC 4180, 2.2).
    """

    format: Literal["delimited"] = "delimited"
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    whitespace: bool = False
    header: bool = True
    encoding: Annotated[str, AfterValidator(_codec)] = "utf-8"
    quote: Annotated[str, Field(min_length=1, max_length=1)] | None = '"'
    null_values: tuple[str, ...] = ("",)
    final_line_end: Literal["optional", "required"] = "optional"

    @property
    def quoting(self) -> str | None:
        """The quote if values may be quoted."""
        return None if self.whitespace else self.quote

    @model_validator(mode="after")
    def _single_bytes(self) -> Self:
        for name, value in (("delimiter", self.delimiter), ("quote", self.quote or '"')):
            if not value.isascii() or value in "\r\n":
                raise ValueError(f"{name} is {value!r}; expected one ASCII character that does not end a line")
        if self.quoting == self.delimiter:
            raise ValueError(f"delimiter and quote are both {self.delimiter!r}")
        return self


class Table(Document):
    """The table in the hub's Glue catalog (`catalog_id` is the hub's account) and where its files are."""

    catalog_id: str
    database: str
    name: str
    bucket: str
    prefix: Annotated[str, Field(pattern=r"^[^/].*/$")]


class FieldSpec(Document):
    """One column: `source` is its name in the file, `name` in the table; bounds are inclusive unless they say not.

    `format` is strptime's for a date or timestamp, None for ISO 8601. `timezone` is the zone that a timestamptz without
    an offset is in; with neither it is refused.
    """

    name: str
    source: str
    type: FieldType
    format: str | None = None
    required: bool = False
    precision: Annotated[int, Field(ge=1, le=38)] | None = None
    scale: Annotated[int, Field(ge=0)] | None = None
    timezone: str | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    minimum: Bound | None = None
    maximum: Bound | None = None
    exclusive_minimum: Bound | None = None
    exclusive_maximum: Bound | None = None
    enum: tuple[Bound | bool, ...] | None = None
    classification: str | None = None

    @model_validator(mode="after")
    def _digits(self) -> Self:
        if self.type == "decimal" and (self.precision is None or not 0 <= (self.scale or 0) <= self.precision):
            raise ValueError(f"{self.name}: a decimal needs a precision and a scale that is not larger")
        return self


class Partition(Document):
    name: str
    field: str
    transform: Transform


# Amazon S3 user guide, "Naming Amazon S3 objects": a key has at most 1,024 bytes. Here it ends with the name of a part:
# a word, half of a SHA-256 in hexadecimal, a number and the ending.
KEY_BYTES, FILE_BYTES = 1_024, 64


class RuleArguments(Document):
    model_config = ConfigDict(extra="ignore")  # the standard lets a rule carry arguments of its own

    missing_values: tuple[Bound | bool | None, ...] = ("",)
    valid_values: tuple[Bound | bool | None, ...] | None = None
    pattern: str | None = None


class Rule(Document):
    """A condition on a whole file's published rows, with ODCS's operators (ODCS 3.1, "Data quality", `mustBe…`)."""

    name: str
    type: Metric
    fields: tuple[str, ...] = ()
    arguments: RuleArguments = RuleArguments()
    must_be: float | None = None
    must_not_be: float | None = None
    must_be_greater_than: float | None = None
    must_be_greater_or_equal_to: float | None = None
    must_be_less_than: float | None = None
    must_be_less_or_equal_to: float | None = None
    must_be_between: tuple[float, float] | None = None
    must_not_be_between: tuple[float, float] | None = None
    unit: Literal["rows", "percent"] = "rows"
    severity: str | None = None

    @model_validator(mode="after")
    def _says_what_it_counts(self) -> Self:
        if self.type != "rowCount" and not self.fields:
            raise ValueError(f"{self.name}: {self.type} needs fields")
        if self.type == "invalidValues" and self.arguments.valid_values is None and self.arguments.pattern is None:
            raise ValueError(f"{self.name}: invalidValues needs validValues or a pattern")
        return self


class Contract(Document):
    """The whole validator. `fields` are in the order of the file's columns."""

    format: Literal[1]
    product: Product
    contract: ContractReference
    file: FileFormat
    table: Table
    fields: Annotated[tuple[FieldSpec, ...], Field(min_length=1)]
    primary_key: tuple[str, ...] = ()
    partitions: tuple[Partition, ...] = ()
    rules: tuple[Rule, ...] = ()

    @model_validator(mode="after")
    def _references(self) -> Self:
        names = [field.name for field in self.fields]
        if len(set(names)) != len(names):
            raise ValueError("two fields have one name")
        used = {*self.primary_key, *(p.field for p in self.partitions), *(f for r in self.rules for f in r.fields)}
        if unknown := sorted(used - set(names)):
            raise ValueError(f"unknown field {', '.join(unknown)}; expected one of {', '.join(names)}")
        return self

    @property
    def checks(self) -> tuple[Rule, ...]:
        """The rules, and before them what a primary key promises."""
        if not self.primary_key:
            return self.rules
        unique = Rule(name="primary_key", type="duplicateValues", fields=self.primary_key, must_be=0, severity="error")
        return (unique, *self.rules)

    def room(self, field: FieldSpec) -> int | None:
        """Bytes that a field's text may have in the key of a part, where it is escaped; None when it is in none."""
        names = [p.name for p in self.partitions if p.field == field.name and p.transform == "identity"]
        if field.type != "string" or not names:
            return None
        prefix = len(self.table.prefix.encode())
        return (KEY_BYTES - FILE_BYTES - prefix) // len(self.partitions) - max(len(name) for name in names) - len("=/")

    def field(self, name: str) -> FieldSpec:
        return next(field for field in self.fields if field.name == name)


def load() -> Contract:
    """Read the validator that MESH_CONTRACT names, relative to the function's code (LAMBDA_TASK_ROOT).

    Raises pydantic.ValidationError naming the key when the document is not one.
    """
    path = Path(os.environ.get("LAMBDA_TASK_ROOT", "."), os.environ["MESH_CONTRACT"])
    return Contract.model_validate_json(path.read_bytes())
