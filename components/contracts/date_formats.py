"""Date and time patterns: ODCS writes them as the JDK's DateTimeFormatter does, Python parses by strptime's letters.

Sources: ODCS schema.md, "Logical Type Options" (`format` of date, timestamp and time); java.time.format
DateTimeFormatter, "Patterns for Formatting and Parsing"; Python's datetime, "strftime() and strptime() Format Codes".
"""

from __future__ import annotations

import re

_LETTERS = {
    "yyyy": "%Y",
    "uuuu": "%Y",
    "YYYY": "%Y",  # The standard's own example spells the year and the day in capitals: YYYY-MM-DDTHH:mm:ss.SSSZ.
    "yy": "%y",
    "uu": "%y",
    "M": "%m",
    "MM": "%m",
    "MMM": "%b",
    "MMMM": "%B",
    "d": "%d",
    "dd": "%d",
    "DD": "%d",
    "DDD": "%j",
    "E": "%a",
    "EEE": "%a",
    "EEEE": "%A",
    "H": "%H",
    "HH": "%H",
    "h": "%I",
    "hh": "%I",
    "m": "%M",
    "mm": "%M",
    "s": "%S",
    "ss": "%S",
    "a": "%p",
    **{"S" * digits: "%f" for digits in range(1, 7)},
    **{letter * count: "%z" for letter in "Xx" for count in range(1, 4)},
    "Z": "%z",
    "ZZZ": "%z",
    "T": "T",
}

_TOKEN = re.compile(r"'(?P<quoted>(?:[^']|'')*)'|(?P<letters>([A-Za-z])\3*)|(?P<other>.)", re.DOTALL)


def strptime(pattern: str) -> str:
    """`yyyyMMdd` as `%Y%m%d`. Raises ValueError naming the first letters that strptime cannot parse."""
    return "".join(_code(token) for token in _TOKEN.finditer(pattern))


def _code(token: re.Match[str]) -> str:
    if letters := token["letters"]:
        if letters not in _LETTERS:
            raise ValueError(f"{letters!r} is no part of a date or time that can be parsed")
        return _LETTERS[letters]
    literal = token["other"] if token["quoted"] is None else token["quoted"].replace("''", "'") or "'"
    return literal.replace("%", "%%")
