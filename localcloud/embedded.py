"""The embedded engine as the rest of the local cloud uses it: each deployment is a process of its own, so that a crash
or a kill leaves this one alive and the state intact."""

from __future__ import annotations

import importlib.metadata
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from localcloud.deployments import EngineError, Event, OnEvent, Project, Result
from localcloud.processes import stream

PASSPHRASE = "PULUMI_CONFIG_PASSPHRASE"
CANNOT = 2  # exit code of a deployment that could not be begun
COMMAND_ROOT = Path(__file__).resolve().parent.parent


class EmbeddedEngine:
    """Runs `python -m localcloud.engine`; its states are `<home>/embedded/<stack>.json`."""

    name: Literal["embedded"] = "embedded"

    def __init__(self, project: Project) -> None:
        self.project = project
        self.version = importlib.metadata.version("pulumi")

    def preview(self, stack: str, on_event: OnEvent) -> Result:
        return self._deploy("preview", stack, on_event)

    def up(self, stack: str, on_event: OnEvent) -> Result:
        return self._deploy("up", stack, on_event)

    def refresh(self, stack: str, on_event: OnEvent) -> Result:
        return self._deploy("refresh", stack, on_event)

    def destroy(self, stack: str, on_event: OnEvent, *, unprotect: bool = False) -> Result:
        return self._deploy("destroy", stack, on_event, *(["--unprotect"] if unprotect else []))

    def outputs(self, stack: str, *, show_secrets: bool = False) -> dict[str, Any]:
        return self._read("outputs", stack, *(["--show-secrets"] if show_secrets else []))

    def export(self, stack: str) -> dict[str, Any]:
        return self._read("export", stack)

    def stacks(self) -> list[str]:
        directory = self.project.home / "embedded"
        return sorted({path.stem for suffix in ("json", "journal") for path in directory.glob(f"*.{suffix}")})

    def forget(self, stack: str) -> None:
        self._run("forget", stack, lambda line: None)

    def _deploy(self, command: str, stack: str, on_event: OnEvent, *flags: str) -> Result:
        summary: dict[str, Any] = {}
        told: list[Event] = []

        def on_line(line: str) -> None:
            document = json.loads(line)
            if document["kind"] == "summary":
                summary.update(document)
                return
            event = Event(**document)
            if event.kind == "policy" or event.severity in ("warning", "error"):
                told.append(event)
            on_event(event)

        for pack, config in self.project.policy_packs:
            flags += ("--policy-pack", str(pack), "--policy-pack-config", str(config or ""))
        errors = self._run(command, stack, on_line, *flags)
        if not summary:
            raise EngineError(f"the embedded engine was ended; {command} again to go on from where it was\n{errors}")
        return Result(ok=summary["ok"], counts=summary["counts"], seconds=summary["seconds"], diagnostics=tuple(told))

    def _read(self, command: str, stack: str, *flags: str) -> dict[str, Any]:
        lines: list[str] = []
        self._run(command, stack, lines.append, *flags)
        document: dict[str, Any] = json.loads("".join(lines))
        return document

    def _run(self, command: str, stack: str, on_line: Callable[[str], object], *flags: str) -> str:
        argv = [sys.executable, "-m", "localcloud.engine", command, "--stack", stack, "--root", str(self.project.root)]
        argv += ["--home", str(self.project.home), "--json", *flags]
        env = {PASSPHRASE: "", **os.environ, **self.project.environment}
        finished = stream(argv, cwd=COMMAND_ROOT, env=env, on_line=on_line)
        if finished.code == CANNOT:
            raise EngineError(finished.errors)
        return finished.errors
