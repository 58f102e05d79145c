"""Workers live no longer than the local cloud."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from moto.moto_server.threaded_moto_server import ThreadedMotoServer

from localcloud import runtime

from .conftest import Cloud, eventually
from .test_functions import alive

ROOT = Path(__file__).parents[3]

DAEMON = """
import sys, time
from pathlib import Path
from moto.moto_server.threaded_moto_server import ThreadedMotoServer
from localcloud import runtime
server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
server.start()
endpoint = "http://%s:%s" % server.get_host_and_port()
runtime.start(endpoint, Path(sys.argv[1]))
print(endpoint, flush=True)
time.sleep(600)
"""

WITH_A_CHILD = """
import subprocess
def handler(event, context):
    child = subprocess.Popen(["sleep", "600"])
    tell([os.getpid(), child.pid])
    if event == "stay":
        time.sleep(600)
"""


@pytest.mark.parametrize("event", ["return", "stay"])
def test_sigkill_of_the_local_cloud_ends_its_workers_and_what_they_started(tmp_path: Path, event: str) -> None:
    daemon = subprocess.Popen(
        [sys.executable, "-c", DAEMON, str(tmp_path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert daemon.stdout is not None
        cloud = Cloud(daemon.stdout.readline().strip(), tmp_path, None)  # type: ignore[arg-type]
        function = cloud.function(WITH_A_CHILD, Timeout=600)
        cloud.client("lambda").invoke(FunctionName=function.name, InvocationType="Event", Payload=json.dumps(event))
        [pids] = eventually(function.told)
        assert all(alive(pid) for pid in pids)
    finally:
        daemon.send_signal(signal.SIGKILL)
        daemon.wait()
        assert daemon.stdout is not None
        daemon.stdout.close()
    eventually(lambda: not any(alive(pid) for pid in pids))


def test_stop_ends_what_runs(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    running = runtime.start(f"http://{host}:{port}", tmp_path)
    cloud = Cloud(f"http://{host}:{port}", tmp_path, running)
    warm, busy = cloud.function(WITH_A_CHILD), cloud.function(WITH_A_CHILD)
    cloud.client("lambda").invoke(FunctionName=warm.name, Payload='"return"')
    cloud.client("lambda").invoke(FunctionName=busy.name, InvocationType="Event", Payload='"stay"')
    pids = [pid for function in (warm, busy) for pid in eventually(function.told)[0]]
    assert all(alive(pid) for pid in pids)
    running.stop()
    server.stop()
    eventually(lambda: not any(alive(pid) for pid in pids))
    assert {thread for thread in threading.enumerate() if thread not in before} == set()


def test_two_workers_do_not_keep_each_other_alive(cloud: Cloud) -> None:
    """A worker that inherited the other's socket would keep it open after the local cloud has let go."""
    function = cloud.function("def handler(event, context): return sorted(os.listdir('/proc/self/fd'))")
    other = cloud.function("def handler(event, context): return sorted(os.listdir('/proc/self/fd'))")
    first, second = (
        json.load(cloud.client("lambda").invoke(FunctionName=found.name)["Payload"]) for found in (function, other)
    )
    assert len(second) == len(first)
