"""A function's log in CloudWatch Logs: its lines between START and END, then REPORT.

https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html
"""

from __future__ import annotations

import math
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime

from moto.logs.models import logs_backends

from localcloud.runtime.deployment import Deployment
from localcloud.runtime.process import Line

TAIL_BYTES = 4096
"""What an invocation with `LogType: Tail` gets back of the log:
https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#lambda-Invoke-request-LogType"""


def stream_name(version: str) -> str:
    """A new execution environment's stream: day, version, random id."""
    return f"{datetime.now(UTC):%Y/%m/%d}/[{version}]{uuid.uuid4().hex}"


def framed(
    request_id: str,
    deployment: Deployment,
    lines: Sequence[Line],
    started: float,
    seconds: float,
    init_seconds: float | None,
) -> list[Line]:
    """The lines of one invocation as Lambda writes them; `init_seconds` when it was a cold start."""
    ended = started + seconds
    milliseconds = seconds * 1000
    report = (
        f"REPORT RequestId: {request_id}\tDuration: {milliseconds:.2f} ms"
        f"\tBilled Duration: {math.ceil(milliseconds)} ms\tMemory Size: {deployment.memory_mb} MB"
    )
    if init_seconds is not None:
        report += f"\tInit Duration: {init_seconds * 1000:.2f} ms"
    return [
        Line(
            min([started, *(line.at for line in lines)]), f"START RequestId: {request_id} Version: {deployment.version}"
        ),
        *lines,
        Line(ended, f"END RequestId: {request_id}"),
        Line(ended, report),
    ]


def write(deployment: Deployment, stream: str, lines: Sequence[Line]) -> None:
    """Append to the function's log group, which is created when missing."""
    backend = logs_backends[deployment.account][deployment.region]
    backend.ensure_log_group(deployment.log_group)
    if stream not in backend.groups[deployment.log_group].streams:
        backend.create_log_stream(deployment.log_group, stream)
    latest = 0
    events = []
    for line in lines:
        latest = max(latest, int(line.at * 1000))  # PutLogEvents takes events in chronological order
        events.append({"timestamp": latest, "message": line.text})
    backend.put_log_events(deployment.log_group, stream, events)


def tail(lines: Sequence[Line]) -> bytes:
    """The last 4 KB of the lines."""
    return "".join(f"{line.text}\n" for line in lines).encode()[-TAIL_BYTES:]
