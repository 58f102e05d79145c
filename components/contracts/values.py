"""The values that a quality rule names, as a column of some type holds them.

The rule is run twice, by the handlers on a delivered file and by Glue in SQL. Both get the values from here, so that a
number that is written as a text, or a date in the file's own format, is the same value to both.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from decimal import Decimal
from math import isfinite
from typing import TYPE_CHECKING, Any

from components.contracts import moments

if TYPE_CHECKING:
    from components.contracts.table import Field
    from components.contracts.types import ColumnType

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
"""As the handlers read them in a file: XML Schema 1.1 part 2, 3.3.2.2."""


def held(field: Field, values: Iterable[Any]) -> tuple[Any, ...]:
    """JSON values as the column holds them: texts, numbers, true and false, moments in ISO 8601. Null and what no row
    of the column can hold are left out."""
    found = (_held(field, value) for value in values if value is not None)
    return tuple(dict.fromkeys(value for value in found if value is not None))


def _held(field: Field, value: Any) -> Any:
    if field.type.numeric:
        return number(field.type, value)
    text = value if isinstance(value, str) else json.dumps(value)
    if field.type.value == "boolean":
        return _BOOLEANS.get(text.lower()) if isinstance(value, bool | str) else None
    return _moment(field, text) if field.type.temporal else text


def number(type_: ColumnType, value: Any) -> Any:
    """A number, perhaps written as a text, as a numeric column holds it, a whole one as int; None when it cannot."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if not (_NUMBER.fullmatch(value) if isinstance(value, str) else isfinite(value)):
        return None
    exact = Decimal(str(value))
    if type_.value == "float64":
        return float(exact)
    if type_.value != "decimal":
        least, greatest = type_.range
        return int(exact) if exact == int(exact) and least <= exact <= greatest else None
    whole, _, fraction = f"{abs(exact):f}".partition(".")
    scale = type_.scale or 0
    if len(fraction.rstrip("0")) > scale or len(whole.lstrip("0")) > (type_.precision or 0) - scale:
        return None
    return int(exact) if exact == int(exact) else value


def _moment(field: Field, text: str) -> str | None:
    try:
        return moments.iso(text, str(field.type.value), field.format, field.timezone)
    except ValueError:
        return None
