"""The pack inside the engines: what it finds in a violating program and remedies, and that both engines agree."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from localcloud.engines import Engine, Event, Project, choose
from localcloud.plugins.launchers import install
from localcloud.plugins.materialised import ENDPOINT, NOWHERE
from localcloud.pulumi_cli import find_pulumi
from tests.policy_packs.guardrails.building import ORGANISATION_SETTINGS

HERE = Path(__file__).parent
PACK = HERE.parents[2] / "policy_packs" / "guardrails"

FOUND = {
    ("provider-account", "elsewhere"),
    ("provider-region", "elsewhere"),
    ("store-under-component", "open"),
    ("data-classified", "open"),
    ("tls-only-s3", "open"),
    ("cross-account", "open"),
    ("encryption-sqs-queue", "aws-key"),
    ("key-rotation", "key"),
    ("pilot-light-keys", "key"),
    ("cross-account", "stranger"),
    ("iam-administrator", "administrator"),
    ("open-admin-ports", "ssh"),
    ("encryption-lambda-function", "secretive"),
    ("function-runtime", "secretive"),
    ("environment-secrets", "secretive"),
}

_missing = pytest.mark.skip(reason=f"the Pulumi CLI is not used: {find_pulumi().problem}")
ENGINES = [
    pytest.param("embedded"),
    pytest.param("pulumi", marks=[pytest.mark.differential, *([] if find_pulumi().usable else [_missing])]),
]


def engine(name: Any, folder: Path, program: str, levels: dict[str, Any]) -> Engine:
    """An engine over a program in a project of its own, with the pack at these levels."""
    (folder / "Pulumi.yaml").write_text(
        f"name: mesh\nruntime:\n  name: python\n  options:\n    toolchain: pip\n    virtualenv: {sys.prefix}\n"
    )
    shutil.copyfile(HERE / program, folder / "__main__.py")
    config = folder / "guardrails.json"
    config.write_text(json.dumps({"organisation": ORGANISATION_SETTINGS, **levels}))
    home = folder / ".localcloud"
    install(home / "plugins")
    environment = {ENDPOINT: NOWHERE, "PULUMI_CONFIG_PASSPHRASE": ""}
    return choose(name, Project(root=folder, home=home, policy_packs=((PACK, config),), environment=environment))


def preview(name: Any, folder: Path, program: str, levels: dict[str, Any]) -> tuple[bool, list[Event]]:
    """Whether a preview succeeds, and what the pack says in it."""
    events: list[Event] = []
    result = engine(name, folder, program, levels).preview("sales-prod", events.append)
    return result.ok, [event for event in events if event.kind in ("policy", "remediation")]


def told(events: list[Event], level: str) -> set[tuple[str, str]]:
    """Which control said something at a level about which resource."""
    return {(e.policy, e.urn.rpartition("::")[2]) for e in events if e.kind == "policy" and e.level == level}


@pytest.mark.parametrize("name", ENGINES)
def test_a_violating_program_is_refused_for_each_reason(name: str, tmp_path: Path) -> None:
    ok, events = preview(name, tmp_path, "violating_program.py", {"all": "mandatory"})
    assert not ok
    mandatory = told(events, "mandatory")
    assert mandatory >= FOUND
    assert ("encryption-sqs-queue", "key-not-known-yet") not in mandatory
    assert ("iam-document-readable", "not-known-yet") in told(events, "advisory")
    assert not any("hunter2" in event.message for event in events)


@pytest.mark.parametrize("name", ENGINES)
def test_what_the_pack_can_remedy_is_remedied(name: str, tmp_path: Path) -> None:
    levels = {"all": "advisory", "key-rotation": "remediate"}
    ok, events = preview(name, tmp_path, "violating_program.py", levels)
    assert ok
    assert {(e.policy, e.urn.rpartition("::")[2]) for e in events if e.kind == "remediation"} == {
        ("key-rotation", "key")
    }
    assert "key-rotation" not in {policy for policy, _ in told(events, "advisory") | told(events, "mandatory")}


@pytest.mark.differential
@pytest.mark.skipif(not find_pulumi().usable, reason=f"the Pulumi CLI is not used: {find_pulumi().problem}")
def test_exported_state_is_judged_like_an_update(tmp_path: Path) -> None:
    events: list[Event] = []
    deployed = engine("embedded", tmp_path, "violating_program.py", {"all": "advisory"})
    assert deployed.up("sales-prod", events.append).ok
    state = tmp_path / "state.json"
    state.write_text(json.dumps(deployed.export("sales-prod")))
    config = tmp_path / "mandatory.json"
    config.write_text(json.dumps({"all": "mandatory", "organisation": ORGANISATION_SETTINGS}))
    command = ["pulumi", "policy", "analyze", "--json", "--non-interactive", "--file", str(state)]
    done = subprocess.run(
        [*command, "--policy-pack", str(PACK), "--policy-pack-config", str(config)],
        cwd=tmp_path,
        env={**os.environ, "PULUMI_HOME": str(tmp_path / "home"), "PULUMI_SKIP_UPDATE_CHECK": "true"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    found = [json.loads(line).get("policyEvent") for line in done.stdout.splitlines()]
    assert {(e["policyName"], e["resourceUrn"].rpartition("::")[2]) for e in found if e} >= FOUND, done.stderr


@pytest.mark.differential
@pytest.mark.skipif(not find_pulumi().usable, reason=f"the Pulumi CLI is not used: {find_pulumi().problem}")
def test_both_engines_give_the_same_findings(tmp_path: Path) -> None:
    findings = []
    for name in ("embedded", "pulumi"):
        folder = tmp_path / name
        folder.mkdir()
        _, events = preview(name, folder, "violating_program.py", {"all": "advisory"})
        findings.append({(event.policy, event.urn, event.message, event.level) for event in events})
    assert findings[0] == findings[1]
