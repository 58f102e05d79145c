"""A blueprint runs as a program does: in the project's directory, refusing Outputs inside text."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _as_a_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(__file__).resolve().parents[2])
    monkeypatch.setenv("PULUMI_ERROR_OUTPUT_STRING", "1")
