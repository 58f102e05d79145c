"""What a person sees of a deployment."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from localcloud.console import command, counted, finding
from localcloud.deployments import Event, Result

URN = "urn:pulumi:sales-prod::mesh::mesh:foundation:Bucket$aws:s3/bucket:Bucket::landing"


def test_a_command_can_be_copied_from_where_its_reader_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interpreter = tmp_path / "my mesh" / ".venv" / "bin" / "python"
    interpreter.parent.mkdir(parents=True)
    interpreter.write_text("")
    interpreter.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(interpreter))
    monkeypatch.chdir(tmp_path / "my mesh")
    assert command() == ".venv/bin/python -m localcloud"
    monkeypatch.chdir("/")
    assert command() == f"'{str(interpreter)[1:]}' -m localcloud"
    monkeypatch.setenv("PATH", str(interpreter.parent))
    assert command() == "python -m localcloud"


def test_counts_are_words_and_a_preview_speaks_of_the_future() -> None:
    result = Result(ok=True, counts={"create": 2, "same": 3, "create-replacement": 1}, seconds=1)
    assert counted(result) == "2 created, 3 unchanged"
    assert counted(result, planned=True) == "2 to create, 3 unchanged"
    assert counted(Result(ok=True, counts={}, seconds=1)) == "nothing to do"


def test_a_finding_names_the_resource_and_stays_one_block() -> None:
    event = Event(kind="policy", urn=URN, level="mandatory", policy="bucket-tls", message="not TLS-only\nTo fix: do")
    assert finding(event) == "  [mandatory] bucket-tls: landing (aws:s3/bucket:Bucket) not TLS-only\n    To fix: do"
    assert finding(Event(kind="diagnostic", severity="error", message="no")) == "  error: no"
