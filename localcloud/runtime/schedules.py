"""When a schedule runs: rate, cron and at expressions.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Protocol
from zoneinfo import ZoneInfo

MONTHS = {name.upper(): number for number, name in enumerate(calendar.month_abbr) if name}
WEEKDAYS = {"SUN": 1, "MON": 2, "TUE": 3, "WED": 4, "THU": 5, "FRI": 6, "SAT": 7}
"""AWS counts weekdays from Sunday."""

_UNITS = {"minute": 60, "hour": 3600, "day": 86400}
_LAST_YEAR = 2199


class Schedule(Protocol):
    """When something is due."""

    def next_after(self, moment: datetime) -> datetime | None:
        """The first time after `moment` (aware), None when there is none."""


@dataclass(frozen=True)
class Rate:
    """Every so often, counted from when the schedule was first seen."""

    period: timedelta

    def next_after(self, moment: datetime) -> datetime:
        return moment + self.period


@dataclass(frozen=True)
class At:
    """Once."""

    moment: datetime

    def next_after(self, moment: datetime) -> datetime | None:
        return self.moment if self.moment > moment else None


@dataclass(frozen=True)
class Cron:
    """`cron(minutes hours day-of-month month day-of-week year)` in a time zone.

    Days are matched by one of two fields; the other is `?`. Besides numbers, lists, ranges, steps and names they know L
    (last), W (nearest weekday) and # (the nth weekday of the month).
    """

    minutes: frozenset[int]
    hours: frozenset[int]
    day_of_month: str
    months: frozenset[int]
    day_of_week: str
    years: frozenset[int]
    zone: tzinfo = UTC

    def next_after(self, moment: datetime) -> datetime | None:
        local = moment.astimezone(self.zone)
        for year in sorted(found for found in self.years if found >= local.year):
            for month in sorted(self.months):
                if (year, month) < (local.year, local.month):
                    continue
                for found in self._in_month(year, month):
                    if found > moment:
                        return found
        return None

    def _in_month(self, year: int, month: int) -> Iterator[datetime]:
        for day in sorted(self._days(year, month)):
            for hour in sorted(self.hours):
                for minute in sorted(self.minutes):
                    yield datetime(year, month, day, hour, minute, tzinfo=self.zone)

    def _days(self, year: int, month: int) -> set[int]:
        last = calendar.monthrange(year, month)[1]
        if self.day_of_month != "?":
            return _days_of_month(self.day_of_month, year, month, last)
        days = {day: _weekday(year, month, day) for day in range(1, last + 1)}
        found: set[int] = set()
        for part in self.day_of_week.upper().split(","):
            name, mark, nth = part.partition("#")
            if mark:
                matching = [day for day in days if days[day] == _number(name, WEEKDAYS)]
                found |= set(matching[int(nth) - 1 : int(nth)])
            elif part.endswith("L"):
                wanted = _number(part[:-1], WEEKDAYS) if part != "L" else WEEKDAYS["SAT"]
                found.add(max(day for day in days if days[day] == wanted))
            else:
                numbers = _numbers(part, 1, 7, WEEKDAYS)
                found |= {day for day in days if days[day] in numbers}
        return found


def parse(expression: str, zone: str = "UTC", rate_scale: float = 1.0) -> Schedule:
    """The schedule of a `rate(…)`, `cron(…)` or `at(…)` expression.

    Args:
        zone: IANA name of the time zone of cron and at.
        rate_scale: what the period of a rate is multiplied by.

    Raises:
        ValueError: it is none of these, or names what cannot be.
    """
    match = re.fullmatch(r"(rate|cron|at)\((.*)\)", expression.strip())
    if match is None:
        raise ValueError(f"not a schedule expression: {expression!r}")
    kind, text = match.groups()
    if kind == "rate":
        return _rate(text, rate_scale)
    where = ZoneInfo(zone)
    if kind == "at":
        return At(datetime.fromisoformat(text).replace(tzinfo=where))
    fields = text.split()
    if len(fields) != 6:
        raise ValueError(f"a cron expression has 6 fields: {expression!r}")
    minutes, hours, day_of_month, month, day_of_week, year = fields
    if (day_of_month == "?") == (day_of_week == "?"):
        raise ValueError(f"one of day-of-month and day-of-week must be '?': {expression!r}")
    return Cron(
        minutes=_numbers(minutes, 0, 59),
        hours=_numbers(hours, 0, 23),
        day_of_month=day_of_month,
        months=_numbers(month, 1, 12, MONTHS),
        day_of_week=day_of_week,
        years=_numbers(year, 1970, _LAST_YEAR),
        zone=where,
    )


def _rate(text: str, scale: float) -> Rate:
    match = re.fullmatch(r"(\d+)\s+(minute|hour|day)s?", text)
    if match is None or int(match.group(1)) < 1:
        raise ValueError(f"not a rate: {text!r}")
    return Rate(timedelta(seconds=int(match.group(1)) * _UNITS[match.group(2)] * scale))


def _numbers(text: str, low: int, high: int, names: Mapping[str, int] | None = None) -> frozenset[int]:
    found: set[int] = set()
    for part in text.upper().split(","):
        span, _, step = part.partition("/")
        if span in ("*", "?"):
            first, last = low, high
        elif "-" in span:
            first, last = (_number(end, names) for end in span.split("-", 1))
        else:
            first = _number(span, names)
            last = high if step else first
        if not low <= first <= last <= high:
            raise ValueError(f"{part!r} is not within {low}-{high}")
        found |= set(range(first, last + 1, int(step or 1)))
    return frozenset(found)


def _number(text: str, names: Mapping[str, int] | None) -> int:
    return (names or {}).get(text) or int(text)


def _days_of_month(text: str, year: int, month: int, last: int) -> set[int]:
    text = text.upper()
    if text == "L":
        return {last}
    if text == "LW":
        return {_nearest_weekday(year, month, last, last)}
    if text.endswith("W"):
        return {_nearest_weekday(year, month, int(text[:-1]), last)}
    return {day for day in _numbers(text, 1, 31) if day <= last}


def _nearest_weekday(year: int, month: int, day: int, last: int) -> int:
    """The Monday to Friday of the same month that is nearest to a day."""
    weekday = _weekday(year, month, day)
    if weekday == WEEKDAYS["SAT"]:
        return day - 1 if day > 1 else day + 2
    if weekday == WEEKDAYS["SUN"]:
        return day + 1 if day < last else day - 2
    return day


def _weekday(year: int, month: int, day: int) -> int:
    """1 for Sunday to 7 for Saturday."""
    return (calendar.weekday(year, month, day) + 1) % 7 + 1
