from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from localcloud.processes import Group, alive, stream

ROOT = Path(__file__).resolve().parents[2]


def wait_until_gone(pid: int) -> None:
    end = time.monotonic() + 20
    while alive(pid):
        assert time.monotonic() < end, f"process {pid} is still there"
        time.sleep(0.05)


def sleeper(group: Group) -> subprocess.Popen[bytes]:
    return group.start(["sleep", "60"], cwd=ROOT, env=os.environ)


def test_leaving_a_group_ends_its_processes() -> None:
    with Group() as group:
        process = sleeper(group)
        assert process.poll() is None
    assert process.poll() == -signal.SIGTERM


def test_one_process_can_be_stopped_alone() -> None:
    with Group() as group:
        first, second = sleeper(group), sleeper(group)
        group.stop(first)
        assert (first.poll(), second.poll()) == (-signal.SIGTERM, None)


def test_processes_do_not_outlive_an_owner_that_is_killed() -> None:
    code = (
        "import os, pathlib, time; from localcloud.processes import Group; group = Group();"
        "print(group.start(['sleep', '60'], cwd=pathlib.Path(), env=os.environ).pid, flush=True); time.sleep(60)"
    )
    owner = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE)
    assert owner.stdout is not None
    pid = int(owner.stdout.readline())
    assert alive(pid)
    owner.kill()
    owner.communicate()
    wait_until_gone(pid)


def test_lines_arrive_as_they_are_printed_and_errors_are_kept() -> None:
    lines: list[str] = []
    code = "import sys; print('one'); print('two'); print('trouble', file=sys.stderr); sys.exit(3)"
    finished = stream([sys.executable, "-c", code], cwd=ROOT, env=os.environ, on_line=lines.append)
    assert lines == ["one\n", "two\n"]
    assert (finished.code, finished.errors) == (3, "trouble")


def test_an_interrupt_is_passed_on_and_raised_when_the_command_has_ended() -> None:
    lines: list[str] = []

    def interrupt(line: str) -> None:
        lines.append(line)
        if len(lines) == 1:
            raise KeyboardInterrupt

    code = (
        "import time\n"
        "try:\n    print('started', flush=True)\n    time.sleep(60)\n"
        "except KeyboardInterrupt:\n    print('tidied up', flush=True)\n"
    )
    with pytest.raises(KeyboardInterrupt):
        stream([sys.executable, "-c", code], cwd=ROOT, env=os.environ, on_line=interrupt)
    assert lines == ["started\n", "tidied up\n"]
