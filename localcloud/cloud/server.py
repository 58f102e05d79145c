"""`python -m localcloud.cloud.server --home DIR`: the local cloud's one process.

It serves the AWS APIs (moto) on a free port of 127.0.0.1, runs the trigger runtime beside them, and says where in
`cloud.json` once both answer. It ends on SIGTERM or SIGINT, or when its directory is deleted, and takes `cloud.json`
with it. One runs per state directory: it holds a lock on `cloud.lock` as long as it lives, and writes its process id
there.

Everything is kept in memory. What the stand-in does not enforce is listed in `localcloud.cloud.quirks`.
"""

import argparse
import fcntl
import json
import os
import signal
import sys
import threading
import uuid
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import BaseWSGIServer, make_server

from localcloud import runtime
from localcloud.cloud import quirks, record
from localcloud.cloud.record import ALREADY_RUNS, HEALTH, LOCK

WATCH_SECONDS = 2.0
"""How often the daemon looks whether its directory is still there."""

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


def with_health(application: Application, health: dict[str, Any]) -> Application:
    """`application`, and under `HEALTH` the answer `health` as JSON."""
    body = json.dumps(health).encode()

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ.get("PATH_INFO") != HEALTH:
            return application(environ, start_response)
        start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]

    return answer


class Requests(MotoRequestHandler):
    """Writes no line for each request: a deployment makes thousands."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


def serve(home: Path) -> int:
    """Serve until SIGTERM or SIGINT; the process's exit code."""
    home.mkdir(parents=True, exist_ok=True)
    lock = take_lock(home)
    if lock is None:
        return ALREADY_RUNS
    stopping = threading.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, lambda *_: stopping.set())

    quirks.install()
    generation = uuid.uuid4().hex
    health = {"pid": os.getpid(), "generation": generation}
    application = with_health(DomainDispatcherApplication(create_backend_app), health)
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=Requests)
    endpoint = f"http://127.0.0.1:{server.port}"
    thread = threading.Thread(target=server.serve_forever, name="aws", daemon=True)
    thread.start()
    triggers = runtime.start(endpoint, home)
    try:
        started = datetime.now(UTC).isoformat(timespec="seconds")
        record.write(home, record.Record(os.getpid(), endpoint, triggers.api_endpoint, generation, started))
        print(f"{started} {generation} serves {endpoint}", flush=True)
        while not stopping.wait(WATCH_SECONDS) and still_there(lock):
            pass
    finally:
        record.remove(home, generation)
        triggers.stop()
        stop_serving(server)
    return 0


def still_there(lock: TextIO) -> bool:
    """Whether the lock file is still the one that is held: whoever deletes the directory wants no daemon for it."""
    with suppress(FileNotFoundError):
        return os.path.samestat(os.stat(lock.name), os.fstat(lock.fileno()))
    return False


def stop_serving(server: BaseWSGIServer) -> None:
    """Stop accepting requests; those under way are daemon threads and end with the process."""
    server.shutdown()
    server.socket.close()


def take_lock(home: Path) -> TextIO | None:
    """The open lock file, to be kept for life; None when another process holds it."""
    file = open(home / LOCK, "a+", encoding="ascii")  # noqa: SIM115 (open as long as the process lives)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file


def main(arguments: list[str]) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m localcloud.cloud.server", description=__doc__.splitlines()[0])
    parser.add_argument("--home", type=Path, required=True, help="state directory of the local cloud")
    return serve(parser.parse_args(arguments).home.resolve())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
