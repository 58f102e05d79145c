"""What the daemon and those who look for it agree on: `cloud.json`, the lock and the health check."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

FILE = "cloud.json"

LOCK = "cloud.lock"
"""File that the daemon locks as long as it lives; its content is the daemon's process id."""

HEALTH = "/localcloud/health"
"""Path under the endpoint that answers {"pid", "generation"} as JSON."""

ALREADY_RUNS = 75
"""Exit code of a daemon that finds another one serving its directory (EX_TEMPFAIL of sysexits.h)."""


@dataclass(frozen=True)
class Record:
    """A running local cloud.

    pid         of the daemon
    endpoint    URL of the AWS APIs
    api         URL under which the deployed HTTP APIs answer
    generation  random id of this daemon; its state lives in memory, so a new generation starts empty
    started     ISO 8601, UTC
    """

    pid: int
    endpoint: str
    api: str
    generation: str
    started: str


def write(home: Path, record: Record) -> None:
    """Write `cloud.json` under `home` so that a reader sees all of it or none."""
    draft = home / f"{FILE}.{record.pid}"
    draft.write_text(json.dumps(asdict(record), indent=2) + "\n")
    os.replace(draft, home / FILE)


def read(home: Path) -> Record | None:
    """The record under `home`; None when there is none, or none that this version understands."""
    try:
        return Record(**json.loads((home / FILE).read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def remove(home: Path, generation: str) -> None:
    """Remove the record of `generation`, and no successor's."""
    found = read(home)
    if found is not None and found.generation == generation:
        (home / FILE).unlink(missing_ok=True)
