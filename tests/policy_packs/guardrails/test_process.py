"""The pack as an engine starts it: a process of its own, spoken to over gRPC."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc
import pytest
import yaml
from google.protobuf import empty_pb2, json_format
from mesh_guardrails.analyzer import VERSION
from mesh_guardrails.controls import CONTROLS
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

from tests.policy_packs.guardrails.building import ORGANISATION_SETTINGS, urn

PACK = Path(__file__).parents[3] / "policy_packs" / "guardrails"
LEVELS = {"advisory": analyzer_pb2.ADVISORY, "mandatory": analyzer_pb2.MANDATORY}


@contextmanager
def started(pack: Path = PACK) -> Iterator[analyzer_pb2_grpc.AnalyzerStub]:
    """The pack's stub; the process ends with the block."""
    command = [sys.executable, "-u", "-m", "pulumi.policy", "127.0.0.1:1", str(pack)]
    with subprocess.Popen(command, cwd=pack, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            port = int(process.stdout.readline())
            with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
                yield analyzer_pb2_grpc.AnalyzerStub(channel)
        finally:
            process.kill()


def configuration(level: str) -> analyzer_pb2.ConfigureAnalyzerRequest:
    """What an engine makes of `{"all": level, "organisation": {...}}`."""
    request = analyzer_pb2.ConfigureAnalyzerRequest()
    for control in CONTROLS:
        request.policyConfig[control.id].enforcementLevel = LEVELS[level]
    json_format.ParseDict(ORGANISATION_SETTINGS, request.policyConfig["organisation"].properties)
    return request


@pytest.mark.parametrize("level", LEVELS)
def test_an_engine_gets_the_policies_and_the_findings_at_the_configured_level(level: str) -> None:
    with started() as pack:
        info = pack.GetAnalyzerInfo(empty_pb2.Empty())
        assert {policy.name for policy in info.policies} == {control.id for control in CONTROLS}
        pack.Configure(configuration(level))
        provider = analyzer_pb2.AnalyzeRequest(
            type="pulumi:providers:aws", urn=urn("pulumi:providers:aws"), name="sales"
        )
        provider.properties.update({"region": "eu-west-1", "allowedAccountIds": json.dumps(["111111111111"])})
        (diagnostic,) = pack.Analyze(provider).diagnostics
        assert (diagnostic.policyName, diagnostic.enforcementLevel) == ("provider-account", LEVELS[level])


def test_an_engine_is_told_of_a_control_that_does_not_exist() -> None:
    with started() as pack, pytest.raises(grpc.RpcError, match="no control 'provider-acount'; did you mean"):
        pack.Configure(
            analyzer_pb2.ConfigureAnalyzerRequest(policyConfig={"provider-acount": analyzer_pb2.PolicyConfig()})
        )


def test_the_pack_ends_when_its_engine_is_gone() -> None:
    engine = (
        "import subprocess, sys;"
        f"p = subprocess.Popen([sys.executable, '-u', '-m', 'pulumi.policy', '127.0.0.1:1', {str(PACK)!r}],"
        f" cwd={str(PACK)!r}, stdout=subprocess.PIPE); p.stdout.readline(); print(p.pid)"
    )
    pid = int(subprocess.run([sys.executable, "-c", engine], capture_output=True, text=True, check=True).stdout)
    deadline = time.monotonic() + 30
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not alive(pid)


def alive(pid: int) -> bool:
    """Whether a process is still running; one that has ended and waits for its parent is not."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(state.strip()) and not state.strip().startswith("Z")


def test_the_version_is_the_packs() -> None:
    assert yaml.safe_load((PACK / "PulumiPolicy.yaml").read_text())["version"] == VERSION


def test_a_wrong_waivers_file_stops_the_pack_and_says_where(tmp_path: Path) -> None:
    pack = tmp_path / "guardrails"
    shutil.copytree(PACK, pack, ignore=shutil.ignore_patterns("__pycache__"))
    (pack / "waivers.yaml").write_text("- control: named\n")
    done = subprocess.run(
        [sys.executable, "-u", "-m", "pulumi.policy", "127.0.0.1:1", str(pack)],
        cwd=pack,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode != 0
    assert done.stdout == ""
    assert "waivers.yaml: entry 1: urn: expected a text" in done.stderr
