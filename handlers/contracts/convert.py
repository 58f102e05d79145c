"""From columns of text to columns of a field's kind.

Most values have their kind's ordinary shape, which Arrow's casts read as the kind does. Those are converted a column at
a time, and only the others go through the kind's exact reading, once per distinct text. A column of numbers that Arrow
can read at all is known to be ordinary from the letters that are not in it. The texts arrive without surrounding
blanks.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from handlers.contracts.kinds import Kind
from handlers.contracts.moments import Read


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
