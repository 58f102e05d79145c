"""An execution environment: one worker process, the function it was started for, and what each invocation came to."""

from __future__ import annotations

import json
import shutil
import signal
import tempfile
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from localcloud.runtime import logs
from localcloud.runtime.deployment import Deployment, role_credentials, unpack, variables
from localcloud.runtime.process import Line, Worker, WorkerExitedError, WorkerTimeoutError

INIT_SECONDS = 10.0
"""Initialisation may take this long; then once more, within the function's timeout:
https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib"""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What one invocation came to.

    payload     JSON text: what the function returned, or Lambda's error object
    error       the error's type and message, None on success
    log_tail    the last 4 KB of its log
    """

    request_id: str
    payload: str
    version: str
    error: str | None = None
    log_tail: bytes = b""

    @classmethod
    def refused(cls, request_id: str, kind: str, message: str) -> Outcome:
        """Of an invocation that was not made; it has no version."""
        payload = json.dumps({"errorType": kind, "errorMessage": message})
        return cls(request_id=request_id, payload=payload, version="", error=f"{kind}: {message}")

    @property
    def result(self) -> Any:
        """The payload as a value."""
        return json.loads(self.payload)


class Execution:
    """A started environment. One invocation at a time; it starts cold and stays warm until `usable` turns false."""

    def __init__(self, deployment: Deployment, endpoint: str, directory: Path) -> None:
        """Start the process; code and temporary files go to `directory`.

        Raises:
            localcloud.runtime.deployment.RoleError: there is no role to run under.
        """
        self.deployment = deployment
        self._broken_down = False
        self.idle_since = 0.0
        credentials = role_credentials(deployment)
        code = unpack(deployment, directory)
        self._stream = logs.stream_name(deployment.version)
        self._temporary = Path(tempfile.mkdtemp(dir=directory, prefix="tmp-"))
        environment = variables(deployment, endpoint, code, self._temporary, self._stream)
        self._started = time.monotonic()
        self._cold = True
        self._worker = Worker(deployment.handler, code, {**environment, **credentials})

    @property
    def usable(self) -> bool:
        """Whether it can take another invocation."""
        return not self._broken_down and self._worker.alive

    def invoke(self, payload: str, request_id: str) -> Outcome:
        """Run the handler on a JSON text. A timeout, an exit or a failed import leaves the environment unusable."""
        init_seconds = None
        answer: Mapping[str, Any] = {}
        begun, begun_at = time.monotonic(), time.time()
        try:
            if self._cold:
                self._cold = False
                answer = self._worker.ready(INIT_SECONDS + self.deployment.timeout)
                begun, begun_at = time.monotonic(), time.time()
                init_seconds = begun - self._started
            if "error" not in answer:
                answer = self._worker.ask(self._request(payload, request_id), self.deployment.timeout)
            else:
                self._broken_down = True
        except WorkerTimeoutError:
            answer = self._broken(timed_out(request_id, self.deployment.timeout), "timeout")
        except WorkerExitedError:
            answer = self._broken(exited(request_id, self._worker.exit_status()), "error")
        status = answer.get("status", "error" if "error" in answer else "success")
        report = logs.Report(request_id, begun_at, time.monotonic() - begun, init_seconds, status)
        lines = logs.framed(self.deployment, report, [*self._worker.lines(), *answer.get("lines", ())])
        logs.write(self.deployment, self._stream, lines)
        error = answer.get("error")
        return Outcome(
            request_id=request_id,
            payload=answer["result"] if error is None else json.dumps(error),
            version=self.deployment.version,
            error=None if error is None else f"{error['errorType']}: {error['errorMessage']}",
            log_tail=logs.tail(lines),
        )

    def kill(self) -> None:
        """End the process, also under an invocation, which then fails; `close` is still to be called."""
        self._worker.kill()

    def close(self) -> None:
        """End the process and remove its temporary files."""
        self._worker.close()
        shutil.rmtree(self._temporary, ignore_errors=True)

    def _request(self, payload: str, request_id: str) -> dict[str, Any]:
        context = {
            "request_id": request_id,
            "function_arn": self.deployment.arn,
            "deadline": time.time() + self.deployment.timeout,
        }
        return {"event": payload, "context": context, "trace": trace_header()}

    def _broken(self, error: dict[str, str], status: str) -> dict[str, Any]:
        self._broken_down = True
        self._worker.kill()
        stamp = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line = Line(time.time(), f"{stamp} {error['errorMessage']}")
        return {"error": error, "status": status, "lines": [line]}


def trace_header() -> str:
    """An X-Ray trace header of a request that is not sampled:
    https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader"""
    return f"Root=1-{int(time.time()):08x}-{uuid.uuid4().hex[:24]};Parent={uuid.uuid4().hex[:16]};Sampled=0"


def timed_out(request_id: str, seconds: float) -> dict[str, str]:
    """Lambda's error object for a function that ran longer than its timeout:
    https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html"""
    message = f"RequestId: {request_id} Error: Task timed out after {seconds:.2f} seconds"
    return {"errorType": "Sandbox.Timedout", "errorMessage": message}


def exited(request_id: str, status: int) -> dict[str, str]:
    """Lambda's error object for a process that ended during an invocation, by `status` or by the signal `-status`."""
    if status == 0:
        why = "Runtime exited without providing a reason"
    elif status > 0:
        why = f"Runtime exited with error: exit status {status}"
    else:
        why = f"Runtime exited with error: signal: {signal.Signals(-status).name.removeprefix('SIG').lower()}"
    return {"errorType": "Runtime.ExitError", "errorMessage": f"RequestId: {request_id} Error: {why}"}
