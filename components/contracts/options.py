"""What a property's logicalTypeOptions and enum demand of its values.

Source: ODCS schema.md, "Logical Type Options".
"""

from __future__ import annotations

import json
import re
from math import isfinite
from typing import Any
from zoneinfo import ZoneInfo

from open_data_contract_standard.model import SchemaProperty

from components.contracts import date_formats, moments, values
from components.contracts.diagnostics import Findings, Location
from components.contracts.types import ColumnType

BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
_SIZES = ("minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties")


class Options:
    """The options of one property, each in the form in which it is compiled. What is no such thing is an error in
    `findings` and None here; what nothing checks is a warning."""

    def __init__(self, of: SchemaProperty, type_: ColumnType, at: Location, findings: Findings) -> None:
        self._values: dict[str, Any] = of.logicalTypeOptions or {}
        self._type = type_
        self._at = (*at, "logicalTypeOptions")
        self._findings = findings
        self.format = self._format() if type_.temporal else None
        """A strptime pattern; None is ISO 8601."""
        self.timezone = self._timezone() if type_.value == "timestamptz" else None
        """The IANA zone of texts without an offset, for a timestamptz."""
        self.pattern = self._pattern()
        self.min_length: int | None = self._values.get("minLength")
        self.max_length: int | None = self._values.get("maxLength")
        self.multiple_of: float | None = self._values.get("multipleOf")
        self.bounds = self._bounds()
        """By their names in the standard: numbers, or ISO 8601 texts of moments."""
        self.enum = self._enum(of, at)
        if of.logicalType == "string" and "format" in self._values:
            self._warn("format", f"nothing checks the format {self._values['format']!r}; use pattern")
        for name in _SIZES:
            if name in self._values:
                self._warn(name, "nothing checks the size of a nested value")

    def _warn(self, name: str, message: str) -> None:
        self._findings.warning((*self._at, name), message)

    def _refuse(self, name: str, message: str) -> None:
        self._findings.error((*self._at, name), message)

    def _format(self) -> str | None:
        pattern = self._values.get("format")
        try:
            return None if pattern is None else date_formats.strptime(str(pattern))
        except ValueError as error:
            self._refuse("format", f"expected a pattern such as yyyy-MM-dd, but {error}")
            return None

    def _timezone(self) -> str | None:
        name = self._values.get("defaultTimezone", "Etc/UTC")  # The standard's default
        try:
            return ZoneInfo(str(name)).key
        except (KeyError, OSError, ValueError):
            self._refuse("defaultTimezone", f"expected an IANA time zone, found {name!r}")
            return None

    def _pattern(self) -> str | None:
        pattern: str | None = self._values.get("pattern")
        try:
            re.compile(pattern or "")
        except re.error as error:
            self._refuse("pattern", f"expected a regular expression, but {error}: {pattern!r}")
            return None
        return pattern

    def _bounds(self) -> dict[str, Any]:
        found = {name: self._values[name] for name in BOUNDS if name in self._values}
        for exclusive, plain in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
            if found.get(exclusive) is True and plain in found:
                found[exclusive] = found.pop(plain)  # ODCS 3.0: a boolean that qualifies the plain bound
            elif isinstance(found.get(exclusive), bool):
                del found[exclusive]
        if self._type.value == "boolean":
            for name in found:
                self._warn(name, "true and false have no order; nothing checks it")
            return {}
        for name, value in found.items():
            if isinstance(value, float) and not isfinite(value):
                self._refuse(name, f"expected a number, found {value!r}")
        if self._type.temporal:
            found = {name: self._moment(str(value), (*self._at, name)) for name, value in found.items()}
        return {name: value for name, value in found.items() if value is not None}

    def _enum(self, of: SchemaProperty, at: Location) -> tuple[Any, ...] | None:
        given = [(each.value, (*at, "enum", index, "value")) for index, each in enumerate(of.enum or ())]
        return tuple(self._allowed(value, where) for value, where in given if value is not None) or None

    def _allowed(self, value: Any, at: Location) -> Any:
        if self._type.temporal:
            return self._moment(str(value), at)
        if self._type.value == "string" and not isinstance(value, str):
            return json.dumps(value)
        held = values.number(self._type, value) if self._type.numeric and not isinstance(value, str) else value
        if held is None or not self._type.takes(held):
            self._findings.error(at, f"expected a value of the column's type, {self._type.glue}; found {value!r}")
            return value
        return held

    def _moment(self, text: str, at: Location) -> str | None:
        """`text` in the property's own format or in ISO 8601, as ISO 8601; that of a timestamptz in UTC."""
        try:
            return moments.iso(text, str(self._type.value), self.format, self.timezone)
        except ValueError:
            self._findings.error(at, f"expected a {self._type.value} in the property's format, found {text!r}")
            return None
