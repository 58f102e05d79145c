"""Serves the pack to the engine that started it."""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import grpc
from pulumi.runtime.proto import analyzer_pb2_grpc

from mesh_guardrails.analyzer import Analyzer
from mesh_guardrails.controls import CONTROLS
from mesh_guardrails.evaluation import Controls

LARGEST_MESSAGE: Final = 400 * 1024 * 1024
"""Bytes; what the engine itself allows (sdk/go/common/util/rpcutil), since a whole stack comes in one message."""


def serve() -> None:
    """Serve until the engine ends the process, which it does when it needs the pack no longer.

    The port on the loopback interface is the first and only line on stdout.
    """
    server = grpc.server(ThreadPoolExecutor(4), options=[("grpc.max_receive_message_length", LARGEST_MESSAGE)])
    waivers = Path(__file__).resolve().parent.parent / "waivers.yaml"
    analyzer = Analyzer(Controls(CONTROLS), stack=os.environ.get("PULUMI_STACK", ""), waivers=waivers)
    analyzer_pb2_grpc.add_AnalyzerServicer_to_server(analyzer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    server.wait_for_termination()
