"""From chunks of text to blocks of whole records with the numbers of their lines.

A line ends with LF, CRLF or CR. Where there are quotes (RFC 4180), a record may span lines, so the text is scanned
record by record; a quote only opens a value as its first character, as in Arrow's parser, which reads the blocks.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from handlers.contracts.validate import STRUCTURE, BadRow, Problem

RECORD_LIMIT = 1 << 20  # bytes that one record may have; a quote that is never closed must not swallow the file


@dataclass(frozen=True)
class Block:
    """Whole records in UTF-8, each with its line end, in a file's order.

    `starts` and `lines` are the offset and first line number of each record. Without them each line is one record,
    lines end with LF, and the first has the number `line`. `unreadable` lines are not in `data`.
    """

    data: bytes
    line: int
    starts: array[int] | None = None
    lines: array[int] | None = None
    unreadable: tuple[BadRow, ...] = ()


def blocks(chunks: Iterable[bytes], first_line: int, delimiter: str, quote: str | None) -> Iterator[Block]:
    """Cut UTF-8 chunks into blocks. `first_line` is the number of the first line; `quote` None means no quoting.

    The last line is unreadable when it has no end: a transfer may have been cut in the middle of its last value.
    """
    scanner = Scanner(delimiter, quote) if quote else None
    line, rest = first_line, b""
    for chunk, last in _marking_last(chunks):
        data = rest + chunk
        if last and data.endswith(b"\r"):
            data += b"\n"
        if scanner and scanner.quotes(data):
            block, end, line = scanner.scan(data, line, last)
        else:
            end = _last_line_end(data)
            block, line = _lines(_with_line_feeds(data[:end]), line, scanner)
        rest = data[end:]
        yield block
    if rest:
        yield Block(
            b"", line, unreadable=(_unreadable(line, rest, "the last line has no line end, so it may be cut off"),)
        )


def block_of(records: Iterable[tuple[int, str]], delimiter: str, quote: str | None) -> Block:
    """A block of records that come with their line numbers; a text that is not exactly one record is unreadable."""
    scanner = Scanner(delimiter, quote) if quote else None
    index, data = _Index(0), bytearray()
    for line, text in records:
        record = text.encode() + b"\n"
        if _is_one_record(record, scanner):
            index.starts.append(len(data))
            index.lines.append(line)
            data += record
        else:
            index.unreadable.append(_unreadable(line, record, "is not one record"))
    return Block(bytes(data), 0, index.starts, index.lines, tuple(index.unreadable))


def _is_one_record(record: bytes, scanner: Scanner | None) -> bool:
    if scanner:
        return not record.isspace() and scanner.matches(record)
    return record.count(b"\n") == 1 and b"\r" not in record and not record.isspace()


def _lines(data: bytes, line: int, scanner: Scanner | None) -> tuple[Block, int]:
    """A block of text without quotes: each line is a record, but for blank ones, which RFC 4180 does not know."""
    if scanner and (data.startswith(b"\n") or b"\n\n" in data):
        block, _, line = scanner.scan(data, line, True)
        return block, line
    return Block(data, line), line + data.count(b"\n")


def lines(block: Block) -> list[str]:
    """The texts of a block's lines, when each is one record."""
    return block.data.decode().split("\n")[:-1]


def _marking_last(chunks: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    iterator = iter(chunks)
    previous = next(iterator, b"")
    for chunk in iterator:
        yield previous, False
        previous = chunk
    yield previous, True


def _last_line_end(data: bytes) -> int:
    """The offset after the last line end; a CR at the very end may be half of a CRLF, so it does not count."""
    return max(data.rfind(b"\n"), data.rfind(b"\r", 0, len(data) - 1)) + 1


def _with_line_feeds(data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in data else data


def _unreadable(line: int, raw: bytes, reason: str) -> BadRow:
    return BadRow(line, raw.rstrip(b"\r\n").decode(), (Problem(None, STRUCTURE, reason),))


@dataclass
class _Index:
    """What a scan has found so far."""

    line: int
    starts: array[int] = field(default_factory=lambda: array("q"))
    ends: array[int] = field(default_factory=lambda: array("q"))
    lines: array[int] = field(default_factory=lambda: array("q"))
    unreadable: list[BadRow] = field(default_factory=list)


class Scanner:
    """Finds the records of text with quotes or blank lines."""

    def __init__(self, delimiter: str, quote: str) -> None:
        d, q = re.escape(delimiter), re.escape(quote)
        end = r"(?:\r\n|\n|\r(?=[^\n]))"
        value = rf"(?:{q}[^{q}]*+(?:{q}{q}[^{q}]*+)*+{q}[^{d}\r\n]*+|(?!{q})[^{d}\r\n]*+)"
        self._record = re.compile(rf"(?:[^{q}\r\n]*+|{value}(?:{d}{value})*+){end}".encode())
        self._line_end = re.compile(end.encode())
        self._quote = quote.encode()

    def quotes(self, data: bytes) -> bool:
        return self._quote in data

    def matches(self, record: bytes) -> bool:
        return self._record.fullmatch(record) is not None

    def scan(self, data: bytes, line: int, last: bool) -> tuple[Block, int, int]:
        """Index the whole records of `data`; return them, the offset after them, and the number of the next line."""
        index, at = _Index(line), 0
        while at < len(data):
            if found := self._record.match(data, at):
                self._add(index, data, at, found.end())
                at = found.end()
            elif (last or len(data) - at > RECORD_LIMIT) and (cut := self._line_end.search(data, at)):
                index.unreadable.append(_unreadable(index.line, data[at : cut.end()], "a quoted value is not closed"))
                index.line += 1
                at = cut.end()
            else:
                break
        return _block(index, data, line), at, index.line

    @staticmethod
    def _add(index: _Index, data: bytes, start: int, end: int) -> None:
        if data[start] not in b"\r\n":
            index.starts.append(start)
            index.ends.append(end)
            index.lines.append(index.line)
        index.line += _line_ends(data, start, end)


def _line_ends(data: bytes, start: int, end: int) -> int:
    if feeds := data.count(b"\n", start, end):
        return feeds + data.count(b"\r", start, end) - data.count(b"\r\n", start, end)
    return data.count(b"\r", start, end)


def _block(index: _Index, data: bytes, line: int) -> Block:
    records = [data[start:end] for start, end in zip(index.starts, index.ends, strict=True)]
    starts, offset = array("q"), 0
    for record in records:
        starts.append(offset)
        offset += len(record)
    return Block(b"".join(records), line, starts, index.lines, tuple(index.unreadable))
