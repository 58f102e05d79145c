"""Times as AWS writes them in events."""

from __future__ import annotations

from datetime import UTC, datetime


def timestamp(unix_time: float) -> str:
    """ISO 8601 with milliseconds, UTC, as AWS writes it in events."""
    return datetime.fromtimestamp(unix_time, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
