"""Child processes that cannot outlive the process that started them, however it ends."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

# The keeper ignores the polite signals, waits for the end of its input, and then ends its process group: itself and
# every process that was started in it. Its input is a pipe that only this process holds, so the kernel closes it also
# when this process is killed with SIGKILL.
KEEPER = "trap '' INT TERM HUP; read _; kill -TERM 0; sleep 5; kill -KILL 0"
GRACE_SECONDS = 5.0


def alive(pid: int) -> bool:
    """Whether a process with this id exists, whoever owns it."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


class Group:
    """Processes that share one process group with a keeper. Use as a context manager: leaving it ends all of them."""

    def __init__(self) -> None:
        self._keeper = subprocess.Popen(
            ["/bin/sh", "-c", KEEPER],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            process_group=0,
        )
        self._running: list[subprocess.Popen[bytes]] = []
        self._lock = threading.Lock()

    def start(self, argv: Sequence[str], *, cwd: Path, env: Mapping[str, str]) -> subprocess.Popen[bytes]:
        """Start a process with pipes for its output and nothing to read."""
        process = subprocess.Popen(
            argv,
            cwd=cwd,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            process_group=self._keeper.pid,
        )
        with self._lock:
            self._running.append(process)
        return process

    def stop(self, *processes: subprocess.Popen[bytes]) -> None:
        """End these processes: politely, then by force."""
        for process in processes:
            process.terminate()
        for process in processes:
            try:
                process.wait(GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        with self._lock:
            self._running = [p for p in self._running if p not in processes]

    def close(self) -> None:
        self.stop(*[p for p in self._running if p.poll() is None])
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._keeper.pid, signal.SIGKILL)
        self._keeper.wait()
        if self._keeper.stdin:
            self._keeper.stdin.close()

    def __enter__(self) -> Group:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Drain:
    """Reads a pipe to its end in a thread of its own, passes each line on and remembers the last ones."""

    def __init__(self, pipe: IO[bytes] | None, on_line: Callable[[str], None] = lambda _: None, keep: int = 40) -> None:
        assert pipe is not None
        self.tail: deque[str] = deque(maxlen=keep)
        self._pipe, self._on_line = pipe, on_line
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        for raw in self._pipe:
            line = raw.decode(errors="replace").rstrip("\r\n")
            self.tail.append(line)
            self._on_line(line)

    def text(self, timeout: float = 1.0) -> str:
        """The last lines, after the pipe has ended or the timeout has passed."""
        self._thread.join(timeout)
        return "\n".join(self.tail).strip()


@dataclass(frozen=True)
class Finished:
    code: int
    errors: str


def stream(argv: Sequence[str], *, cwd: Path, env: Mapping[str, str], on_line: Callable[[str], Any]) -> Finished:
    """Run a command, hand over each line of its output as it comes, and return its exit code and last error output.

    KeyboardInterrupt is passed on as SIGINT; it is raised again once the command has ended.
    """
    with Group() as group:
        process = group.start(argv, cwd=cwd, env=env)
        errors = Drain(process.stderr)
        assert process.stdout is not None
        try:
            for raw in process.stdout:
                on_line(raw.decode(errors="replace"))
            return Finished(process.wait(), errors.text())
        except KeyboardInterrupt:
            process.send_signal(signal.SIGINT)
            for raw in process.stdout:
                on_line(raw.decode(errors="replace"))
            process.wait()
            raise
