"""A local cloud or a deployment that is killed leaves nothing running, and the next `up` starts cleanly."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from localcloud.cloud import process
from tests.e2e.conftest import Mesh, copy_program

pytestmark = pytest.mark.e2e
UP = ("up", "--no-data", "governance-prod")


@pytest.fixture
def mesh(tmp_path: Path) -> Iterator[Mesh]:
    """A program of its own for each test; nothing runs before or after it."""
    mesh = Mesh(copy_program(tmp_path / "mesh"), "embedded")
    try:
        yield mesh
    finally:
        mesh.run("down", "--now", check=False)


def started(mesh: Mesh, *arguments: str) -> subprocess.Popen[str]:
    """The command line in a process group of its own, as a shell starts it."""
    return subprocess.Popen(
        [sys.executable, "-m", "localcloud", *arguments, "--engine", "embedded"],
        cwd=mesh.root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def processes(mesh: Mesh) -> list[str]:
    """Command lines of the processes that work in the mesh's directory."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                if str(mesh.root) in command or (entry / "cwd").readlink().is_relative_to(mesh.root):
                    found.append(command)
            except OSError:
                continue
    return found


def wait(until: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def deploying(mesh: Mesh) -> bool:
    """Whether the engine has begun to make resources."""
    journal = mesh.root / ".localcloud" / "embedded" / "governance-prod.journal"
    return journal.exists() and journal.stat().st_size > 5_000


def test_ctrl_c_leaves_no_process_behind(mesh: Mesh) -> None:
    up = started(mesh, *UP)
    wait(lambda: deploying(mesh))
    os.killpg(up.pid, signal.SIGINT)
    _, errors = up.communicate(timeout=60)
    assert up.returncode == 130
    assert "interrupted" in errors
    wait(lambda: not processes(mesh), 15)
    mesh.run(*UP)


def test_a_cloud_that_is_killed_during_up_is_started_again_from_empty(mesh: Mesh) -> None:
    up = started(mesh, *UP)
    wait(lambda: deploying(mesh))
    cloud = process.find(mesh.root / ".localcloud")
    assert cloud is not None
    os.kill(cloud.pid, signal.SIGKILL)
    _, errors = up.communicate(timeout=120)
    assert up.returncode == 1
    assert "could not deploy governance-prod" in errors
    output = mesh.run(*UP).stdout
    assert "governance-prod had been deployed to has ended; starting from empty" in output
    assert "created" in output
    assert "unchanged" not in output


def test_an_up_that_is_killed_is_resumed(mesh: Mesh) -> None:
    up = started(mesh, *UP)
    wait(lambda: deploying(mesh))
    os.killpg(up.pid, signal.SIGKILL)
    up.communicate(timeout=60)
    wait(lambda: all("localcloud.cloud.server" in each or "worker" in each for each in processes(mesh)), 30)
    output = mesh.run(*UP).stdout
    assert "created" in output
    assert "unchanged" in output
    assert "created" not in mesh.run(*UP).stdout.split("governance-prod", 1)[1].splitlines()[0]
