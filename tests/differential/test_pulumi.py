"""What the driver of the real CLI must get right by itself."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from localcloud.engines import EngineError, PulumiEngine
from localcloud.pulumi_cli import find_pulumi
from tests.localcloud.engine.workspace import Told, Workspace

PULUMI = find_pulumi()
pytestmark = [
    pytest.mark.differential,
    pytest.mark.skipif(not PULUMI.usable, reason=f"needs the Pulumi CLI: {PULUMI.problem}"),
]

PROGRAM = 'a = bucket("a", opts=O(protect=True))\nbucket("slow", {"slow": "%s"}, O(depends_on=[a]))\n'


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    workspace = Workspace(tmp_path)
    yield workspace
    for pid in workspace.processes():  # a CLI that is killed leaves its plugins behind
        os.kill(pid, signal.SIGKILL)


def wait_for_the_slow_one(told: Told) -> None:
    end = time.monotonic() + 60
    while ("create", "slow") not in told.steps():
        assert time.monotonic() < end, told
        time.sleep(0.05)


def test_a_killed_cli_is_gone_on_from(workspace: Workspace) -> None:
    engine, told = PulumiEngine(workspace.project, PULUMI), Told()
    workspace.program(PROGRAM % "60")
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(engine.up, "dev", told)
        wait_for_the_slow_one(told)
        (lock,) = (workspace.home / "pulumi" / "backend" / ".pulumi" / "locks").rglob("*.json")
        with pytest.raises(EngineError, match="stack dev is locked by process"):
            engine.up("dev", Told())
        os.kill(json.loads(lock.read_text())["pid"], signal.SIGKILL)
        with pytest.raises(EngineError):
            running.result()
    workspace.program(PROGRAM % "0")
    told = Told()
    assert engine.up("dev", told).ok
    assert told.steps() == [("same", "mesh-dev"), ("same", "a"), ("create", "slow")]


def test_the_project_is_left_as_it_was(workspace: Workspace) -> None:
    workspace.program('bucket("a", opts=O(protect=True))\npulumi.export("s", pulumi.Output.secret("hunter2"))\n')
    engine, told = PulumiEngine(workspace.project, PULUMI), Told()
    before = {path: path.read_bytes() for path in workspace.root.rglob("*") if path.is_file()}
    assert engine.up("dev", told).ok
    assert engine.outputs("dev") == {"s": "[secret]"}
    assert engine.outputs("dev", show_secrets=True) == {"s": "hunter2"}
    assert not engine.destroy("dev", told).ok
    assert engine.destroy("dev", told, unprotect=True).ok
    assert engine.stacks() == ["dev"]
    engine.forget("dev")
    assert engine.stacks() == []
    assert {path: path.read_bytes() for path in workspace.root.rglob("*") if path.is_file()} == before
