"""What refuses a file is found in one pass, whatever the chunks."""

import gzip
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import pytest

from handlers.contracts.spec import FileFormat
from handlers.files import source
from handlers.files.source import records, survey, utf8

LINE = b" 00001 19970101  1   11.77\n"
HEADER = b" customer_id  date number_of_cds  dollar_value\n"


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


@pytest.mark.parametrize("size", [1, 4, 1000])
def test_the_place_of_a_wrong_byte_is_counted_from_the_start(size: int) -> None:
    with pytest.raises(UnicodeDecodeError) as raised:
        list(utf8(pieces("année ".encode() * 5 + b"\xff", size), FileFormat()))
    assert raised.value.start == 35


@pytest.mark.parametrize("size", [1, 4, 1000])
def test_a_character_that_the_end_cuts_in_two_spoils_the_file_unless_the_cut_is_known(size: int) -> None:
    data = "année".encode()[:4]
    with pytest.raises(UnicodeDecodeError) as raised:
        list(utf8(pieces(data, size), FileFormat()))
    assert (raised.value.start, raised.value.reason) == (3, "unexpected end of data")
    assert b"".join(utf8(pieces(data, size), FileFormat(final_line_end="required"))).decode() == "ann\ufffd"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252", "latin-1", "shift-jis"])
@pytest.mark.parametrize("size", [1, 3, 1000])
def test_text_is_decoded_across_chunks(encoding: str, size: int) -> None:
    text = "東京\n" if encoding == "shift-jis" else "Zürich\nBern"
    assert b"".join(utf8(pieces(text.encode(encoding), size), FileFormat(encoding=encoding))).decode() == text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
@pytest.mark.parametrize("size", [1, 3, 1000])
def test_a_byte_order_mark_is_no_text(encoding: str, size: int) -> None:
    data = "a\ufeff".encode(encoding) if encoding == "utf-16" else "\ufeffa\ufeff".encode(encoding.removesuffix("-sig"))
    assert b"".join(utf8(pieces(data, size), FileFormat(encoding=encoding))).decode() == "a\ufeff"


@pytest.mark.parametrize(
    ("data", "encoding", "rule", "reason"),
    [
        (b"a,b\n1,2\n", "utf-16", "encoding", "is not utf-16: "),
        (b"a,b\n+2AA-,2\n", "utf-7", "encoding", "is not utf-7: "),
        (gzip.compress(b"a,b\n1,2\n"), "utf-8", "packed", "is packed with gzip; expected plain text"),
        (b"PK\x03\x04\x14", "latin-1", "packed", "is packed with zip; expected plain text"),
        (b"x" * 200_000 + b",b\n", "utf-8", "header", f"has the columns {'x' * 60!r}"),
        (b"A,b\n", "utf-8", "header", "has the columns 'A', 'b'; expected 'a', 'b'; column 1 is 'A', expected 'a'"),
        (b"a,b,b\n", "utf-8", "header", "has the columns 'a', 'b', 'b'; expected 'a', 'b'; column 3 is 'b', expected"),
        (b"a\n", "utf-8", "header", "has the columns 'a'; expected 'a', 'b'; column 2 is nothing, expected 'b'"),
        (b"a\0,b\n", "utf-8", "header", "has the columns 'a\\x00', 'b'; "),
        (b"a," * 5_000 + b"b\n", "utf-8", "header", "has the columns " + "'a', " * 19 + "'a' and 4,981 more"),
    ],
)  # fmt: skip
def test_why_a_file_cannot_be_read(contract: Any, data: bytes, encoding: str, rule: str, reason: str) -> None:
    fields = [{"name": name, "source": name, "type": "string"} for name in ("a", "b")]
    refusal = survey([data], contract(fields=fields, partitions=[], file={"encoding": encoding})).refusal
    assert refusal
    assert (refusal.rule, refusal.reason[: len(reason)]) == (rule, reason)


@pytest.mark.parametrize("size", [1, 7, 1 << 20])
def test_the_whole_content_is_hashed_even_when_it_is_refused_early(contract: Any, size: int) -> None:
    data = b"wrong header\n" + LINE * 50
    found = survey(pieces(data, size), contract())
    assert (found.sha256, found.bytes) == (sha256(data).hexdigest(), len(data))
    assert found.refusal
    assert found.refusal.rule == "header"


@pytest.mark.parametrize("size", [5, 64, 1000])
@pytest.mark.parametrize(("length", "refused"), [(99, False), (100, False), (101, True), (500, True)])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_lines_have_a_limit(
    contract: Any, monkeypatch: pytest.MonkeyPatch, size: int, length: int, refused: bool, end: bytes
) -> None:
    monkeypatch.setattr(source, "LINE_LIMIT", 100)
    data = HEADER + LINE * 3 + b"x" * length + end + LINE * 3
    refusal = survey(pieces(data, size), contract()).refusal
    assert (refusal is not None and refusal.rule == "lineLength") is refused


def test_records_begin_after_the_header(contract: Any) -> None:
    text, first_line = records(pieces(b"\xef\xbb\xbf" + HEADER + LINE, 4), contract())
    assert (b"".join(text), first_line) == (LINE, 2)
    text, first_line = records(pieces(LINE, 4), contract(file={"header": False}))
    assert (b"".join(text), first_line) == (LINE, 1)
