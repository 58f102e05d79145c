"""What the runtime did: a bounded record of invocations, for people to look at."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass

KEPT = 2000
"""Invocations remembered; older ones are forgotten."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One invocation, or one that could not be made (then `error` says why and `duration_ms` is 0).

    started     Unix time in seconds
    trigger     ARN of what caused it: bucket, queue, stream, rule, schedule, topic, API…; "invoke" for the Invoke API
    error       the error's type and message, None on success
    """

    function_arn: str
    trigger: str
    request_id: str
    started: float
    duration_ms: float
    error: str | None = None


class Journal:
    """The latest invocations, oldest first."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=KEPT)
        self._lock = threading.Lock()

    def add(self, entry: Entry) -> None:
        with self._lock:
            self._entries.append(entry)

    def entries(self, *, function: str | None = None, since: float = 0.0, failed: bool = False) -> list[Entry]:
        """Those of one function (name or ARN), begun at or after `since` (Unix time), or only the failed ones."""
        with self._lock:
            entries = list(self._entries)
        return [
            entry
            for entry in entries
            if entry.started >= since
            and (not failed or entry.error is not None)
            and (function is None or function in (entry.function_arn, _name(entry.function_arn)))
        ]


def _name(function_arn: str) -> str:
    parts = function_arn.split(":")
    return parts[6] if len(parts) > 6 else function_arn
