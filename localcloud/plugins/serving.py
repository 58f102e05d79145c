"""Runs a plugin's gRPC server for as long as the engine that started it lives."""

import os
import re
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import grpc

MESSAGE_BYTES = 400 << 20
"""The largest message that Pulumi's engine sends or takes."""

THREADS = 64
POLL_SECONDS = 1.0
MISSED_POLLS = 3
_ADDRESS = re.compile(r".+:\d+")


def engine_address(arguments: Sequence[str]) -> str | None:
    """The address that an engine gives its plugins as their last argument, `host:port`; None for a start by hand."""
    last = arguments[-1] if arguments else ""
    return last if _ADDRESS.fullmatch(last) else None


def serve(register: Callable[[grpc.Server], None], engine: str | None) -> None:
    """Serve what `register` adds on a free port, printed as the first line, until the engine is gone."""
    options = [("grpc.max_receive_message_length", MESSAGE_BYTES), ("grpc.max_send_message_length", MESSAGE_BYTES)]
    server = grpc.server(ThreadPoolExecutor(max_workers=THREADS), options=options)
    register(server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    end_with(engine)  # before the engine hears of the port: it can be gone right after
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    server.wait_for_termination()


def end_with(engine: str | None) -> None:
    """End this process as soon as the engine that started it is gone, however it went."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # how an engine ends its plugins; Ctrl-C does not reach their group
    threading.Thread(target=_end, args=(engine, os.getppid()), daemon=True).start()


def _end(engine: str | None, parent: int) -> None:
    _wait_for_the_end_of(engine, parent)
    os._exit(0)  # a call that hangs must not keep the process


def _wait_for_the_end_of(engine: str | None, parent: int) -> None:
    """Return when the parent process is another one, or the engine no longer listens; SIGKILL leaves no other sign."""
    missed = 0
    while os.getppid() == parent and missed < MISSED_POLLS:
        time.sleep(POLL_SECONDS)
        missed = 0 if engine is None or _listens(engine) else missed + 1


def _listens(address: str) -> bool:
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=POLL_SECONDS).close()
    except OSError:
        return False
    return True
