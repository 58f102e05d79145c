"""The installed plugins as processes: how they start, and that they never outlive their engine."""

import os
import signal
import socket
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2_grpc

from localcloud.plugins import install
from localcloud.plugins.serving import engine_address

DEADLINE_SECONDS = 20


def plugin(plugins: Path, name: str) -> Path:
    version = metadata.version(f"pulumi_{name}")
    return plugins / f"resource-{name}-v{version}" / f"pulumi-resource-{name}"


@pytest.fixture
def engine() -> Any:
    with socket.create_server(("127.0.0.1", 0), backlog=100) as listening:
        yield listening


def start(launcher: Path, engine: str) -> tuple["subprocess.Popen[str]", int]:
    process = subprocess.Popen([launcher, engine], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, int(process.stdout.readline())


def version(port: int) -> str:
    stub = provider_pb2_grpc.ResourceProviderStub(grpc.insecure_channel(f"127.0.0.1:{port}"))
    return str(stub.GetPluginInfo(empty_pb2.Empty(), timeout=DEADLINE_SECONDS, wait_for_ready=True).version)


def is_gone(port: int) -> bool:
    """Whether nothing listens there any more; a process that nobody waits for still has its id."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except ConnectionRefusedError:
            return True
        time.sleep(0.1)
    return False


@pytest.mark.parametrize("name", ["aws", "awsx"])
def test_a_plugin_answers_for_the_exact_version_and_ends_on_interrupt(plugins: Path, engine: Any, name: str) -> None:
    process, port = start(plugin(plugins, name), f"127.0.0.1:{engine.getsockname()[1]}")
    assert version(port) == metadata.version(f"pulumi_{name}")
    process.send_signal(signal.SIGINT)
    process.wait(DEADLINE_SECONDS)


def test_a_plugin_ends_when_its_engine_no_longer_listens(plugins: Path, engine: Any) -> None:
    process, _ = start(plugin(plugins, "aws"), f"127.0.0.1:{engine.getsockname()[1]}")
    engine.close()
    process.wait(DEADLINE_SECONDS)


def test_a_plugin_ends_when_its_engine_is_killed(plugins: Path, engine: Any) -> None:
    """The engine is a process of its own here, which starts the plugin and is killed without a chance to end it."""
    starts = "import subprocess, sys; subprocess.Popen(sys.argv[1:]); input()"
    address = f"127.0.0.1:{engine.getsockname()[1]}"
    parent = subprocess.Popen(
        [sys.executable, "-c", starts, str(plugin(plugins, "aws")), address],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout is not None
    port = int(parent.stdout.readline())  # the plugin has its output from its parent
    parent.kill()
    parent.wait()
    assert is_gone(port)


@pytest.mark.parametrize(
    ("arguments", "address"),
    [(["127.0.0.1:4711"], "127.0.0.1:4711"), (["-v", "[::1]:4711"], "[::1]:4711"), ([""], None), ([], None)],
)
def test_the_engines_address_is_the_last_argument(arguments: list[str], address: str | None) -> None:
    assert engine_address(arguments) == address


def test_installing_again_corrects_a_launcher(tmp_path: Path) -> None:
    install(tmp_path)
    launcher = plugin(tmp_path, "aws")
    text = launcher.read_text()
    launcher.write_text("#!/bin/sh\nexit 1\n")
    install(tmp_path)
    assert launcher.read_text() == text
    assert os.access(launcher, os.X_OK)
    assert not list(launcher.parent.glob("*.new"))
