"""A function's log in CloudWatch Logs: its lines between START and REPORT, or their counterparts in JSON.

https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html
https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html
"""

from __future__ import annotations

import json
import logging
import math
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from moto.logs.models import logs_backends

from localcloud.runtime.deployment import Deployment
from localcloud.runtime.process import Line
from localcloud.runtime.timestamps import timestamp

_log = logging.getLogger(__name__)

TAIL_BYTES = 4096
"""What an invocation with `LogType: Tail` gets back of the log:
https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#lambda-Invoke-request-LogType"""


def stream_name(version: str) -> str:
    """A new execution environment's stream: day, version, random id."""
    return f"{datetime.now(UTC):%Y/%m/%d}/[{version}]{uuid.uuid4().hex}"


@dataclass(frozen=True)
class Report:
    """One invocation, in numbers: when it began (Unix time), its seconds, those of the cold start if it was one."""

    request_id: str
    started: float
    seconds: float
    init_seconds: float | None
    status: str
    """success, error or timeout"""

    @property
    def milliseconds(self) -> float:
        return round(self.seconds * 1000, 2)

    @property
    def init_milliseconds(self) -> float | None:
        return None if self.init_seconds is None else round(self.init_seconds * 1000, 2)


def framed(deployment: Deployment, report: Report, lines: Sequence[Line]) -> list[Line]:
    """What was printed in one invocation, between the lines that Lambda itself writes."""
    begin = min([report.started, *(line.at for line in lines)])
    end = report.started + report.seconds
    before, after = (_json_lines if deployment.log_format == "JSON" else _text_lines)(deployment, report, begin, end)
    return [*(Line(begin, text) for text in before), *lines, *(Line(end, text) for text in after)]


def _text_lines(deployment: Deployment, report: Report, begin: float, end: float) -> tuple[list[str], list[str]]:
    summary = (
        f"REPORT RequestId: {report.request_id}\tDuration: {report.milliseconds:.2f} ms"
        f"\tBilled Duration: {math.ceil(report.milliseconds)} ms\tMemory Size: {deployment.memory_mb} MB"
    )
    if report.init_milliseconds is not None:
        summary += f"\tInit Duration: {report.init_milliseconds:.2f} ms"
    if report.status != "success":
        summary += f"\tStatus: {report.status}"
    start = f"START RequestId: {report.request_id} Version: {deployment.version}"
    return [start], [f"END RequestId: {report.request_id}", summary]


def _json_lines(deployment: Deployment, report: Report, begin: float, end: float) -> tuple[list[str], list[str]]:
    metrics: dict[str, float] = {
        "durationMs": report.milliseconds,
        "billedDurationMs": math.ceil(report.milliseconds),
        "memorySizeMB": deployment.memory_mb,
    }
    if report.init_milliseconds is not None:
        metrics["initDurationMs"] = report.init_milliseconds
    start = {"requestId": report.request_id, "version": deployment.version}
    done = {"requestId": report.request_id, "metrics": metrics, "status": report.status}
    return (
        [json.dumps({"time": timestamp(begin), "type": "platform.start", "record": start})],
        [json.dumps({"time": timestamp(end), "type": "platform.report", "record": done})],
    )


def write(deployment: Deployment, stream: str, lines: Sequence[Line]) -> None:
    """Append to the function's log group, which is created when missing. An invocation does not fail for its log."""
    latest = 0
    events = []
    for line in lines:
        latest = max(latest, int(line.at * 1000))  # PutLogEvents takes events in chronological order
        events.append({"timestamp": latest, "message": line.text})
    try:
        backend = logs_backends[deployment.account][deployment.region]
        backend.ensure_log_group(deployment.log_group)
        if stream not in backend.groups[deployment.log_group].streams:
            backend.create_log_stream(deployment.log_group, stream)
        backend.put_log_events(deployment.log_group, stream, events)
    except Exception as error:
        _log.warning("the log of %s: %s: %s", deployment.arn, type(error).__name__, error)


def tail(lines: Sequence[Line]) -> bytes:
    """The last 4 KB of the lines."""
    return "".join(f"{line.text}\n" for line in lines).encode()[-TAIL_BYTES:]
