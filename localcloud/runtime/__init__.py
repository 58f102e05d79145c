"""Runs what is deployed in the local cloud: functions, and everything that triggers them.

It lives in the process that hosts moto and reads from moto's backends what exists: functions, event source mappings,
event invoke configurations, bucket notifications, subscriptions, rules, schedules and HTTP APIs. moto's own ways of
running functions are replaced (`moto_hooks`, `moto_corrections`). Each function's real handler runs in a process of its
own (`localcloud.runtime.worker`), under the role and in the environment that were deployed with it.

What is not run: container images, runtimes other than Python, layers (a handler finds what is installed beside the
local cloud), tumbling windows, parallelization factors above 1, maximum concurrency of queues, provisioned concurrency,
REST APIs, authorizers other than JWT. Resource policies of functions are not evaluated.
"""

from __future__ import annotations

from pathlib import Path

from localcloud.runtime.timing import Timing
from localcloud.runtime.triggers import Runtime

__all__ = ["Runtime", "Timing", "start"]


def start(endpoint: str, home: Path, timing: Timing | None = None) -> Runtime:
    """Start running what is deployed in this process's moto.

    Args:
        endpoint: URL at which moto's server listens; handlers find it as AWS_ENDPOINT_URL.
        home: state directory; unpacked code goes to `functions/` in it.
        timing: from the environment by default.

    Raises:
        ValueError: an environment variable of `Timing` is not a positive number.
    """
    return Runtime(endpoint, home, timing or Timing.from_environment())
