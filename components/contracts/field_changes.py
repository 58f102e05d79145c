"""What changed about one column."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from components.contracts.change import CONSUMER, PRODUCER, Change
from components.contracts.table import Field
from components.contracts.types import ColumnType

_LOOSER = "values that readers were promised not to see can appear"
_TIGHTER = "rows that were accepted are refused"

_FLAGS = (("required", "a null"), ("unique", "a repeated value"))


def field_changes(path: str, old: Field, new: Field) -> Iterator[Change]:
    """Every change of the column at `path`, from what it is to what it is allowed to hold."""
    yield from _type(path, old.type, new.type, new)
    if old.type.value == new.type.value and (old.format, old.timezone) != (new.format, new.timezone):
        reason = "the texts of delivered files are read differently"
        yield Change("format_changed", path, reason, (PRODUCER,), old.format, new.format, new.at)
    if old.source != new.source:
        reason = "delivered files name the column"
        yield Change("source_renamed", path, reason, (PRODUCER,), old.source, new.source, new.at)
    for flag, example in _FLAGS:
        before, after = getattr(old, flag), getattr(new, flag)
        if after and not before:
            yield Change(f"{flag}_added", path, f"rows with {example} are refused", (PRODUCER,), before, after, new.at)
        elif before and not after:
            yield Change(f"{flag}_removed", path, f"readers can meet {example}", (CONSUMER,), before, after, new.at)
    yield from _enum(path, old, new)
    yield from _pattern(path, old, new)
    yield from _limit(f"{path}.minLength", _shortest(old), _shortest(new), new, upwards=True)
    yield from _limit(f"{path}.maxLength", _longest(old), _longest(new), new, upwards=False)
    if old.type.value == new.type.value or (old.type.numeric and new.type.numeric):
        yield from _limit(f"{path}.minimum", _lowest(old), _lowest(new), new, upwards=True)
        yield from _limit(f"{path}.maximum", _highest(old), _highest(new), new, upwards=False)
    if old.multiple_of != new.multiple_of:
        values = (old.multiple_of, new.multiple_of)
        yield Change(
            "multiple_changed", path, "the steps between values are others", (CONSUMER, PRODUCER), *values, new.at
        )
    yield from _classification(path, old, new)


def _type(path: str, old: ColumnType, new: ColumnType, field: Field) -> Iterator[Change]:
    if old == new:
        return
    if _holds(new, old):
        reason = "every value fits, and query engines read published files by the wider type"
        yield Change("type_widened", path, reason, (), str(old), str(new), field.at)
    elif _holds(old, new):
        reason = "values that were published do not fit any more"
        yield Change("type_narrowed", path, reason, (CONSUMER, PRODUCER), str(old), str(new), field.at)
    else:
        reason = "neither queries nor files of one type are valid for the other"
        yield Change("type_changed", path, reason, (CONSUMER, PRODUCER), str(old), str(new), field.at)


def _holds(wide: ColumnType, narrow: ColumnType) -> bool:
    """Whether `wide` reads what was written as `narrow` (Athena user guide, "Handle schema updates": integers to wider
    integers; a decimal of equal scale; a struct by fields at its end)."""
    if {narrow.value, wide.value} <= {"int32", "int64"}:
        return wide.range[0] <= narrow.range[0] and narrow.range[1] <= wide.range[1]
    if narrow.value == wide.value == "decimal":
        return narrow.scale == wide.scale and (narrow.precision or 0) <= (wide.precision or 0)
    return narrow.glue.startswith("struct<") and wide.glue.startswith(narrow.glue.removesuffix(">") + ",")


def _enum(path: str, old: Field, new: Field) -> Iterator[Change]:
    if old.enum == new.enum:
        return
    gone = old.enum is None or (new.enum is not None and bool(set(old.enum) - set(new.enum)))
    come = new.enum is None or (old.enum is not None and bool(set(new.enum) - set(old.enum)))
    if gone and new.enum is not None:
        yield Change("enum_narrowed", path, _TIGHTER, (PRODUCER,), _listed(old.enum), _listed(new.enum), new.at)
    if come and old.enum is not None:
        yield Change("enum_widened", path, _LOOSER, (CONSUMER,), _listed(old.enum), _listed(new.enum), new.at)


def _listed(values: tuple[Any, ...] | None) -> str | None:
    return None if values is None else ", ".join(map(str, values))


def _pattern(path: str, old: Field, new: Field) -> Iterator[Change]:
    if old.pattern == new.pattern:
        return
    values = (old.pattern, new.pattern)
    if old.pattern is None:
        yield Change("pattern_added", path, _TIGHTER, (PRODUCER,), *values, new.at)
    elif new.pattern is None:
        yield Change("pattern_removed", path, _LOOSER, (CONSUMER,), *values, new.at)
    else:
        reason = "whether the new pattern takes more or fewer texts cannot be told, so it may do both"
        yield Change("pattern_changed", path, reason, (CONSUMER, PRODUCER), *values, new.at)


_Bound = tuple[Any, int] | None
"""A value and where the bound is: on it (0), just above it (1) or just below (-1). Such pairs compare as bounds do."""


def _lowest(field: Field) -> _Bound:
    bounds = [(field.minimum, 0), (field.exclusive_minimum, 1)]
    return max((each for each in bounds if each[0] is not None), default=None)


def _highest(field: Field) -> _Bound:
    bounds = [(field.maximum, 0), (field.exclusive_maximum, -1)]
    return min((each for each in bounds if each[0] is not None), default=None)


def _shortest(field: Field) -> _Bound:
    return (field.min_length, 0) if field.min_length else None


def _longest(field: Field) -> _Bound:
    return None if field.max_length is None else (field.max_length, 0)


def _limit(path: str, old: _Bound, new: _Bound, field: Field, *, upwards: bool) -> Iterator[Change]:
    """The change of a bound that gets tighter upwards, as minima do, or downwards."""
    if old == new:
        return
    values = (_bound(old), _bound(new))
    if old is None or (new is not None and (new > old) is upwards):
        yield Change("limit_narrowed", path, _TIGHTER, (PRODUCER,), *values, field.at)
    else:
        yield Change("limit_widened", path, _LOOSER, (CONSUMER,), *values, field.at)


def _bound(bound: _Bound) -> str | None:
    return bound and f"{bound[0]}{' exclusive' if bound[1] else ''}"


def _classification(path: str, old: Field, new: Field) -> Iterator[Change]:
    before, after = old.classification, new.classification
    if before is after:
        return
    if before is None or after is None:
        kind = "classification_stated" if after else "classification_unstated"
        reason = "a column without a classification has its product's"
        yield Change(kind, path, reason, (), before, after, new.at)
    elif after > before:
        reason = "readers who were granted the lower classification lose the column"
        yield Change("classification_raised", path, reason, (CONSUMER,), str(before), str(after), new.at)
    else:
        reason = "nobody loses access; whoever owns the data has to agree that more people see it"
        yield Change("classification_lowered", path, reason, (), str(before), str(after), new.at)
