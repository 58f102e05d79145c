"""One difference between two versions of a contract."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from components.contracts.diagnostics import Location

CONSUMER, PRODUCER = "consumers", "producers"


@dataclass(frozen=True)
class Change:
    kind: str
    """What happened, e.g. `field_removed`."""
    path: str
    """Dotted names from the contract's root, e.g. `orders.amount.maximum`."""
    reason: str
    """Why it breaks somebody, or why it does not."""
    breaks: tuple[str, ...]
    """CONSUMER, PRODUCER, both or nobody."""
    old: Any
    new: Any
    """The values before and after; None for absent."""
    at: Location = ()
    """Where in the new document, as near as there is a place."""

    @property
    def breaking(self) -> bool:
        return bool(self.breaks)

    def unannounced(self, version: str, major: int) -> str:
        """What is told of a breaking change that comes under `version`, which has the major part `major` as before."""
        return f"{self}: breaks {' and '.join(self.breaks)}, so the version has to be {major + 1}.0.0, found {version}"

    def __str__(self) -> str:
        values = f" ({self.old} → {self.new})" if self.old is not None and self.new is not None else ""
        return f"{self.path}: {self.kind.replace('_', ' ')}{values}; {self.reason}"
