"""How long the local cloud waits where AWS waits minutes."""

from __future__ import annotations

import os
from dataclasses import dataclass

POLL_SECONDS = 0.05
"""Between two looks at what is due: event sources, retries, schedules."""


@dataclass(frozen=True, kw_only=True)
class Timing:
    """Factors by which AWS's waiting times are multiplied.

    scale           between attempts: retries of asynchronous invocations, stream retries, a failed SQS batch's
                    visibility timeout, batching windows. The default turns AWS's minutes into seconds.
    schedule_scale  between two runs of a `rate(...)` schedule; 1 keeps its hours and minutes real.
    """

    scale: float = 1 / 60
    schedule_scale: float = 1.0

    @classmethod
    def from_environment(cls) -> Timing:
        """From LOCALCLOUD_TIME_SCALE and LOCALCLOUD_SCHEDULE_SCALE, positive numbers.

        Raises:
            ValueError: one of them is not a positive number.
        """
        return cls(
            scale=_positive("LOCALCLOUD_TIME_SCALE", cls.scale),
            schedule_scale=_positive("LOCALCLOUD_SCHEDULE_SCALE", cls.schedule_scale),
        )


def _positive(variable: str, default: float) -> float:
    text = os.environ.get(variable)
    if text is None:
        return default
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise ValueError(f"{variable} must be a positive number, not {text!r}")
    return value
