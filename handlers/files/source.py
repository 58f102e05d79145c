"""A delivered file: where it is, what it says as UTF-8, and whether it can be read at all.

A file is read twice. The first pass hashes it, because everything that is written carries the hash of the content in
its name, and finds what refuses a file as a whole before anything is written. Neither pass holds more than some chunks.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import chain, zip_longest
from typing import Any, Literal

from handlers.aws import client
from handlers.contracts.spec import Contract, FileFormat
from handlers.files.rows import header
from handlers.files.split import LINE_END

CHUNK = 1 << 20  # bytes; enough that the cost per block vanishes, and a block of nothing but bad rows stays small
LINE_LIMIT = 1 << 20  # bytes of UTF-8 in one line; a longer one is no row of a table
BYTE_ORDER_MARK = "\ufeff"
NAMES, LETTERS = 20, 60  # how much of a header a refusal repeats

# How packed files begin: RFC 1952, PKWARE's APPNOTE, the format descriptions of xz and zstd (RFC 8878). No text does.
PACKED = {b"\x1f\x8b": "gzip", b"PK\x03\x04": "zip", b"\xfd7zXZ\x00": "xz", b"\x28\xb5\x2f\xfd": "zstd"}


@dataclass(frozen=True)
class Delivery:
    """An object as it was delivered; `version_id` is None in a bucket without versions, where `etag` stands for it."""

    bucket: str
    key: str
    version_id: str | None = None
    etag: str | None = None

    def pinned(self) -> Delivery:
        """The same object in one state: it reads the same each time, or fails when it was replaced in between."""
        if self.version_id:
            return self
        return replace(self, etag=client("s3").head_object(Bucket=self.bucket, Key=self.key)["ETag"])

    def body(self) -> Any:
        """The object's content as boto3 streams it. Raises botocore's ClientError when it is not there, not any more
        or may not be read."""
        states = {"VersionId": self.version_id, "IfMatch": self.etag}
        state = {name: value for name, value in states.items() if value}
        return client("s3").get_object(Bucket=self.bucket, Key=self.key, **state)["Body"]

    def chunks(self) -> Iterator[bytes]:
        yield from self.body().iter_chunks(CHUNK)


@dataclass(frozen=True)
class Refusal:
    """Why nothing of a file can be used."""

    rule: Literal["empty", "packed", "encoding", "header", "lineLength"]
    reason: str


@dataclass(frozen=True)
class Survey:
    """The first pass over a file: the hash of its content (hexadecimal), its size, and what refuses it, if anything."""

    sha256: str
    bytes: int
    refusal: Refusal | None


def survey(chunks: Iterable[bytes], contract: Contract) -> Survey:
    """Read a whole file for its hash and for what refuses it."""
    digest, size = sha256(), 0

    def hashed() -> Iterator[bytes]:
        nonlocal size
        for chunk in chunks:
            digest.update(chunk)
            size += len(chunk)
            yield chunk

    raw = hashed()
    refusal = _refusal(raw, contract)
    for _ in raw:  # the hash is of the whole content, also when a refusal came early
        pass
    return Survey(digest.hexdigest(), size, refusal)


def records(chunks: Iterable[bytes], contract: Contract) -> tuple[Iterator[bytes], int]:
    """The text after the header as UTF-8 chunks, and the number of its first line."""
    text = utf8(chunks, contract.file)
    if not contract.file.header:
        return text, 1
    return peel(text)[1], 2


def utf8(chunks: Iterable[bytes], file: FileFormat) -> Iterator[bytes]:
    """Decode strictly and encode as UTF-8, without a byte order mark.

    A character that the end of the file cuts in two becomes U+FFFD where a last line without end is refused by itself.
    Raises UnicodeDecodeError with `start` counted from the file's beginning, or another UnicodeError without a place.
    """
    decoder = codecs.getincrementaldecoder(file.encoding)("strict")
    read, mark = 0, BYTE_ORDER_MARK
    for chunk in chunks:
        pending = len(decoder.getstate()[0])
        try:
            text = decoder.decode(chunk)
        except UnicodeDecodeError as error:
            error.start += read - pending
            raise
        read += len(chunk)
        if text:
            if text := text.removeprefix(mark):
                yield text.encode()
            mark = ""
    if file.final_line_end == "required":
        decoder.errors = "replace"
    pending = len(decoder.getstate()[0])
    try:
        text = decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        error.start += read - pending
        raise
    if text:
        yield text.encode()


def peel(chunks: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """Split off the first line, without its end."""
    start = b""
    for chunk in chunks:
        start += chunk
        if found := LINE_END.search(start):
            return start[: found.start()], chain([start[found.end() :]], chunks)
        if len(start) > LINE_LIMIT:
            break
    return start.rstrip(b"\r"), chunks


def _refusal(raw: Iterator[bytes], contract: Contract) -> Refusal | None:
    start = next(raw, b"")
    if packing := next((name for signature, name in PACKED.items() if start.startswith(signature)), None):
        return Refusal("packed", f"is packed with {packing}; expected plain text")
    try:
        return _shape(utf8(chain([start], raw), contract.file), contract)
    except UnicodeDecodeError as error:
        said = f"byte {error.start} {error.reason}"
    except UnicodeError as error:  # UTF-16 without its mark, or half of a surrogate pair
        said = str(error)
    return Refusal("encoding", f"is not {contract.file.encoding}: {said}")


def _shape(text: Iterator[bytes], contract: Contract) -> Refusal | None:
    start = next(text, b"")
    if not start:
        return Refusal("empty", "is empty")
    first, rest = peel(chain([start], text))
    if contract.file.header and (refusal := _wrong_header(first.decode(), contract)):
        return refusal
    return _long_line(chain([first + b"\n"], rest))


def _wrong_header(line: str, contract: Contract) -> Refusal | None:
    expected = [field.source for field in contract.fields]
    found = header(line, contract.file)
    if found == expected:
        return None
    pairs = enumerate(zip_longest(found, expected), 1)
    column, name, other = next((column, name, other) for column, (name, other) in pairs if name != other)
    return Refusal(
        "header",
        f"has the columns {_listed(found)}; expected {_listed(expected)}; "
        f"column {column} is {_shown(name)}, expected {_shown(other)}",
    )


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - NAMES:,} more" if len(names) > NAMES else ""
    return (", ".join(_shown(name) for name in names[:NAMES]) or "none") + more


def _shown(name: str | None) -> str:
    return "nothing" if name is None else repr(name[:LETTERS])


def _long_line(text: Iterator[bytes]) -> Refusal | None:
    """Find a line that is longer than the limit, looking only where one would have had to end."""
    open_bytes = 0  # of the line that the chunks so far leave open
    for chunk in text:
        at = -open_bytes
        while at + LINE_LIMIT < len(chunk):
            end = _last_end(chunk, max(at, 0), max(at + LINE_LIMIT + 1, 0))
            if end < 0:
                return Refusal("lineLength", f"has a line of more than {LINE_LIMIT} bytes")
            at = end + 1
        end = _last_end(chunk, 0, len(chunk))
        open_bytes = len(chunk) - end - 1 if end >= 0 else open_bytes + len(chunk)
    return None


def _last_end(chunk: bytes, start: int, stop: int) -> int:
    return max(chunk.rfind(b"\n", start, stop), chunk.rfind(b"\r", start, stop))
