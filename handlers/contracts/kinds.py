"""The types of fields, strictly: nothing is rounded, truncated or guessed.

Each type has one exact definition, a function of one text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from math import isfinite

import pyarrow as pa

from handlers.contracts.moments import Read, reading
from handlers.contracts.spec import FieldSpec

INTEGER = re.compile(r"[+-]?[0-9]+")
DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
FLOAT = re.compile(DECIMAL.pattern + r"(?:[eE][+-]?[0-9]+)?")
BOOLEANS = {"true": True, "1": True, "false": False, "0": False}  # XML Schema 1.1 part 2, 3.3.2.2, in any case

HEXADECIMAL = b"xX"
EXPONENT = b"eE"


@dataclass(frozen=True)
class Kind:
    """A field's type: how Arrow stores it, its exact reading, and the shape that Arrow's cast reads alike.

    `read` raises ValueError with the reason. `rewrite` turns a text of that shape into ISO 8601 first. No shape: every
    text goes through `read`. Neither: the text is the value. `repetitive`: a column has few distinct texts, as dates
    do, so only those are converted. `foreign`: the letters of all that Arrow's cast takes and `read` does not.
    """

    arrow: pa.DataType
    read: Read | None = None
    shape: str | None = None
    rewrite: str | None = None
    repetitive: bool = False
    foreign: bytes = b""


def kind(field: FieldSpec) -> Kind:
    """The kind of a field. Raises ValueError for a date format with a directive that is not supported."""
    match field.type:
        case "string":
            return Kind(pa.string())
        case "int32":
            return Kind(pa.int32(), partial(_integer, 32), "^-?[0-9]{1,10}$", foreign=HEXADECIMAL)
        case "int64":
            return Kind(pa.int64(), partial(_integer, 64), "^-?[0-9]{1,19}$", foreign=HEXADECIMAL)
        case "decimal":
            return _decimal_kind(field.precision or 38, field.scale or 0)
        case "float64":
            return Kind(pa.float64(), _float, r"^-?[0-9]{1,200}(?:\.[0-9]{1,200})?(?:[eE][+-]?[0-9]{1,2})?$")
        case "boolean":
            return Kind(pa.bool_(), _boolean, "(?i)^(?:true|false|0|1)$")
        case "date":
            return Kind(pa.date32(), *reading(field), repetitive=True)
        case "timestamp":
            return Kind(pa.timestamp("us"), *reading(field))
        case "timestamptz":
            return Kind(pa.timestamp("us", "UTC"), *reading(field))


def _integer(bits: int, text: str) -> int:
    if not INTEGER.fullmatch(text):
        raise ValueError("is not a whole number")
    digits = text.lstrip("+-").lstrip("0")
    value = int(digits or "0") if len(digits) <= 19 else 1 << 64  # Python refuses to read thousands of digits
    value = -value if text[0] == "-" else value
    if not -(1 << (bits - 1)) <= value < 1 << (bits - 1):
        raise ValueError(f"is out of the range of int{bits}")
    return value


def _decimal_kind(precision: int, scale: int) -> Kind:
    whole = precision - scale
    shape = rf"^[+-]?[0-9]{{1,{whole}}}(?:\.[0-9]{{1,{scale}}})?$" if whole and scale else None
    if whole and not scale:
        shape = rf"^[+-]?[0-9]{{1,{whole}}}$"
    return Kind(pa.decimal128(precision, scale), partial(_decimal, precision, scale), shape, foreign=EXPONENT)


def _decimal(precision: int, scale: int, text: str) -> Decimal:
    if not DECIMAL.fullmatch(text):
        raise ValueError("is not a decimal number")
    whole, _, fraction = text.lstrip("+-").partition(".")
    if len(fraction.rstrip("0")) > scale:
        raise ValueError(f"has more than {scale} digits after the point")
    if len(whole.lstrip("0")) > precision - scale:
        raise ValueError(f"has more than {precision - scale} digits before the point")
    return Decimal(f"{'-' if text[0] == '-' else ''}{whole.lstrip('0') or '0'}.{fraction[:scale]}")


def _float(text: str) -> float:
    if not FLOAT.fullmatch(text):
        raise ValueError("is not a number")
    value = float(text)
    if not isfinite(value):
        raise ValueError("is out of the range of float64")
    return value


def _boolean(text: str) -> bool:
    if text.lower() not in BOOLEANS:
        raise ValueError("is neither true nor false")
    return BOOLEANS[text.lower()]
