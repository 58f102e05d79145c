"""How a product's files arrive, from the custom properties of its ODPS input port.

ODPS leaves the technology of a port to its custom properties (ODPS product-information.md, "Input Ports"). The ones
that the platform reads: connector, format, delimiter, whitespace, header, encoding, quote and nullValues.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from components.contracts.custom import Settings, warn_of_misspelt
from components.contracts.diagnostics import Findings

FILE_CONNECTORS = ("sftp",)
FORMATS = ("delimited",)


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

    def as_json(self) -> dict[str, Any]:
        values = asdict(self)
        values["nullValues"] = list(values.pop("null_values"))
        return values


_EXPECTED = {
    "format": "one of " + ", ".join(FORMATS),
    "delimiter": "one character",
    "whitespace": "true or false",
    "header": "true or false",
    "encoding": "the name of a text encoding",
    "quote": "one character, or nothing",
    "nullValues": "a list of texts",
}


def file_format(settings: Settings, findings: Findings) -> FileFormat:
    """The format that a port's custom properties describe. A value of another shape is an error in `findings`, and the
    default stands in for it."""
    warn_of_misspelt(settings, ("connector", *_EXPECTED), findings)
    values: dict[str, Any] = {}
    for name, (value, at) in settings.items():
        if name not in _EXPECTED:
            continue
        if _fits(name, value):
            values["null_values" if name == "nullValues" else name] = tuple(value) if name == "nullValues" else value
        else:
            findings.error(at, f"expected {_EXPECTED[name]} as the file's {name}, found {value!r}")
    return FileFormat(**values)


def _fits(name: str, value: Any) -> bool:
    match name:
        case "format":
            return value in FORMATS
        case "delimiter":
            return isinstance(value, str) and len(value) == 1
        case "quote":
            return isinstance(value, str) and len(value) <= 1
        case "whitespace" | "header":
            return isinstance(value, bool)
        case "nullValues":
            return isinstance(value, list) and all(isinstance(each, str) for each in value)
    return isinstance(value, str) and _is_encoding(value)


def _is_encoding(name: str) -> bool:
    try:
        "".encode(name)
    except LookupError:
        return False
    return True
