"""One worker process, seen from the local cloud."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

WORKER = Path(__file__).with_name("worker.py")
CHUNK = 1 << 16


@dataclass(frozen=True)
class Line:
    """What the function printed, and when it arrived (Unix time, seconds)."""

    at: float
    text: str


class WorkerTimeoutError(Exception):
    """The worker did not answer in time."""


class WorkerExitedError(Exception):
    """The worker's process ended instead of answering."""


class Worker:
    """A started `worker.py`: one request at a time.

    Raises (each method): WorkerTimeoutError, WorkerExitedError. The worker is of no use afterwards; `kill` it.
    """

    def __init__(self, handler: str, directory: Path, environment: Mapping[str, str]) -> None:
        """Start it in `directory`, with `environment` and nothing else of this process's."""
        ours, theirs = socket.socketpair()
        with theirs:
            # A session of its own: it ends with the local cloud (its socket closes), not with the terminal's Ctrl-C,
            # and killing it kills what the handler started.
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-s", "-u", str(WORKER), str(theirs.fileno()), handler],
                cwd=directory,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        assert self._process.stdout is not None
        self._socket = ours
        self._output = self._process.stdout
        os.set_blocking(self._output.fileno(), False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(ours, selectors.EVENT_READ)
        self._selector.register(self._output, selectors.EVENT_READ)
        self._received = b""
        self._printed = b""
        self._lines: list[Line] = []

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    def ready(self, limit: float) -> dict[str, Any]:
        """Wait up to `limit` seconds for the handler to be imported: `{"ready": true}` or `{"error": …}`."""
        return self._receive(limit)

    def ask(self, request: Mapping[str, Any], limit: float) -> dict[str, Any]:
        """The answer to one request, waiting up to `limit` seconds: `{"result": text}` or `{"error": …}`."""
        try:
            self._socket.sendall(json.dumps(request).encode() + b"\n")
        except OSError as error:
            raise WorkerExitedError from error
        return self._receive(limit)

    def lines(self) -> list[Line]:
        """What was printed since the last call, whole lines, in order; an unfinished line counts once asked for."""
        self._read_output()
        if self._printed:
            self._lines.append(Line(time.time(), self._printed.decode(errors="replace")))
            self._printed = b""
        taken, self._lines = self._lines, []
        return taken

    def exit_status(self) -> int:
        """The exit status, negative for a signal; waits for the process to be gone."""
        return self._process.wait(timeout=5)

    def kill(self) -> None:
        """End it and every process it started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def close(self) -> None:
        """`kill`, and free the descriptors. Nothing else may be called afterwards."""
        self.kill()
        self._selector.close()
        self._socket.close()
        self._output.close()

    def _receive(self, limit: float) -> dict[str, Any]:
        until = time.monotonic() + limit
        while True:
            line, found, rest = self._received.partition(b"\n")
            if found:
                self._received = rest
                return json.loads(line)  # type: ignore[no-any-return]
            left = until - time.monotonic()
            events = self._selector.select(left) if left > 0 else []
            if not events:
                raise WorkerTimeoutError
            for key, _ in events:
                if key.fileobj is self._socket:
                    self._read_socket()
                elif not self._read_output():
                    self._selector.unregister(self._output)  # closed by the handler: no more lines, still an answer

    def _read_socket(self) -> None:
        try:
            data = self._socket.recv(CHUNK)
        except ConnectionResetError:
            data = b""
        if not data:
            raise WorkerExitedError
        self._received += data

    def _read_output(self) -> bool:
        """Take what is there now; False once the output is closed."""
        while True:
            try:
                data = os.read(self._output.fileno(), CHUNK)
            except BlockingIOError:
                return True
            if not data:
                return False
            *whole, self._printed = (self._printed + data).split(b"\n")
            now = time.time()
            self._lines += [Line(now, line.decode(errors="replace")) for line in whole]
