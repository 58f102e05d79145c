"""Which engine is taken, and what the CLI's events become. `engine` and `differential` test what the engines do."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from localcloud.engines import EmbeddedEngine, EngineError, Event, Project, PulumiEngine, choose
from localcloud.pulumi_cli import Found, find_pulumi, locally_encrypted, to_event


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "Pulumi.yaml").write_text("name: mesh\nruntime: python\n")
    return Project(root=tmp_path, home=tmp_path / ".localcloud")


@pytest.fixture
def bin_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH on which there is nothing but what a test puts there."""
    path = tmp_path / "bin"
    path.mkdir()
    monkeypatch.setenv("PATH", str(path))
    return path


def install(directory: Path, version: str, *names: str) -> None:
    for name in ("pulumi", *names):
        file = directory / name
        file.write_text(f"#!/bin/sh\necho {version}\n")
        file.chmod(0o755)


def test_without_a_pulumi_the_embedded_engine_is_taken(project: Project, bin_directory: Path) -> None:
    assert isinstance(choose("auto", project), EmbeddedEngine)
    with pytest.raises(EngineError, match="no `pulumi` on PATH"):
        choose("pulumi", project)


def test_a_suitable_pulumi_is_taken(project: Project, bin_directory: Path) -> None:
    install(bin_directory, "v3.300.1", "pulumi-language-python")
    engine = choose("auto", project)
    assert isinstance(engine, PulumiEngine)
    assert (engine.name, engine.version) == ("pulumi", "3.300.1")
    assert choose("embedded", project).name == "embedded"


@pytest.mark.parametrize(
    ("version", "beside", "problem"),
    [
        ("v3.100.0", ["pulumi-language-python"], "3.260 or newer is needed"),
        ("dev", ["pulumi-language-python"], "3.260 or newer is needed"),
        ("v3.300.0", [], "has no pulumi-language-python beside it"),
    ],
)
def test_an_unsuitable_pulumi_is_left_alone(
    project: Project, bin_directory: Path, version: str, beside: list[str], problem: str
) -> None:
    install(bin_directory, version, *beside)
    assert problem in find_pulumi().problem
    assert isinstance(choose("auto", project), EmbeddedEngine)
    with pytest.raises(EngineError, match=problem):
        choose("pulumi", project)


STEP = {"metadata": {"op": "create", "urn": "urn:a", "type": "aws:s3/bucket:Bucket"}}


@pytest.mark.parametrize(
    ("document", "event"),
    [
        ({"resourcePreEvent": STEP}, Event(kind="start", op="create", urn="urn:a", type="aws:s3/bucket:Bucket")),
        ({"resOutputsEvent": STEP}, Event(kind="done", op="create", urn="urn:a", type="aws:s3/bucket:Bucket")),
        ({"resOpFailedEvent": STEP}, Event(kind="failed", op="create", urn="urn:a", type="aws:s3/bucket:Bucket")),
        (
            {"diagnosticEvent": {"message": "<{%reset%}>hello<{%reset%}>\n", "severity": "info#err"}},
            Event(kind="diagnostic", message="hello", severity="info"),
        ),
        ({"diagnosticEvent": {"message": "hello", "severity": "info", "ephemeral": True}}, None),
        (
            {
                "policyEvent": {
                    "resourceUrn": "urn:a",
                    "message": "<{%fg 1%}>no tags",
                    "policyName": "tags",
                    "policyPackName": "guardrails",
                    "enforcementLevel": "mandatory",
                }
            },
            Event(kind="policy", urn="urn:a", message="no tags", policy="tags", pack="guardrails", level="mandatory"),
        ),
        (
            {"policyRemediationEvent": {"resourceUrn": "urn:a", "policyName": "tags", "policyPackName": "guardrails"}},
            Event(kind="remediation", urn="urn:a", policy="tags", pack="guardrails"),
        ),
        ({"preludeEvent": {"config": {}}}, None),
    ],
)
def test_events_of_the_cli(document: dict[str, Any], event: Event | None) -> None:
    assert to_event(document) == event


def lock(engine: PulumiEngine, pid: int) -> Path:
    """A lock as the CLI's file backend leaves it."""
    path = engine.project.home / "pulumi/backend/.pulumi/locks/organization/mesh/dev/1.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"pid": pid}))
    state = engine.project.home / "pulumi/backend/.pulumi/stacks/mesh/dev.json"
    state.parent.mkdir(parents=True)
    state.write_text("{}")
    return path


def test_a_lock_of_the_cli_ends_with_its_process(project: Project, bin_directory: Path) -> None:
    install(bin_directory, "v3.300.0", "pulumi-language-python")
    (bin_directory / "pulumi").write_text('#!/bin/sh\necho "{}"\n')
    engine = PulumiEngine(project, Found(str(bin_directory / "pulumi"), "3.300.0"))
    path = lock(engine, os.getpid())
    with pytest.raises(EngineError, match=f"locked by process {os.getpid()}"):
        engine.outputs("dev")
    path.write_text(json.dumps({"pid": 2**22 + 1}))
    assert engine.outputs("dev") == {}
    assert not path.exists()


def test_a_stack_that_the_cli_does_not_know(project: Project) -> None:
    engine = PulumiEngine(project, Found("pulumi", "3.300.0"))
    engine.forget("dev")
    with pytest.raises(EngineError, match="stack dev has no state"):
        engine.outputs("dev")


def test_the_key_of_the_state_on_aws_is_needed_only_for_what_it_encrypted() -> None:
    config = {"mesh:account": "sales"}
    key = {"encryptionsalt": "v1:x", "secretsprovider": "awskms://alias/x", "encryptedkey": "y"}
    assert locally_encrypted({"config": config} | key) == {"config": config}
    secret = {"config": config | {"mesh:token": {"secure": "v1:z"}}} | key
    assert locally_encrypted(secret) == secret
