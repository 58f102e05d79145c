"""Starting, finding and stopping the local cloud's daemon."""

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from localcloud.cloud import record
from localcloud.cloud.record import ALREADY_RUNS, HEALTH, LOCK
from localcloud.cloud.target import Session, Target

ROOT = Path(__file__).resolve().parents[2]


class CloudError(Exception):
    """The local cloud did not start or stop; the message says what its log says."""


@dataclass(frozen=True)
class Cloud:
    """A local cloud that runs and answers."""

    endpoint: str
    api: str
    pid: int
    generation: str

    def target(self, account: str, region: str) -> Target:
        """`account` and `region` of this cloud."""
        return Target(self.endpoint, account, region)

    def session(self, account: str, region: str) -> Session:
        """A boto3 session in `account` and `region`."""
        return self.target(account, region).session()

    def client(self, service: str, account: str, region: str) -> Any:
        """A shared boto3 client in `account` and `region`."""
        return self.target(account, region).client(service)


def ensure(home: Path, timeout_seconds: float = 60) -> Cloud:
    """The local cloud of `home`, started when none runs.

    The daemon gets a session of its own, so that neither Ctrl-C nor the end of this process reaches it. Several
    processes may ask at once: one daemon wins the lock, the others' end, and all wait for the winner.
    """
    home = home.resolve()
    found = find(home)
    if found is not None:
        return found
    log = home / "logs" / "cloud.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        daemon = subprocess.Popen(
            [sys.executable, "-m", "localcloud.cloud.server", "--home", str(home)],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        for _ in _until(timeout_seconds):
            found = find(home)
            if found is not None:
                return found
            if daemon.poll() not in (None, ALREADY_RUNS):
                raise CloudError(f"the local cloud ended with code {daemon.returncode} while starting:\n{_tail(log)}")
    except KeyboardInterrupt:
        daemon.terminate()  # nobody knows of it yet
        raise
    raise CloudError(f"the local cloud was not ready after {timeout_seconds} s; the end of {log}:\n{_tail(log)}")


def find(home: Path) -> Cloud | None:
    """The local cloud of `home` when one runs and answers.

    A record that a killed daemon left behind is told by its generation: whoever may have its process id or port now
    does not answer with it.
    """
    found = record.read(home)
    if found is None or _generation(found.endpoint) != found.generation:
        return None
    return Cloud(found.endpoint, found.api, found.pid, found.generation)


def stop(home: Path, timeout_seconds: float = 15) -> bool:
    """End the daemon of `home`, by force after `timeout_seconds`; False when none ran."""
    pid = _holder(home)
    if pid is None:
        return False
    _signal(pid, signal.SIGTERM)
    for _ in _until(timeout_seconds):
        if _holder(home) != pid:
            return True
    _signal(pid, signal.SIGKILL)
    for _ in _until(timeout_seconds):
        if _holder(home) != pid:
            (home / record.FILE).unlink(missing_ok=True)
            return True
    raise CloudError(f"process {pid} of the local cloud does not end")


def _generation(endpoint: str) -> str | None:
    try:
        with urlopen(endpoint + HEALTH, timeout=5) as response:
            answer: str | None = json.load(response).get("generation")
            return answer
    except (URLError, OSError, ValueError, AttributeError):
        return None


def _holder(home: Path) -> int | None:
    """Process id of the daemon that holds the lock of `home`; unlike a number in a file it cannot be a stranger's."""
    try:
        with (home / LOCK).open() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return int(file.read() or 0) or None
    except FileNotFoundError:
        pass
    return None


def _signal(pid: int, signum: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signum)


def _until(seconds: float) -> Iterator[None]:
    """Yield every 50 ms, for as long as `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        yield
        time.sleep(0.05)


def _tail(log: Path, lines: int = 20) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
