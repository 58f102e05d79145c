"""What refuses a file is found in one pass, whatever the chunks."""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import pytest

from handlers.files import source
from handlers.files.source import records, survey, utf8

LINE = b" 00001 19970101  1   11.77\n"
HEADER = b" customer_id  date number_of_cds  dollar_value\n"


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


@pytest.mark.parametrize("size", [1, 4, 1000])
def test_the_place_of_a_wrong_byte_is_counted_from_the_start(size: int) -> None:
    with pytest.raises(UnicodeDecodeError) as raised:
        list(utf8(pieces("année ".encode() * 5 + b"\xff", size), "utf-8"))
    assert raised.value.start == 35


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252", "latin-1"])
@pytest.mark.parametrize("size", [1, 3, 1000])
def test_text_is_decoded_across_chunks(encoding: str, size: int) -> None:
    assert b"".join(utf8(pieces("Zürich\nBern".encode(encoding), size), encoding)).decode() == "Zürich\nBern"


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
