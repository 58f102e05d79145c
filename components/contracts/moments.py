"""Dates and times that a contract names, in the one form in which they are compiled."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from zoneinfo import ZoneInfo


def iso(text: str, kind: str, format_: str | None, timezone: str | None) -> str:
    """A date, timestamp or timestamptz (`kind`), written in strptime's `format_` or in ISO 8601, as ISO 8601, that of a
    timestamptz in UTC; `timezone` is the zone of texts without an offset.

    Raises ValueError when it is none, or beyond the years from 1 to 9999.
    """
    moment = _parsed(text, format_)
    if kind == "date":
        return moment.date().isoformat()
    if kind == "timestamp":
        return moment.replace(tzinfo=None).isoformat()
    zone = ZoneInfo(timezone) if timezone else UTC
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC).isoformat()
    except OverflowError as error:
        raise ValueError(f"{text!r} is out of the range of years") from error


def _parsed(text: str, format_: str | None) -> datetime:
    if format_ is not None:
        with suppress(ValueError):
            return datetime.strptime(text, format_)
    return datetime.fromisoformat(text)
