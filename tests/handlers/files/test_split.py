"""Records and line numbers do not depend on where the chunks end, and agree with Python's csv module."""

import csv
import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.contracts.spec import Contract
from handlers.contracts.validate import BadRow
from handlers.files.rows import header, read
from handlers.files.source import peel
from handlers.files.split import RECORD_LIMIT, UNCLOSED, block_of, blocks

TWO = [{"name": name, "source": name, "type": "string"} for name in ("a", "b")]
VALUES = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_characters='\r\n",'), max_size=5),
    st.sampled_from(
        ['"x"', '"a,b"', '"say ""hi"""', '"two\nlines"', '"two\r\nlines"', '""', 'in"side', '"', "\t", "\0", "\ufeff"]
    ),
)
LINES = re.compile(r"\r\n|\n|\r")
ENDS = st.sampled_from(["\n", "\r\n", "\r"])


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


def rows_of(contract: Contract, data: bytes, size: int) -> tuple[list[tuple[Any, ...]], list[BadRow], list[int]]:
    rows, bad, lines = [], [], []
    for block in blocks(pieces(data, size), 1, contract.file):
        found = read(block, contract)
        rows += list(zip(*(column.to_pylist() for column in found.columns), strict=True))
        lines += [found.place(index)[0] for index in range(len(found.columns[0]))]
        bad += sorted(found.unreadable, key=lambda row: row.line)
    return rows, bad, lines


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(st.lists(VALUES, min_size=1, max_size=3), ENDS), max_size=8),
    st.integers(1, 12),
)
def test_chunks_make_no_difference(contract: Any, records: list[tuple[list[str], str]], size: int) -> None:
    data = "".join(",".join(values) + end for values, end in records).encode()
    two = contract(fields=TWO, file={}, partitions=[])
    assert rows_of(two, data, size) == rows_of(two, data, 1 << 20)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(VALUES.filter(lambda value: value != '"'), VALUES.filter(lambda value: value != '"'))))
def test_agrees_with_the_csv_module(contract: Any, records: list[tuple[str, str]]) -> None:
    text = "".join(f"{a},{b}\n" for a, b in records)
    rows, bad, lines = rows_of(contract(fields=TWO, file={}, partitions=[]), text.encode(), 7)
    reader = csv.reader(io.StringIO(text, newline=""))
    expected, starts = [], []
    for row in reader:
        expected.append(tuple(row))
        starts.append(reader.line_num)
    assert rows == expected
    assert bad == []
    firsts = [end - sum(value.count("\n") for value in row) for row, end in zip(expected, starts, strict=True)]
    assert lines == firsts


PIECES = [
    "a",
    ",",
    '"',
    '""',
    '"x"',
    ',"',
    '",',
    "\n",
    "\r",
    "\r\n",
    "\0",
    "é",
    "\t",
    " ",
    "\v",
    "\x1c",
    "\u2028",
    "\ufeff",
]
FORMATS: list[dict[str, Any]] = [
    {},
    {"quote": None},
    {"delimiter": "\t"},
    {"delimiter": " "},
    {"finalLineEnd": "required"},
]


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join), st.sampled_from(FORMATS), st.integers(1, 9))
def test_every_line_becomes_a_row_or_is_unreadable(contract: Any, text: str, file: dict[str, Any], size: int) -> None:
    two = contract(fields=TWO, file=file, partitions=[])
    found: list[tuple[int, str]] = []
    for block in blocks(pieces(text.encode(), size), 1, two.file):
        rows = read(block, two)
        found += [rows.place(index) for index in range(len(rows.columns[0]))]
        found += [(row.line, row.raw) for row in rows.unreadable]
    lines = LINES.split(text)
    assert "".join("".join(LINES.split(raw)) for _, raw in sorted(found)) == "".join(lines)
    assert [LINES.split(raw)[0] for _, raw in found] == [lines[number - 1] for number, _ in found]


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_lines_separated_by_blanks(contract: Any, size: int) -> None:
    data = b' 1  "x \r\n\r\n2\ty\n3\r\n  \n4 5 6\r\n z w'
    blanks = contract(fields=TWO, partitions=[], file={"whitespace": True, "finalLineEnd": "required"})
    rows, bad, lines = rows_of(blanks, data, size)
    assert rows == [("1", '"x'), ("2", "y")]
    assert lines == [1, 3]
    assert [(row.line, row.raw, row.problems[0].reason) for row in bad] == [
        (4, "3", "expected 2 values, found 1"),
        (6, "4 5 6", "expected 2 values, found 3"),
        (7, " z w", "the last line has no line end, so it was cut off"),
    ]


@pytest.mark.parametrize("size", [1, 3, 1000])
@pytest.mark.parametrize("last", ["c,d", 'c,"d\n"', "c,d\r", "c,d\r\n"])
@pytest.mark.parametrize("quote", ['"', None])
def test_a_last_line_may_do_without_its_end(contract: Any, size: int, last: str, quote: str | None) -> None:
    two = contract(fields=TWO, file={"quote": quote}, partitions=[])
    data = f"a,b\r\n{last}".encode()
    rows, bad, lines = rows_of(two, data, size)
    assert (rows, bad, lines) == rows_of(two, data + b"\n", size)
    assert rows[0] == ("a", "b")


def test_a_last_value_that_is_not_closed_is_no_value(contract: Any) -> None:
    rows, bad, _ = rows_of(contract(fields=TWO, file={}, partitions=[]), b'a,b\nc,"d', 3)
    assert rows == [("a", "b")]
    assert [(row.line, row.raw, row.problems[0].reason) for row in bad] == [(2, 'c,"d', UNCLOSED)]


def test_a_quote_that_is_never_closed_spoils_only_its_line(contract: Any) -> None:
    two = contract(fields=TWO, file={}, partitions=[])
    long = b"1,2\n" + b'3,"open\n' + b"5,6\n" * (RECORD_LIMIT // 4 + 1)
    rows, bad, lines = rows_of(two, long, 1 << 16)
    assert [(row.line, row.raw) for row in bad] == [(2, '3,"open')]
    assert len(rows) == RECORD_LIMIT // 4 + 2
    assert lines[:2] == [1, 3]


def test_records_with_numbers_of_their_own(contract: Any) -> None:
    block = block_of([(9, 'a,"b\nc"'), (3, "d,e"), (4, "f,g\nh,i"), (5, 'j,"k'), (6, "")], ",", '"')
    found = read(block, contract(fields=TWO, file={}, partitions=[]))
    assert [column.to_pylist() for column in found.columns] == [["a", "d"], ["b\nc", "e"]]
    assert [found.place(index) for index in (0, 1)] == [(9, 'a,"b\nc"'), (3, "d,e")]
    assert [row.line for row in found.unreadable] == [4, 5, 6]


def test_header_names(contract: Any) -> None:
    assert header('"a, b" , c', contract(file={}).file) == ["a, b", "c"]
    assert header(" a\tb ", contract().file) == ["a", "b"]
    assert header("x" * 200_000, contract(file={}).file) == ["x" * 200_000]
    assert header("a|b", contract(file={"delimiter": "|", "quote": None}).file) == ["a", "b"]


@pytest.mark.parametrize("data", [b"head\r\nrest\n", b"head\nrest\n", b"head\rrest\n"])
@pytest.mark.parametrize("size", [1, 5, 100])
def test_the_first_line_is_split_off(data: bytes, size: int) -> None:
    first, rest = peel(pieces(data, size))
    assert (first, b"".join(rest)) == (b"head", b"rest\n")
