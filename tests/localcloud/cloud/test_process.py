import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from localcloud.cloud import process, record


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    process.stop(tmp_path)


def test_it_is_started_once_and_stopped(home: Path) -> None:
    assert process.find(home) is None
    with ThreadPoolExecutor(4) as pool:
        clouds = set(pool.map(lambda _: process.ensure(home), range(4)))
    (cloud,) = clouds
    assert process.find(home) == cloud
    assert os.getsid(cloud.pid) != os.getsid(0), "Ctrl-C must not reach it"

    assert process.stop(home)
    assert process.find(home) is None
    assert not (home / record.FILE).exists()
    assert not process.stop(home)


def test_a_killed_cloud_is_known_to_be_gone_and_its_successor_is_another(home: Path) -> None:
    first = process.ensure(home)
    first.client("sqs", "111111111111", "eu-west-1").create_queue(QueueName="q")
    os.kill(first.pid, signal.SIGKILL)
    os.waitpid(first.pid, 0)
    assert process.find(home) is None
    second = process.ensure(home)
    assert second.generation != first.generation
    assert "QueueUrls" not in second.client("sqs", "111111111111", "eu-west-1").list_queues()


def test_a_record_whose_process_id_and_port_are_another_s_is_stale(home: Path) -> None:
    """The process exists and something listens: only the generation tells."""
    with socket.create_server(("127.0.0.1", 0)) as somebody:
        endpoint = f"http://127.0.0.1:{somebody.getsockname()[1]}"
        record.write(home, record.Record(os.getpid(), endpoint, "", "old", "2026-01-01T00:00:00+00:00"))
    assert process.find(home) is None
    assert not process.stop(home), "nobody may be ended who does not hold the lock"

    cloud = process.ensure(home)
    stale = record.Record(cloud.pid, cloud.endpoint, "", "old", "2026-01-01T00:00:00+00:00")
    record.write(home, stale)
    assert process.find(home) is None


def test_whoever_gives_up_waiting_leaves_no_cloud_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[bytes]] = []

    class Daemon(subprocess.Popen[bytes]):
        def __init__(self, *args: object, **options: object) -> None:
            super().__init__([sys.executable, "-c", "import time; time.sleep(60)"])
            started.append(self)

    def interrupted(seconds: float) -> Iterator[None]:
        raise KeyboardInterrupt

    monkeypatch.setattr(process.subprocess, "Popen", Daemon)
    monkeypatch.setattr(process, "_until", interrupted)
    with pytest.raises(KeyboardInterrupt):
        process.ensure(tmp_path)
    assert started[0].wait(30) == -signal.SIGTERM


def test_a_cloud_whose_directory_is_deleted_ends(tmp_path: Path) -> None:
    home = tmp_path / "home"
    cloud = process.ensure(home)
    shutil.rmtree(home)
    deadline = time.monotonic() + 30
    while os.waitpid(cloud.pid, os.WNOHANG) == (0, 0):
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": 1}'])
def test_a_broken_record_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / record.FILE).write_text(text)
    assert record.read(tmp_path) is None


def test_a_cloud_that_ends_while_starting_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = subprocess.Popen
    broken = [sys.executable, "-c", "raise SystemExit('no room')"]
    monkeypatch.setattr(process.subprocess, "Popen", lambda _, **options: real(broken, **options))
    with pytest.raises(process.CloudError, match="no room"):
        process.ensure(tmp_path)


def test_a_cloud_that_ignores_the_request_is_ended(tmp_path: Path) -> None:
    """A daemon that hangs holds the lock, and so is found without asking it."""
    holder = "import fcntl,os,signal,sys,time; signal.signal(signal.SIGTERM, signal.SIG_IGN); f=open(sys.argv[1],'w');"
    holder += (
        "fcntl.flock(f,fcntl.LOCK_EX); f.write(str(os.getpid())); f.flush(); print('held', flush=True); time.sleep(60)"
    )
    hanging = subprocess.Popen(
        [sys.executable, "-c", holder, str(tmp_path / record.LOCK)], stdout=subprocess.PIPE, text=True
    )
    assert hanging.stdout is not None
    assert hanging.stdout.readline() == "held\n"
    assert process.stop(tmp_path, timeout_seconds=0.2)
    assert hanging.wait() == -signal.SIGKILL


def test_the_record_says_where_and_what(home: Path) -> None:
    cloud = process.ensure(home)
    written = json.loads((home / record.FILE).read_text())
    assert (written["endpoint"], written["api"], written["pid"]) == (cloud.endpoint, cloud.api, cloud.pid)
    assert set(written) == {"pid", "endpoint", "api", "generation", "started"}


def test_a_session_talks_to_the_local_cloud(home: Path) -> None:
    session = process.ensure(home).session("222222222222", "eu-central-1")
    assert session.client("sts").get_caller_identity()["Account"] == "222222222222"
    assert session.client("s3").meta.endpoint_url.startswith("http://127.0.0.1:")
    assert list(session.resource("s3").buckets.all()) == []
