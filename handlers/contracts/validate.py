"""Which rows of a batch keep the contract: typed columns of those that do, and every reason of those that do not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, localcontext
from functools import reduce
from urllib.parse import quote

import pyarrow as pa
import pyarrow.compute as pc

from handlers.contracts.convert import convert
from handlers.contracts.kinds import kind
from handlers.contracts.spec import Bound, Contract, FieldSpec

SHOWN = 80  # characters of a value that a reason repeats; the whole line stands beside it
STRUCTURE = "structure"  # the rule that a line breaks when it cannot even be read as the contract's columns

COMPARISONS: dict[str, tuple[Callable[..., pa.BooleanArray], str]] = {
    "minimum": (pc.less, "is below the minimum"),
    "maximum": (pc.greater, "is above the maximum"),
    "exclusive_minimum": (pc.less_equal, "is not above"),
    "exclusive_maximum": (pc.greater_equal, "is not below"),
}

ROUNDING = {
    "minimum": ROUND_CEILING,
    "maximum": ROUND_FLOOR,
    "exclusive_minimum": ROUND_FLOOR,
    "exclusive_maximum": ROUND_CEILING,
}


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row is refused: `rule` is the name of the constraint, `field` is None when it is about the line."""

    field: str | None
    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class BadRow:
    """A refused row: the number of its first line in the delivered file, its text without line end, all reasons."""

    line: int
    raw: str
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class Rows:
    """A batch as text, one column per field, and where a row came from: its index → (line number, raw text)."""

    columns: tuple[pa.StringArray, ...]
    place: Callable[[int], tuple[int, str]]
    unreadable: tuple[BadRow, ...] = ()


@dataclass(frozen=True)
class Verdict:
    good: pa.Table
    bad: list[BadRow]


@dataclass(frozen=True)
class Violation:
    """The rows of a batch that break one rule of one field, and how to say it of a row."""

    where: pa.BooleanArray
    field: str
    rule: str
    reason: Callable[[int], str]


class Validator:
    """A contract made ready for many batches. Raises ValueError for a constraint that cannot be checked."""

    def __init__(self, contract: Contract) -> None:
        self.columns = [Column(field, contract.room(field)) for field in contract.fields]
        self.schema = pa.schema(
            [pa.field(c.field.name, c.kind.arrow, nullable=not c.field.required) for c in self.columns]
        )
        self._nulls = pa.array(contract.file.null_values, pa.string())

    def validate(self, rows: Rows) -> Verdict:
        """Split a batch: the good rows keep their order, and so do the bad ones."""
        typed, violations = [], []
        for column, texts in zip(self.columns, rows.columns, strict=True):
            values, found = column.check(texts, self._nulls)
            typed.append(values)
            violations += found
        if not violations:
            return Verdict(pa.Table.from_arrays(typed, schema=self.schema), _by_line(rows.unreadable))
        refused = reduce(pc.or_, (violation.where for violation in violations))
        bad = list(_bad_rows(refused, violations, rows.place))
        keep = pc.invert(refused)
        good = pa.Table.from_arrays([values.filter(keep) for values in typed], schema=self.schema)
        return Verdict(good, _by_line((*rows.unreadable, *bad)))


class Column:
    """One field's checks; `room` is how many bytes its texts may have in the key of a part, None when any number."""

    def __init__(self, field: FieldSpec, room: int | None = None) -> None:
        self.field = field
        self._room = room
        self.kind = kind(field)
        self._bounds = {
            name: (bound(field, name, limit), limit)
            for name in COMPARISONS
            if (limit := getattr(field, name)) is not None
        }
        self._allowed = pa.array([named(field, v) for v in field.enum], self.kind.arrow) if field.enum else None
        self._pattern = pattern(field.pattern) if field.pattern else None

    def check(self, texts: pa.StringArray, nulls: pa.StringArray) -> tuple[pa.Array, list[Violation]]:
        """Convert a column and check its constraints; a text that is one of `nulls` is no value.

        Blanks around a value are no part of it, except in a string.
        """
        if self.field.type != "string":
            texts = pc.ascii_trim(texts, characters=" \t")
        absent = pc.is_in(texts, value_set=nulls)
        if absent.true_count:
            texts = pc.if_else(absent, None, texts)
        values, reasons = convert(self.kind, texts)
        found = []
        if self.field.required:
            found.append(Violation(absent, self.field.name, "required", lambda _: "is required and has no value"))
        if reasons is not None:
            reason = self._quoting(texts, lambda row: reasons[row].as_py())
            found.append(Violation(pc.is_valid(reasons), self.field.name, "type", reason))
        found += self._constraints(texts, values)
        return values, [violation for violation in found if violation.where.true_count]

    def _constraints(self, texts: pa.StringArray, values: pa.Array) -> Iterator[Violation]:
        def broken(where: pa.BooleanArray, rule: str, reason: str) -> Violation:
            return Violation(pc.fill_null(where, False), self.field.name, rule, self._quoting(texts, lambda _: reason))

        if (least := self.field.min_length) is not None:
            yield broken(pc.less(pc.utf8_length(texts), least), "minLength", f"is shorter than {least}")
        if (most := self.field.max_length) is not None:
            yield broken(pc.greater(pc.utf8_length(texts), most), "maxLength", f"is longer than {most}")
        if self._room is not None:
            too_long = _longer_escaped(texts, self._room)
            yield broken(too_long, "partition", f"needs more than {self._room} bytes in the name of a partition")
        if self._pattern:
            yield broken(pc.invert(self._pattern(texts)), "pattern", f"does not match {self.field.pattern}")
        for name, (scalar, limit) in self._bounds.items():
            compare, reason = COMPARISONS[name]
            rule = FieldSpec.model_fields[name].alias or name
            yield broken(compare(values, scalar), rule, f"{reason} {limit}")
        if self._allowed is not None:
            outside = pc.and_(pc.is_valid(values), pc.invert(pc.is_in(values, value_set=self._allowed)))
            yield broken(outside, "enum", "is none of " + ", ".join(str(v) for v in self._allowed.to_pylist()))

    @staticmethod
    def _quoting(texts: pa.StringArray, reason: Callable[[int], str]) -> Callable[[int], str]:
        def quoted(row: int) -> str:
            text = texts[row].as_py()
            return f"{text if len(text) <= SHOWN else text[:SHOWN] + '…'!r} {reason(row)}"

        return quoted


def bound(field: FieldSpec, name: str, limit: Bound) -> pa.Scalar:
    """The limit that one of COMPARISONS holds values against, as a scalar that Arrow compares with the field's.

    Of a whole or decimal number, it is the nearest one on the right side of the limit that has the field's scale, and
    not far beyond its range: Arrow cannot compare decimals that have more than 38 digits together.
    """
    arrow = kind(field).arrow
    if pa.types.is_temporal(arrow):
        return pa.scalar(named(field, limit), arrow)
    if pa.types.is_string(arrow):
        return pa.scalar(str(limit))
    if pa.types.is_floating(arrow):
        return pa.scalar(float(limit))
    precision, scale = (19, 0) if pa.types.is_integer(arrow) else (arrow.precision, arrow.scale)
    beyond = Decimal(10) ** (precision - scale)
    with localcontext(prec=precision + scale + 1, rounding=ROUNDING[name]):
        number = min(max(Decimal(limit), -beyond), beyond).quantize(Decimal(1).scaleb(-scale))
    if pa.types.is_integer(arrow) and -(1 << 63) <= number < 1 << 63:
        return pa.scalar(int(number))
    fits = pa.types.is_decimal(arrow) and abs(number) < beyond
    return pa.scalar(number, arrow if fits else pa.decimal256(precision + 1, scale))


def named(field: FieldSpec, value: Bound | bool) -> object:
    """A value that the contract names, written as in the file or, for a date or time, in ISO 8601.

    Raises ValueError when it is no value of the field's type.
    """
    text = str(value).lower() if isinstance(value, bool) else f"{value:f}" if isinstance(value, Decimal) else value
    read = kind(field).read
    if read is None:
        return text
    try:
        return read(text)
    except ValueError as error:
        if field.format:
            return named(field.model_copy(update={"format": None}), text)
        raise ValueError(f"{field.name}: {text!r} {error}") from error


def pattern(expression: str) -> Callable[[pa.StringArray], pa.BooleanArray]:
    """Search for a regular expression in each text, as JSON Schema's `pattern` does.

    Arrow's RE2 runs it when it can; what RE2 leaves out (lookaround, backreferences) runs once per distinct text.
    """
    try:
        pc.match_substring_regex(pa.array([""]), expression)
    except pa.ArrowInvalid:
        compiled = re.compile(expression, re.ASCII)

        def search(texts: pa.StringArray) -> pa.BooleanArray:
            distinct = texts.dictionary_encode()
            found = [bool(compiled.search(text)) for text in distinct.dictionary.to_pylist()]
            return pa.array(found, pa.bool_()).take(distinct.indices)

        return search
    return lambda texts: pc.match_substring_regex(texts, expression)


def _longer_escaped(texts: pa.StringArray, room: int) -> pa.BooleanArray:
    """Which texts have more bytes than there is room for when they are escaped as in a key, each byte as three."""
    bytes_ = pc.binary_length(texts)
    if 3 * (pc.max(bytes_).as_py() or 0) <= room:
        return pc.greater(bytes_, room)
    distinct = texts.dictionary_encode()
    longer = [len(quote(text, safe="")) > room for text in distinct.dictionary.to_pylist()]
    return pa.array(longer, pa.bool_()).take(distinct.indices)


def _by_line(rows: Iterable[BadRow]) -> list[BadRow]:
    return sorted(rows, key=lambda row: row.line)


def _bad_rows(
    refused: pa.BooleanArray, violations: list[Violation], place: Callable[[int], tuple[int, str]]
) -> Iterator[BadRow]:
    for row in pc.indices_nonzero(refused).to_pylist():
        line, raw = place(row)
        problems = (Problem(v.field, v.rule, v.reason(row)) for v in violations if v.where[row].as_py())
        yield BadRow(line, raw, tuple(problems))
