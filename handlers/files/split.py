"""From chunks of text to blocks of whole records, and where each record is.

A line ends with LF, CRLF or CR. Where there are quotes (RFC 4180), a record may span lines; a quote only opens a value
as its first character, as in Arrow's parser, which reads the blocks. One run of a regular expression finds where the
last whole record of a chunk ends. The records are found one by one only where they are not simply the lines.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache

from handlers.contracts.spec import FileFormat
from handlers.contracts.validate import STRUCTURE, BadRow, Problem

RECORD_LIMIT = 1 << 20  # bytes that one record may have; a quote that is never closed must not swallow the file
UNCLOSED = f"a quoted value is not closed within {RECORD_LIMIT} bytes"

LINE_END = re.compile(rb"\r\n|\n|\r(?=[^\n])")  # a CR that ends the text may be half of a CRLF


@dataclass(frozen=True)
class Block:
    """Whole records in UTF-8, each with its line end, in a file's order; `unreadable` lines are not among them.

    `line` is the number of the first line. `starts` and `lines` are the offset and first line number of each record. A
    block without them has not been searched; each of its lines may be a record.
    """

    data: bytes
    line: int
    starts: array[int] | None = None
    lines: array[int] | None = None
    unreadable: tuple[BadRow, ...] = ()

    def place(self) -> Callable[[int], tuple[int, str]]:
        """A function from a record's index to its line number and its text.

        Without an index each line is a record. They are only cut apart when there is a first one to show.
        """
        if self.starts is None or self.lines is None:
            cut: list[bytes] = []

            def plain(record: int) -> tuple[int, str]:
                if not cut:
                    cut.extend(LINE_END.split(self.data))
                return self.line + record, cut[record].decode().rstrip("\r\n")

            return plain
        starts, lines = self.starts, self.lines

        def indexed(record: int) -> tuple[int, str]:
            end = starts[record + 1] if record + 1 < len(starts) else len(self.data)
            return lines[record], self.data[starts[record] : end].decode().rstrip("\r\n")

        return indexed


def blocks(chunks: Iterable[bytes], first_line: int, file: FileFormat) -> Iterator[Block]:
    """Cut UTF-8 chunks into blocks. `first_line` is the number of the first line.

    The last line is unreadable when it has no end and the format requires one: then the transfer was cut, perhaps in
    the middle of its last value.
    """
    quote, complete = file.quoting, file.final_line_end == "optional"
    line, rest = first_line, b""
    for chunk, last in _marking_last(chunks):
        data = rest + chunk
        if last:
            data = _completed(data) if complete else _closed(data)
        if quote and quote.encode() in data:
            block, end = scanner(file.delimiter, quote).cut(data, line, last)
            line += line_ends(data[:end])
        else:
            end = _last_line_end(data)
            block = Block(_with_line_feeds(data[:end]), line)
            line += line_ends(block.data)
        rest = data[end:]
        yield block
    if rest:
        unended = _unreadable(line, rest, "the last line has no line end, so it was cut off")
        yield Block(b"", line, unreadable=(unended,))


def block_of(records: Iterable[tuple[int, str]], delimiter: str, quote: str | None) -> Block:
    """A block of records that come with their line numbers; a text that is not exactly one record is unreadable."""
    index, data = _Index(0), bytearray()
    for line, text in records:
        record = text.encode() + b"\n"
        if scanner(delimiter, quote).matches(record) if quote else _is_one_line(record):
            index.add(len(data), line)
            data += record
        else:
            index.unreadable.append(_unreadable(line, record, "is not one record"))
    return index.block(bytes(data))


def line_ends(data: bytes) -> int:
    """The number of lines that end in a text."""
    feeds = data.count(b"\n")
    return feeds + data.count(b"\r") - data.count(b"\r\n") if b"\r" in data else feeds


@cache
def scanner(delimiter: str, quote: str | None) -> Scanner:
    return Scanner(delimiter, quote)


class Scanner:
    """Finds records whose values may be quoted."""

    def __init__(self, delimiter: str, quote: str | None) -> None:
        d, q = re.escape(delimiter), re.escape(quote or "")
        # Whatever is repeated possessively is atomic: otherwise it matches wrongly before CPython 3.11.5 (gh-106052).
        end = f"(?>{LINE_END.pattern.decode()})"
        bare = rf"[^{d}\r\n]*+"
        value = rf"(?>{q}[^{q}]*+(?>{q}{q}[^{q}]*+)*+{q}{bare}|(?!{q}){bare})" if quote else bare
        record = rf"(?>[^{q}\r\n]*+{end}|{value}(?>{d}{value})*+{end})"
        self._record = re.compile(record.encode())
        self._records = re.compile(rf"{record}*+".encode())

    def cut(self, data: bytes, line: int, last: bool) -> tuple[Block, int]:
        """The whole records at the start of a text, and where they end.

        A line on which a quoted value begins that never ends, or not within the limit, is unreadable.
        """
        end = self._end(data)
        if end < _last_line_end(data) and (last or len(data) - end > RECORD_LIMIT):
            return self._salvage(data, line, last)
        return Block(data[:end], line), end

    def index(self, block: Block) -> Block:
        """The same block with its records found one by one, and without blank lines."""
        found, _ = self._salvage(_closed(block.data), block.line, False)
        return Block(found.data, found.line, found.starts, found.lines, block.unreadable)

    def matches(self, text: bytes) -> bool:
        """Whether a text is exactly one record."""
        return not text.isspace() and self._record.fullmatch(text) is not None

    def _end(self, data: bytes) -> int:
        found = self._records.match(data)
        return found.end() if found else 0

    def _salvage(self, data: bytes, line: int, last: bool) -> tuple[Block, int]:
        index, records, at, size = _Index(line), list[bytes](), 0, 0
        while at < len(data):
            if found := self._record.match(data, at):
                record = found.group()
                if record[0] not in b"\r\n":
                    index.add(size, line)
                    records.append(record)
                    size += len(record)
                line += line_ends(record)
                at = found.end()
            elif (last or len(data) - at > RECORD_LIMIT) and (cut := LINE_END.search(data, at)):
                index.unreadable.append(_unreadable(line, data[at : cut.end()], UNCLOSED))
                line += 1
                at = cut.end()
            else:
                break
        return index.block(b"".join(records)), at


@dataclass
class _Index:
    """Where records are, as far as they have been found."""

    line: int
    starts: array[int] = field(default_factory=lambda: array("q"))
    lines: array[int] = field(default_factory=lambda: array("q"))
    unreadable: list[BadRow] = field(default_factory=list)

    def add(self, start: int, line: int) -> None:
        self.starts.append(start)
        self.lines.append(line)

    def block(self, data: bytes) -> Block:
        return Block(data, self.line, self.starts, self.lines, tuple(self.unreadable))


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


def _closed(data: bytes) -> bytes:
    """A text to which nothing will be added: a CR at its end is no half of a CRLF any more."""
    return data + b"\n" if data.endswith(b"\r") else data


def _completed(data: bytes) -> bytes:
    """The same for a text whose last line may do without an end: it gets one."""
    return data + b"\n" if data and not data.endswith(b"\n") else data


def _with_line_feeds(data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in data else data


def _is_one_line(record: bytes) -> bool:
    return line_ends(record) == 1 and not record.isspace()


def _unreadable(line: int, raw: bytes, reason: str) -> BadRow:
    return BadRow(line, raw.rstrip(b"\r\n").decode(), (Problem(None, STRUCTURE, reason),))
