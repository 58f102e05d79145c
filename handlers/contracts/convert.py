"""From the text of a value to its type, strictly: nothing is rounded, truncated or guessed.

Each type has one exact definition, a function of one text (`Kind.read`). Most values also have an ordinary `shape` that
Arrow's casts read alike; those are converted a column at a time, and only the others go through the function, once per
distinct text. A column of numbers that Arrow can read at all is known to be ordinary from the letters that are not in
it. The texts arrive without surrounding blanks.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from functools import partial
from math import isfinite
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from handlers.contracts.spec import FieldSpec

Read = Callable[[str], object]

INTEGER = re.compile(r"[+-]?[0-9]+")
DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
FLOAT = re.compile(DECIMAL.pattern + r"(?:[eE][+-]?[0-9]+)?")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
TIME = re.compile(DATE.pattern + r"[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?")
OFFSET = re.compile(r"(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?)")
BOOLEANS = {"true": True, "1": True, "false": False, "0": False}  # XML Schema 1.1 part 2, 3.3.2.2, in any case

HEXADECIMAL = b"xX"
EXPONENT = b"eE"

# Years from 1000 to 8999: nothing in UTC leaves the years that both Python and Arrow can hold.
DAY_SHAPE = "[1-8][0-9]{3}-[0-9]{2}-[0-9]{2}"
TIME_SHAPE = DAY_SHAPE + r"[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?"
OFFSET_SHAPE = "(?:Z|[+-][01][0-9]:?[0-5][0-9])"

# The strptime directives that are numbers of one width, and those of the others that a format may use.
FIXED = {"Y": "[0-9]{4}", "m": "[0-9]{2}", "d": "[0-9]{2}", "H": "[0-9]{2}", "M": "[0-9]{2}", "S": "[0-9]{2}"}
OTHERS = {
    "y": "[0-9]{2}", "I": "[0-9]{2}", "j": "[0-9]{3}", "f": "[0-9]{1,6}", "z": OFFSET.pattern, "%": "%",
    "a": r"[^\W\d]+\.?", "A": r"[^\W\d]+", "b": r"[^\W\d]+\.?", "B": r"[^\W\d]+", "p": r"[^\W\d]+",
}  # fmt: skip


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
    """The kind of a field. Raises ValueError for a date format with a directive that is not in the tables above."""
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
            return _moment_kind(field, pa.date32(), "")
        case "timestamp":
            return _moment_kind(field, pa.timestamp("us"), "")
        case "timestamptz":
            return _moment_kind(field, pa.timestamp("us", "UTC"), OFFSET_SHAPE)


def convert(kind: Kind, texts: pa.StringArray) -> tuple[pa.Array, pa.StringArray | None]:
    """Convert a column; null stays null.

    Returns the typed column, with null where a text could not be read, and the reasons beside it: null where there is
    none, or None when every text could be read.
    """
    if kind.read is None:
        return texts, None
    if kind.repetitive:
        distinct = texts.dictionary_encode()
        values, reasons = _convert(kind, kind.read, distinct.dictionary)
        return values.take(distinct.indices), None if reasons is None else reasons.take(distinct.indices)
    return _convert(kind, kind.read, texts)


def _convert(kind: Kind, read: Read, texts: pa.StringArray) -> tuple[pa.Array, pa.StringArray | None]:
    if kind.foreign and not _holds(texts, kind.foreign):
        try:
            return texts.cast(kind.arrow), None
        except pa.ArrowInvalid:
            pass  # some text is not ordinary; which ones is found out below
    regular = pc.match_substring_regex(texts, kind.shape) if kind.shape else pc.equal(texts, None)
    regular = pc.fill_null(regular, False)
    rest = pc.and_(pc.is_valid(texts), pc.invert(regular))
    try:
        values = _cast(kind, texts if rest.true_count == 0 else pc.if_else(regular, texts, None))
    except pa.ArrowInvalid:  # of the right shape, but no such day or out of range: some text of this column is
        values, rest = pa.nulls(len(texts), kind.arrow), pc.is_valid(texts)
    if rest.true_count == 0:
        return values, None
    return _exactly(read, values, texts, rest)


def _holds(texts: pa.StringArray, letters: bytes) -> bool:
    """Whether one of the letters is in the memory of a column, and so perhaps in a text of it."""
    memory = texts.buffers()[2]
    held = memory.to_pybytes() if memory else b""
    return any(letter in held for letter in letters)


def _cast(kind: Kind, texts: pa.StringArray) -> pa.Array:
    if kind.rewrite and kind.shape:
        texts = pc.replace_substring_regex(texts, pattern=kind.shape, replacement=kind.rewrite)
    return texts.cast(kind.arrow)


def _exactly(
    read: Read, values: pa.Array, texts: pa.StringArray, rest: pa.BooleanArray
) -> tuple[pa.Array, pa.StringArray | None]:
    distinct = texts.filter(rest).dictionary_encode()
    outcomes = [_attempt(read, text) for text in distinct.dictionary.to_pylist()]
    read_values = pa.array([value for value, _ in outcomes], values.type).take(distinct.indices)
    values = pc.replace_with_mask(values, rest, read_values)
    if all(reason is None for _, reason in outcomes):
        return values, None
    reasons = pa.array([reason for _, reason in outcomes], pa.string()).take(distinct.indices)
    return values, pc.replace_with_mask(pa.nulls(len(texts), pa.string()), rest, reasons)


def _attempt(read: Read, text: str) -> tuple[object, str | None]:
    try:
        return read(text), None
    except ValueError as error:
        return None, str(error)


def _integer(bits: int, text: str) -> int:
    if not INTEGER.fullmatch(text):
        raise ValueError("is not a whole number")
    digits = text.lstrip("+-").lstrip("0")
    value = int(text) if len(digits) <= 19 else 1 << 64  # Python refuses to read thousands of digits
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


def _moment_kind(field: FieldSpec, arrow: pa.DataType, offset: str) -> Kind:
    is_date, zoned = field.type == "date", field.type == "timestamptz"
    zone = ZoneInfo(field.timezone) if zoned and field.timezone else None
    if field.format is None:
        exact: Read = _iso_date if is_date else partial(_iso_time, zoned, zone)
        return Kind(arrow, exact, f"^{DAY_SHAPE if is_date else TIME_SHAPE}{offset}$", repetitive=is_date)
    exact = partial(_formatted, field.type, field.format, _shape(field.format), zone)
    shape, rewrite = (None, None) if zoned else _rewriting(field)
    return Kind(arrow, exact, shape, rewrite, repetitive=is_date)


def _iso_date(text: str) -> date:
    if not DATE.fullmatch(text):
        raise ValueError("is not a date of the form YYYY-MM-DD")
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ValueError("is not a day of the calendar") from error


def _iso_time(zoned: bool, zone: tzinfo | None, text: str) -> datetime:
    local = TIME.match(text)
    if not local or not (local.end() == len(text) or OFFSET.fullmatch(text, local.end())):
        raise ValueError("is not a time of the form YYYY-MM-DDThh:mm:ss")
    digits, _, fraction = local.group().partition(".")
    if fraction[6:].strip("0"):
        raise ValueError("is finer than a microsecond")
    try:
        moment = datetime.fromisoformat(f"{digits}.{fraction[:6]:0<6}" if fraction else digits)
        moment = moment.replace(tzinfo=_offset(text[local.end() :]))
    except ValueError as error:
        raise ValueError("is not a time of the calendar") from error
    return _placed(zoned, zone, moment)


def _offset(text: str) -> tzinfo | None:
    return datetime.strptime(text.ljust(5, "0") if text[1:] else text, "%z").tzinfo if text else None


def _placed(zoned: bool, zone: tzinfo | None, moment: datetime) -> datetime:
    """The moment without an offset, or in UTC when the type is `zoned`; `zone` is what a text without offset means."""
    if not zoned:
        if moment.tzinfo:
            raise ValueError("has an offset from UTC, which the contract does not expect")
        return moment
    moment = moment if moment.tzinfo or zone is None else moment.replace(tzinfo=zone)
    if moment.tzinfo is None:
        raise ValueError("has no offset from UTC")
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("is out of the range of years") from error


def _formatted(type_: str, format_: str, shape: re.Pattern[str], zone: tzinfo | None, text: str) -> date | datetime:
    if not shape.fullmatch(text):
        raise ValueError(f"is not of the form {format_}")
    try:
        moment = datetime.strptime(text, format_)
    except ValueError as error:
        raise ValueError(f"is no day or time of the form {format_}") from error
    return moment.date() if type_ == "date" else _placed(type_ == "timestamptz", zone, moment)


def _pieces(format_: str) -> list[str]:
    """Split a format into directives (`%d`) and the text between them."""
    return [piece for piece in re.split(r"(%.)", format_) if piece]


def _shape(format_: str) -> re.Pattern[str]:
    """What a text must look like, more strictly than strptime: a number has all its digits, but for a leading zero that
    nothing else could be meant by, as in `1/2/1997`."""
    pieces = _pieces(format_)
    directives = [piece[0] == "%" for piece in pieces]
    patterns = []
    for index, piece in enumerate(pieces):
        if not directives[index]:
            patterns.append(re.escape(piece))
        elif piece[1:] in FIXED or piece[1:] in OTHERS:
            beside_another = any(directives[max(index - 1, 0) : index] + directives[index + 1 : index + 2])
            digits = (FIXED | OTHERS)[piece[1]]
            patterns.append(digits if beside_another else digits.replace("{2}", "{1,2}"))
        else:
            raise ValueError(f"format {format_!r}: {piece} is not supported")
    return re.compile("".join(patterns))


def _rewriting(field: FieldSpec) -> tuple[str | None, str | None]:
    """The shape and the ISO 8601 rewriting of a format that names each part once, in numbers of one width."""
    pieces = _pieces(field.format or "")
    directives = [piece[1:] for piece in pieces if piece[0] == "%"]
    wanted = "Ymd" if field.type == "date" else "YmdHMS"
    if sorted(directives) != sorted(wanted):
        return None, None
    groups = {name: index for index, name in enumerate(directives, 1)}
    shape = "".join(
        re.escape(piece) if piece[0] != "%" else f"({'[1-8][0-9]{3}' if piece == '%Y' else FIXED[piece[1]]})"
        for piece in pieces
    )
    target = r"\Y-\m-\d" if field.type == "date" else r"\Y-\m-\dT\H:\M:\S"
    return f"^{shape}$", re.sub(r"\\(\w)", lambda match: f"\\{groups[match[1]]}", target)
