"""The embedded engine as the rest of the local cloud uses it: each deployment is a process of its own, so that a crash
or a kill leaves this one alive and the state intact."""

from __future__ import annotations

import importlib.metadata
import json
import os
import sys
from pathlib import Path
from typing import Any, Literal

from localcloud.deployments import EngineError, Event, OnEvent, Project, Result
from localcloud.engine.checkpoint import Checkpoint, forget
from localcloud.engine.passphrase import Passphrase
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
        return self._stored(stack).outputs(show_secrets=show_secrets)

    def export(self, stack: str) -> dict[str, Any]:
        return self._stored(stack).document()

    def stacks(self) -> list[str]:
        directory = self.project.home / "embedded"
        return sorted({path.stem for suffix in ("json", "journal") for path in directory.glob(f"*.{suffix}")})

    def forget(self, stack: str) -> None:
        if stack in self.stacks():
            forget(self._path(stack))

    def _path(self, stack: str) -> Path:
        return self.project.home / "embedded" / f"{stack}.json"

    def _environment(self) -> dict[str, str]:
        return {PASSPHRASE: "", **os.environ, **self.project.environment}

    def _stored(self, stack: str) -> Checkpoint:
        checkpoint = Checkpoint(self._path(stack), Passphrase(self._environment()[PASSPHRASE]))
        if not checkpoint.stored:
            raise EngineError(f"stack {stack} has no state")
        return checkpoint

    def _deploy(self, command: str, stack: str, on_event: OnEvent, *flags: str) -> Result:
        summary: dict[str, Any] = {}
        told: list[Event] = []

        def on_line(line: str) -> None:
            document = json.loads(line)
            if document["kind"] == "summary":
                summary.update(document)
                return
            told.append(Event(**document))
            on_event(told[-1])

        argv = [sys.executable, "-m", "localcloud.engine", command, "--stack", stack, "--json", *flags]
        argv += ["--root", str(self.project.root), "--home", str(self.project.home)]
        for pack, config in self.project.policy_packs:
            argv += ["--policy-pack", str(pack), "--policy-pack-config", str(config or "")]
        finished = stream(argv, cwd=COMMAND_ROOT, env=self._environment(), on_line=on_line)
        if finished.code == CANNOT:
            raise EngineError(finished.errors)
        if not summary:
            again = f"{command} again to go on from where it was"
            raise EngineError(f"the embedded engine was ended (exit code {finished.code}); {again}\n{finished.errors}")
        diagnostics = tuple(event for event in told if event.noteworthy)
        return Result(ok=summary["ok"], counts=summary["counts"], seconds=summary["seconds"], diagnostics=diagnostics)
