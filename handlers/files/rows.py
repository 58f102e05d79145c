"""From a block of text to a batch of rows, one column of text per field."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Callable
from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv

from handlers.contracts.spec import Contract, FileFormat
from handlers.contracts.validate import STRUCTURE, BadRow, Problem, Rows
from handlers.files.split import Block, line_ends, scanner

Place = Callable[[int], tuple[int, str]]

BLANK_LINE = re.compile(rb"\A[\r\n]|\n[\r\n]|\r\r")


def read(block: Block, contract: Contract) -> Rows:
    """Read a block's records. One with another number of values than the contract has fields is unreadable."""
    width = len(contract.fields)
    rows = _blank_separated(block, width) if contract.file.whitespace else _delimited(block, width, contract.file)
    return Rows(rows.columns, rows.place, (*block.unreadable, *rows.unreadable))


def header(text: str, file: FileFormat) -> list[str]:
    """The column names in a header line, without blanks around them."""
    if file.whitespace:
        return text.split()
    names = csv.reader(
        [text],
        delimiter=file.delimiter,
        quotechar=file.quote,
        quoting=csv.QUOTE_MINIMAL if file.quote else csv.QUOTE_NONE,
    )
    try:
        return [name.strip() for name in next(names, [])]
    except csv.Error:  # csv.field_size_limit: a name of more than 128 KiB, which is no name
        return [text]


def _delimited(block: Block, width: int, file: FileFormat) -> Rows:
    table, wrong = _parse(block.data, width, file)
    if block.starts is None and not _lines_are_records(block.data, table, len(wrong)):
        block = scanner(file.delimiter, file.quoting).index(block)
        table, wrong = _parse(block.data, width, file)
        assert len(block.starts or ()) == table.num_rows + len(wrong), "Arrow and the scanner disagree on records"
    place = block.place()
    unreadable = tuple(_miscounted(*place(record), width, found) for record, found in wrong)
    columns = tuple(column.chunk(0) if column.num_chunks == 1 else column.combine_chunks() for column in table.columns)
    return Rows(columns, _skipping({record for record, _ in wrong}, place, table.num_rows), unreadable)


def _lines_are_records(data: bytes, table: pa.Table, wrong: int) -> bool:
    """Whether each line is a record: Arrow found as many as there are lines, and took no blank line for one."""
    if table.num_rows + wrong != line_ends(data):
        return False
    starting_empty = pc.any(pc.equal(table.column(0), "")).as_py()
    return not (starting_empty and BLANK_LINE.search(data))


def _parse(data: bytes, width: int, file: FileFormat) -> tuple[pa.Table, list[tuple[int, int]]]:
    """Read records with Arrow, all values as text; also the index and number of values of each that is left out."""
    wrong: list[tuple[int, int]] = []

    def skip(row: pcsv.InvalidRow) -> str:
        wrong.append((row.number - 1, row.actual_columns))  # the number is only known without threads
        return "skip"

    names = [str(index) for index in range(width)]
    if not data:
        return pa.table({name: pa.array([], pa.string()) for name in names}), []
    if data.startswith(codecs.BOM_UTF8):
        data = codecs.BOM_UTF8 + data  # Arrow takes one away, and here it is a letter of the first value
    table = pcsv.read_csv(
        pa.BufferReader(data),
        pcsv.ReadOptions(column_names=names, use_threads=False, block_size=len(data) + 1),
        pcsv.ParseOptions(
            delimiter=file.delimiter,
            quote_char=file.quote or False,
            newlines_in_values=True,
            ignore_empty_lines=False,
            invalid_row_handler=skip,
        ),
        pcsv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False, check_utf8=False
        ),
    )
    return table, wrong


def _blank_separated(block: Block, width: int) -> Rows:
    if not block.data:
        return Rows(tuple(pa.array([], pa.string()) for _ in range(width)), block.place())
    texts = pc.split_pattern(_one_text(block.data[:-1]), pattern="\n").flatten()
    values = pc.ascii_split_whitespace(pc.ascii_trim_whitespace(texts))
    counts = pc.list_value_length(values)
    place = block.place()
    if pc.all(pc.equal(counts, width)).as_py():
        return Rows(_columns(values, width), place)
    whole = pc.equal(counts, width)
    kept = pc.indices_nonzero(whole).to_pylist()
    blank = pc.equal(pc.binary_length(pc.ascii_trim_whitespace(texts)), 0)
    wrong = pc.indices_nonzero(pc.invert(pc.or_(whole, blank))).to_pylist()
    unreadable = tuple(_miscounted(*place(record), width, counts[record].as_py()) for record in wrong)
    return Rows(_columns(values.filter(whole), width), lambda row: place(kept[row]), unreadable)


def _one_text(data: bytes) -> pa.StringArray:
    """UTF-8 as an array of one text, without a copy."""
    ends = pa.array([0, len(data)], pa.int32()).buffers()[1]
    return pa.StringArray.from_buffers(1, ends, pa.py_buffer(data))


def _columns(values: pa.ListArray, width: int) -> tuple[pa.StringArray, ...]:
    return tuple(pc.list_element(values, index) for index in range(width))


def _miscounted(line: int, raw: str, expected: int, found: int) -> BadRow:
    return BadRow(line, raw, _miscount(expected, found))


@lru_cache(maxsize=256)
def _miscount(expected: int, found: int) -> tuple[Problem, ...]:
    """One object for all such rows: a file of nothing else has very many of them."""
    return (Problem(None, STRUCTURE, f"expected {expected} values, found {found}"),)


def _skipping(skipped: set[int], place: Place, count: int) -> Place:
    if not skipped:
        return place
    kept = [record for record in range(count + len(skipped)) if record not in skipped]
    return lambda row: place(kept[row])
