"""Waivers: exceptions that somebody owns, with a reason, a ticket and an end.

`waivers.yaml` beside the pack is a list; each entry names one control, one finding of it and the resources by URN
pattern. A waiver that has expired or covers too much is not honoured.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

LONGEST: Final = timedelta(days=366)
"""A waiver that would outlive a year is a change of policy, and belongs in the pack's configuration."""

_WILD = re.compile(r"[*?\[\]]")


class WaiverError(ValueError):
    """The waivers file cannot be read; the message names the entry and the field."""


@dataclass(frozen=True, kw_only=True)
class Waiver:
    """One accepted exception.

    Attributes:
        control: id of the control.
        urn: pattern of the resources' URNs, `*` standing for any text.
        finding: key of the finding, as the control's report shows it.
        reason: why the exception is acceptable.
        owner: the team that answers for it.
        ticket: where it was decided.
        expires: the last day it holds.
    """

    control: str
    urn: str
    finding: str
    reason: str
    owner: str
    ticket: str
    expires: date

    def covers(self, control: str, urn: str, finding: str) -> bool:
        """Whether it is about this finding."""
        return control == self.control and finding == self.finding and fnmatchcase(urn, self.urn)

    def expired(self, today: date) -> bool:
        """Whether its last day is over."""
        return today > self.expires

    def too_broad(self, today: date) -> str:
        """What makes it cover more than one kind of thing for a limited time; empty when nothing does."""
        parts = self.urn.removeprefix("urn:pulumi:").split("::", 3)
        if len(parts) != 4:
            return "its urn is not of the form urn:pulumi:<stack>::<project>::<type>::<name>"
        stack, project, types, name = parts
        if _WILD.search(stack) or _WILD.search(project):
            return "it covers more than one stack"
        if _WILD.search(types.rpartition("$")[2]):
            return "it covers more than one resource type"
        if len(_WILD.sub("", name)) < 3:
            return "it does not name the resources"
        if self.expires - today > LONGEST:
            return f"it holds for more than {LONGEST.days} days"
        return ""

    @property
    def stack(self) -> str:
        """The stack its URN pattern names."""
        return self.urn.removeprefix("urn:pulumi:").split("::", 1)[0]

    def __str__(self) -> str:
        return f"{self.control} / {self.finding} for {self.urn} ({self.owner}, {self.ticket}, until {self.expires})"


def honoured(waivers: Iterable[Waiver], today: date) -> list[Waiver]:
    """The waivers that count."""
    return [waiver for waiver in waivers if not waiver.expired(today) and not waiver.too_broad(today)]


def read_waivers(path: Path) -> Sequence[Waiver]:
    """The waivers of a file; none when there is no file.

    Raises:
        WaiverError: the file is no list of complete entries.
    """
    if not path.exists():
        return ()
    import yaml  # here, because most starts of the pack need no YAML

    try:
        entries = yaml.safe_load(path.read_text(encoding="utf-8")) or []
    except yaml.YAMLError as error:
        raise WaiverError(f"{path.name}: {error}") from error
    if not isinstance(entries, list):
        raise WaiverError(f"{path.name}: expected a list of waivers")
    return tuple(_waiver(entry, f"{path.name}: entry {number}") for number, entry in enumerate(entries, 1))


def _waiver(entry: Any, where: str) -> Waiver:
    names = [field.name for field in fields(Waiver)]
    if not isinstance(entry, Mapping):
        raise WaiverError(f"{where}: expected the fields {', '.join(names)}")
    if unknown := sorted(map(str, entry.keys() - set(names))):
        raise WaiverError(f"{where}: unknown field {unknown[0]}")
    for name in names:
        expected = date if name == "expires" else str
        value = entry.get(name)
        if not isinstance(value, expected) or not value:
            raise WaiverError(f"{where}: {name}: expected {'a date' if expected is date else 'a text'}")
    return Waiver(**entry)
