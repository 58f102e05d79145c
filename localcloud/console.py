"""What a person sees while the local cloud works: one moving line on a terminal, a line per stack elsewhere."""

from __future__ import annotations

import shlex
import shutil
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from localcloud.deployments import Event, Result

COUNTED = {"create", "update", "replace", "delete", "same", "read", "import", "refresh"}
WORDS = {
    "create": "created",
    "update": "updated",
    "replace": "replaced",
    "delete": "deleted",
    "same": "unchanged",
    "read": "read",
    "import": "imported",
    "refresh": "refreshed",
}
PLANNED = {
    "create": "to create",
    "update": "to update",
    "replace": "to replace",
    "delete": "to delete",
    "same": "unchanged",
}


def command() -> str:
    """How the reader starts this program again from where they are: mostly without an activated environment."""
    interpreter, here = Path(sys.executable), Path.cwd()
    if shutil.which("python") == str(interpreter):
        return "python -m localcloud"
    shown = interpreter.relative_to(here) if interpreter.is_relative_to(here) else interpreter
    return f"{shlex.quote(str(shown))} -m localcloud"


def say(text: str = "") -> None:
    """Print a line at once, also when standard output is a file or a pipe."""
    print(text, flush=True)


def complain(text: str) -> None:
    """Print a line to standard error."""
    print(text, file=sys.stderr, flush=True)


def counted(result: Result, *, planned: bool = False) -> str:
    """A result's counts in words, such as "41 created, 2 unchanged"."""
    words = PLANNED if planned else WORDS
    parts = [f"{result.counts[op]} {word}" for op, word in words.items() if result.counts.get(op)]
    return ", ".join(parts) or "nothing to do"


def finding(event: Event) -> str:
    """One warning, error or policy finding as a person reads it."""
    where = (
        f" {event.urn.split('::')[-1]} ({event.type or event.urn.split('::')[2].split('$')[-1]})" if event.urn else ""
    )
    head = f"[{event.level}] {event.policy}:" if event.kind == "policy" else f"{event.severity or 'error'}:"
    return f"  {head}{where} {event.message.strip()}".replace("\n", "\n    ")


class Progress:
    """Shows how far one stack is. Use as a context manager and give `on_event` to the engine."""

    INTERVAL = 0.1
    """Seconds between two redraws of the line."""

    def __init__(self, stack: str) -> None:
        self.stack = stack
        self.steps = 0
        self._drawn = 0.0
        self._terminal = sys.stdout.isatty()

    def __enter__(self) -> Self:
        self._draw("starting the program and the policy pack")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._terminal:
            print("\r\033[K", end="", flush=True)

    def on_event(self, event: Event) -> None:
        """Count a step; redraw when the last drawing is old enough."""
        if event.kind == "done" and event.op in COUNTED:
            self.steps += 1
        if event.kind in ("start", "done") and time.monotonic() - self._drawn > self.INTERVAL:
            self._draw(f"{self.steps} steps  {event.op} {event.urn.split('::')[-1]}")

    def _draw(self, text: str) -> None:
        if self._terminal:
            self._drawn = time.monotonic()
            line = f"  {self.stack:28} {text}"[: shutil.get_terminal_size().columns - 1]
            print(f"\r\033[K{line}", end="", flush=True)
