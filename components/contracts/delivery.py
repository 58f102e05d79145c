"""How a product's files arrive, from the custom properties of its ODPS input port.

ODPS leaves the technology of a port to its custom properties (ODPS product-information.md, "Input Ports"). The ones
that the platform reads: connector, format, delimiter, whitespace, header, encoding, quote, nullValues and finalLineEnd.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from components.contracts.change import PRODUCER, Change
from components.contracts.custom import Settings, warn_of_misspelt
from components.contracts.diagnostics import Findings

FILE_CONNECTORS = ("sftp",)
FORMATS = ("delimited",)
FINAL_LINE_ENDS = ("optional", "required")


@dataclass(frozen=True, kw_only=True)
class FileFormat:
    """A text file of one row a line."""

    format: str = "delimited"
    delimiter: str = ","
    whitespace: bool = False
    """True: columns are separated by runs of blanks, and leading blanks mean nothing; `delimiter` is unused."""
    header: bool = True
    """Whether the first line names the columns."""
    encoding: str = "utf-8"
    quote: str = '"'
    """The character around texts that hold the delimiter; empty when there is none."""
    null_values: tuple[str, ...] = ("",)
    """The texts that mean "no value"."""
    final_line_end: str = "optional"
    """Whether the last line may do without a line end, as RFC 4180 (2.2) allows; where one is required, a last line
    without it was cut off in transfer."""

    def as_json(self) -> dict[str, Any]:
        values = asdict(self)
        values["nullValues"] = list(values.pop("null_values"))
        values["finalLineEnd"] = values.pop("final_line_end")
        return {**values, "quote": self.quote or None}


_EXPECTED = {
    "format": "one of " + ", ".join(FORMATS),
    "delimiter": "one ASCII character that ends no line",
    "whitespace": "true or false",
    "header": "true or false",
    "encoding": "the name of a text encoding",
    "quote": "one ASCII character that ends no line, or nothing",
    "nullValues": "a list of texts",
    "finalLineEnd": "one of " + ", ".join(FINAL_LINE_ENDS),
}

_ATTRIBUTES = {"nullValues": "null_values", "finalLineEnd": "final_line_end"}


def file_format(settings: Settings, findings: Findings) -> FileFormat:
    """The format that a port's custom properties describe. A value of another shape is an error in `findings`, and the
    default stands in for it."""
    warn_of_misspelt(settings, ("connector", *_EXPECTED), findings)
    values: dict[str, Any] = {}
    for name, (value, at) in settings.items():
        if name not in _EXPECTED:
            continue
        if _fits(name, value):
            values[_ATTRIBUTES.get(name, name)] = tuple(value) if name == "nullValues" else value
        else:
            findings.error(at, f"expected {_EXPECTED[name]} as the file's {name}, found {value!r}")
    found = FileFormat(**values)
    if found.quote == found.delimiter and not found.whitespace:
        at = next(settings[name][1] for name in ("quote", "delimiter") if name in settings)
        findings.error(at, f"expected a delimiter and a quote that differ, both are {found.quote!r}")
    return found


def delivery_changes(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> Iterator[Change]:
    """What differs between two file formats, as `FileFormat.as_json` gives them; None where no files are taken.

    Partners deliver files as they were asked to, so everything breaks them but a demand that is dropped. A setting that
    only one of them has is one that an older release did not know.
    """
    if old is None:
        return
    if new is None:
        yield Change("files_refused", "file", "nothing takes the partners' files any more", (PRODUCER,), None, None)
        return
    for name in [each for each in old if each in new and old[each] != new[each]]:
        eased = (name, new[name]) == ("finalLineEnd", "optional")
        reason = "every file stays acceptable" if eased else "partners deliver files as they were asked to"
        breaks = () if eased else (PRODUCER,)
        yield Change("file_changed", f"file.{name}", reason, breaks, repr(old[name]), repr(new[name]))


def _fits(name: str, value: Any) -> bool:
    match name:
        case "format":
            return value in FORMATS
        case "finalLineEnd":
            return value in FINAL_LINE_ENDS
        case "delimiter":
            return isinstance(value, str) and _is_separator(value)
        case "quote":
            return isinstance(value, str) and (not value or _is_separator(value))
        case "whitespace" | "header":
            return isinstance(value, bool)
        case "nullValues":
            return isinstance(value, list) and all(isinstance(each, str) for each in value)
    return isinstance(value, str) and _is_encoding(value)


def _is_separator(text: str) -> bool:
    return len(text) == 1 and text.isascii() and text not in "\r\n"


def _is_encoding(name: str) -> bool:
    """Whether files can be read in an encoding as they arrive, piece by piece."""
    try:
        "".encode(name)  # refuses codecs that are not of texts
        codecs.getincrementaldecoder(name)("replace").decode(b"", final=True)
    except (LookupError, ValueError):
        return False
    return True
