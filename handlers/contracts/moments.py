"""Dates and times: how their texts are read, in ISO 8601 or in a format of strptime's.

A format is held more strictly than strptime does, and times are precise to the microsecond.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, tzinfo
from functools import partial
from zoneinfo import ZoneInfo

from handlers.contracts.spec import FieldSpec

Read = Callable[[str], object]  # a text's value; raises ValueError with the reason why there is none

DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
TIME = re.compile(DATE.pattern + r"[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?")
OFFSET = re.compile(r"(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?)")

# Years from 1000 to 8999: nothing in UTC leaves the years that both Python and Arrow can hold.
DAY_SHAPE = "[1-8][0-9]{3}-[0-9]{2}-[0-9]{2}"
TIME_SHAPE = DAY_SHAPE + r"[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?"
OFFSET_SHAPE = "(?:Z|[+-][01][0-9]:?[0-5][0-9])"

# The strptime directives that are numbers of one width, and the others that a format may use.
TWO = "[0-9]{2}"
FIXED = {"Y": "[0-9]{4}", "m": TWO, "d": TWO, "H": TWO, "M": TWO, "S": TWO}
OTHERS = {
    "y": TWO, "I": TWO, "j": "[0-9]{3}", "f": "[0-9]{1,6}", "z": OFFSET.pattern, "%": "%",
    "a": r"[^\W\d]+\.?", "A": r"[^\W\d]+", "b": r"[^\W\d]+\.?", "B": r"[^\W\d]+", "p": r"[^\W\d]+",
}  # fmt: skip


def reading(field: FieldSpec) -> tuple[Read, str | None, str | None]:
    """How a date or time field is read, the shape of its ordinary texts if any, and their rewriting as ISO 8601 if
    they need one. Raises ValueError for a format with a directive that is not in the tables above."""
    is_date, zoned = field.type == "date", field.type == "timestamptz"
    zone = ZoneInfo(field.timezone) if zoned and field.timezone else None
    if field.format is None:
        exact: Read = _iso_date if is_date else partial(_iso_time, zoned, zone)
        return exact, f"^{DAY_SHAPE if is_date else TIME_SHAPE}{OFFSET_SHAPE if zoned else ''}$", None
    exact = partial(_formatted, field.type, field.format, _shape(field.format), zone)
    return (exact, None, None) if zoned else (exact, *_rewriting(field))


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
    """The moment without an offset, or in UTC when the type is `zoned`; `zone` is what a text without offset means.

    Of two moments that a clock put back shows alike, it is the first.
    """
    if not zoned:
        if moment.tzinfo:
            raise ValueError("has an offset from UTC, which the contract does not expect")
        return moment
    local = moment if moment.tzinfo or zone is None else moment.replace(tzinfo=zone)
    if local.tzinfo is None:
        raise ValueError("has no offset from UTC")
    try:
        placed = local.astimezone(UTC)
        skipped = moment.tzinfo is None and placed.astimezone(zone).replace(tzinfo=None) != moment
    except OverflowError as error:
        raise ValueError("is out of the range of years") from error
    if skipped:
        raise ValueError(f"does not exist in {zone}, where the clocks were put forward")
    return placed


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
            patterns.append("[0-9]{1,2}" if digits == TWO and not beside_another else digits)
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
