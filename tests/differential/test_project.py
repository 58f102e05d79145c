"""The project's own program, plugins and policy pack, previewed through both engines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from localcloud.cloud import process
from localcloud.engines import Result
from localcloud.pulumi_cli import find_pulumi
from localcloud.workspace import EngineName, Workspace
from tests.localcloud.engine.workspace import Told

PULUMI = find_pulumi()
STACK = "governance-prod"  # the one that reads no other
pytestmark = [
    pytest.mark.differential,
    pytest.mark.skipif(not PULUMI.usable, reason=f"needs the Pulumi CLI to compare with: {PULUMI.problem}"),
]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    process.stop(tmp_path)


def preview(engine: EngineName, home: Path) -> tuple[Result, Counter[Any], Counter[Any]]:
    """How it went, the steps, and what the policies found."""
    workspace, told = Workspace(engine_name=engine, home=home), Told()
    cloud, _ = workspace.start(to_deploy=False)
    result = workspace.engine("prod", cloud).preview(STACK, told)
    steps = Counter((event.op, event.urn) for event in told if event.kind == "start")
    judged = (event for event in told if event.kind in ("policy", "remediation"))
    return result, steps, Counter((event.kind, event.urn, event.policy, event.message, event.level) for event in judged)


def test_both_engines_preview_the_same(home: Path) -> None:
    embedded, embedded_steps, embedded_findings = preview("embedded", home)
    pulumi, pulumi_steps, pulumi_findings = preview("pulumi", home)
    assert (embedded.ok, embedded.counts) == (pulumi.ok, pulumi.counts), embedded.diagnostics
    assert embedded_steps == pulumi_steps
    assert embedded_findings == pulumi_findings
