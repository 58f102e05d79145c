"""What a reader of a contract file is told: where, how bad, what is there and what was expected."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from components.contracts.source import Document

Location = tuple[str | int, ...]
"""Keys and zero-based indexes from the document's root, e.g. `("schema", 0, "properties", 2)`."""


class Severity(StrEnum):
    """How far the compiler got. An ERROR stops it; a WARNING is a promise that nothing will check; a NOTICE is how
    something was understood where the standard leaves room."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


@dataclass(frozen=True, kw_only=True)
class Diagnostic:
    severity: Severity
    file: str
    line: int
    """One-based; 0 when the file as a whole is meant."""
    path: str
    """Dotted path from the document's root, e.g. `schema[0].properties[2].logicalType`; empty for the root."""
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.severity}: {self.path + ': ' if self.path else ''}{self.message}"


class ContractError(ValueError):
    """A file that is no valid contract or product, or cannot be compiled. `diagnostics` holds at least one error."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("\n".join(map(str, self.diagnostics)))


@dataclass
class Findings:
    """Collects the diagnostics of one document while it is compiled."""

    document: Document
    found: list[Diagnostic] = field(default_factory=list)

    def error(self, location: Location, message: str) -> None:
        self._add(Severity.ERROR, location, message)

    def warning(self, location: Location, message: str) -> None:
        self._add(Severity.WARNING, location, message)

    def notice(self, location: Location, message: str) -> None:
        self._add(Severity.NOTICE, location, message)

    def _add(self, severity: Severity, location: Location, message: str) -> None:
        line = self.document.line(location)
        self.found.append(
            Diagnostic(severity=severity, file=self.document.file, line=line, path=dotted(location), message=message)
        )


def dotted(location: Location) -> str:
    """`("schema", 0, "name")` as `schema[0].name`."""
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def errors(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """The diagnostics that stop a compilation."""
    return tuple(each for each in diagnostics if each.severity is Severity.ERROR)


def raise_errors(diagnostics: Iterable[Diagnostic]) -> None:
    """Raises ContractError when there is an error among `diagnostics`."""
    if found := errors(diagnostics):
        raise ContractError(found)
