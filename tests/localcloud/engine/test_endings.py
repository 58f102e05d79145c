"""However a deployment ends, nothing that succeeded is lost and no process is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from localcloud.engines import EmbeddedEngine, EngineError
from tests.localcloud.engine.workspace import ROOT, Told, Workspace

PROGRAM = """\
a = bucket("a")
b = bucket("b", opts=O(depends_on=[a]))
bucket("slow", {"slow": "60"}, O(depends_on=[b]))
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    workspace = Workspace(tmp_path)
    workspace.program(PROGRAM)
    workspace.trace("calls")
    return workspace


@pytest.fixture
def started(workspace: Workspace) -> Iterator[subprocess.Popen[bytes]]:
    """An `up` that is in the middle of its last resource."""
    argv = [sys.executable, "-m", "localcloud.engine", "up", "--stack", "dev"]
    argv += ["--root", str(workspace.root), "--home", str(workspace.home)]
    env = {**os.environ, **workspace.environment, "PULUMI_CONFIG_PASSPHRASE": ""}
    process = subprocess.Popen(argv, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    wait_for(lambda: in_the_middle(workspace))
    yield process
    process.kill()
    process.communicate()


def in_the_middle(workspace: Workspace) -> bool:
    calls = workspace.directory / "calls.trace"
    return calls.exists() and '"name": "slow"' in calls.read_text().rpartition('"Create"')[2]


def wait_for(condition: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def resume(workspace: Workspace) -> Told:
    workspace.program(PROGRAM.replace('"60"', '"0"'))
    told = Told()
    assert EmbeddedEngine(workspace.project).up("dev", told).ok
    return told


needs_proc = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks for processes in /proc")


@needs_proc
def test_killed_in_the_middle_of_an_up(workspace: Workspace, started: subprocess.Popen[bytes]) -> None:
    assert workspace.processes(), "the program and the plugin are running"
    started.kill()
    started.wait()
    wait_for(lambda: not workspace.processes())
    told = resume(workspace)
    assert told.steps() == [("same", "mesh-dev"), ("same", "a"), ("same", "b"), ("create", "slow")]
    warned = [event.urn.rpartition("::")[2] for event in told if event.severity == "warning"]
    assert warned == ["slow"], "it was being created: nobody knows whether it is there"


@needs_proc
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_asked_to_end(workspace: Workspace, started: subprocess.Popen[bytes], number: signal.Signals) -> None:
    started.send_signal(number)
    output, _ = started.communicate(timeout=30)
    assert started.returncode == 128 + number
    assert f"stopped by {number.name}" in output.decode()
    assert "slow: this was not waited for" in output.decode()
    assert not workspace.processes()
    assert resume(workspace).steps()[:3] == [("same", "mesh-dev"), ("same", "a"), ("same", "b")]


def test_two_at_once(workspace: Workspace, started: subprocess.Popen[bytes]) -> None:
    engine = EmbeddedEngine(workspace.project)
    with pytest.raises(EngineError, match=f"stack dev is locked by process {started.pid}"):
        engine.up("dev", Told())
    with pytest.raises(EngineError, match="locked"):
        engine.forget("dev")


@needs_proc
def test_its_own_starter_is_killed(workspace: Workspace) -> None:
    code = (
        "import sys, pathlib; from localcloud.engines import EmbeddedEngine, Project;"
        "root, home = map(pathlib.Path, sys.argv[1:]);"
        "EmbeddedEngine(Project(root=root, home=home)).up('dev', print)"
    )
    argv = [sys.executable, "-c", code, str(workspace.root), str(workspace.home)]
    env = {**os.environ, **workspace.environment}
    starter = subprocess.Popen(argv, cwd=ROOT, env=env, stdout=subprocess.DEVNULL)
    wait_for(lambda: in_the_middle(workspace))
    starter.kill()
    starter.wait()
    wait_for(lambda: not workspace.processes())
    assert resume(workspace).steps()[:3] == [("same", "mesh-dev"), ("same", "a"), ("same", "b")]


def test_what_is_done_can_be_read_while_it_runs(workspace: Workspace, started: subprocess.Popen[bytes]) -> None:
    resources = EmbeddedEngine(workspace.project).export("dev")["deployment"]["resources"]
    assert {resource["urn"].rpartition("::")[2] for resource in resources} >= {"a", "b"}


def test_a_plugin_that_dies_fails_the_deployment(workspace: Workspace) -> None:
    plugin = next(workspace.home.glob("plugins/resource-aws-v*/pulumi-resource-aws"))
    plugin.write_text("#!/bin/sh\necho no luck today >&2\nexit 3\n")
    told = Told()
    result = EmbeddedEngine(workspace.project).up("dev", told)
    assert not result.ok
    assert "resource plugin aws did not start: no luck today" in told.messages()
