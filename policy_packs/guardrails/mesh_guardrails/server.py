"""Serves the pack to the engine that started it."""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Final

import grpc
from pulumi.runtime.proto import analyzer_pb2_grpc

from mesh_guardrails.analyzer import PACK, Analyzer
from mesh_guardrails.controls import CONTROLS
from mesh_guardrails.evaluation import Controls
from mesh_guardrails.waivers import WaiverError

LARGEST_MESSAGE: Final = 400 * 1024 * 1024
"""Bytes; what the engine itself allows (sdk/go/common/util/rpcutil), since a whole stack comes in one message."""

_LOOK_SECONDS: Final = 2.0


def serve() -> None:
    """Serve until the engine ends the process, is interrupted, or is gone itself.

    The port on the loopback interface is the first and only line on stdout.

    Raises:
        SystemExit: the waivers file is wrong; the message, which the engine shows, says where.
    """
    server = grpc.server(ThreadPoolExecutor(4), options=[("grpc.max_receive_message_length", LARGEST_MESSAGE)])
    waivers = Path(__file__).resolve().parent.parent / "waivers.yaml"
    try:
        analyzer = Analyzer(Controls(CONTROLS), waivers=waivers)
    except WaiverError as error:
        raise SystemExit(f"policy pack {PACK}: {error}") from None
    analyzer_pb2_grpc.add_AnalyzerServicer_to_server(analyzer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    parent = os.getppid()
    # An engine that was killed cannot end the pack; then the pack is somebody else's child.
    with suppress(KeyboardInterrupt):
        while server.wait_for_termination(timeout=_LOOK_SECONDS) and os.getppid() == parent:
            pass
    server.stop(grace=None)
