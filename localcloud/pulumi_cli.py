"""The real Pulumi CLI as an engine: a home and a file backend of its own, nothing downloaded, nothing asked.

The variables are those of https://www.pulumi.com/docs/iac/cli/environment-variables/.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

from localcloud.deployments import EngineError, Event, OnEvent, Project, Result, Severity
from localcloud.processes import alive, stream

OLDEST = (3, 260)  # the oldest CLI that the differential test has run against
LANGUAGE_HOST = "pulumi-language-python"
ENCRYPTION = ("encryptionsalt", "encryptedkey", "secretsprovider")
MARKUP = re.compile(r"<\{%.*?%\}>")
# Nothing is downloaded, and a preview gives its events as they come, as an up does.
OFFLINE = {
    "PULUMI_SKIP_UPDATE_CHECK": "true",
    "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    "PULUMI_IGNORE_AMBIENT_PLUGINS": "true",
    "PULUMI_CREDENTIAL_STORE": "plaintext",
    "PULUMI_ENABLE_STREAMING_JSON_PREVIEW": "true",
}


@dataclass(frozen=True)
class Found:
    """A `pulumi` on PATH, or why there is none to use."""

    path: str = ""
    version: str = ""
    problem: str = ""

    @property
    def usable(self) -> bool:
        return not self.problem


def find_pulumi() -> Found:
    """The CLI on PATH, if it is new enough and has the Python language host beside it."""
    path = shutil.which("pulumi")
    if path is None:
        return Found(problem="there is no `pulumi` on PATH")
    if not (Path(path).resolve().parent / LANGUAGE_HOST).exists():
        return Found(path, problem=f"{path} has no {LANGUAGE_HOST} beside it")
    said = subprocess.run(
        [path, "version"], capture_output=True, text=True, env={**os.environ, **OFFLINE}
    ).stdout.strip()
    match = re.match(r"v?(\d+)\.(\d+)", said)
    if match is None or (int(match[1]), int(match[2])) < OLDEST:
        return Found(
            path, said, f"{path} is {said or 'of an unknown version'}; {OLDEST[0]}.{OLDEST[1]} or newer is needed"
        )
    return Found(path, said.removeprefix("v"))


class PulumiEngine:
    """Drives `pulumi`. What it keeps is under `<home>/pulumi`: PULUMI_HOME, the backend, and for each stack a copy of
    its configuration file, to which the CLI adds the encryption salt: the project's own file is never written."""

    name: Literal["pulumi"] = "pulumi"

    def __init__(self, project: Project, pulumi: Found) -> None:
        self.project, self.version, self._pulumi = project, pulumi.version, pulumi.path
        self._program: dict[str, Any] = yaml.safe_load((project.root / "Pulumi.yaml").read_text())
        self._directory = project.home / "pulumi"
        self._settings = self._directory / "settings"
        self._backend = self._directory / "backend"
        self._no_settings = self._settings / "policy-pack.json"  # the CLI pairs packs and files by their order

    def preview(self, stack: str, on_event: OnEvent) -> Result:
        return self._deploy("preview", stack, on_event, self._ensure(stack))

    def up(self, stack: str, on_event: OnEvent) -> Result:
        return self._deploy("up", stack, on_event, self._ensure(stack), "--yes", "--skip-preview")

    def refresh(self, stack: str, on_event: OnEvent) -> Result:
        return self._deploy("refresh", stack, on_event, self._existing(stack), "--yes", "--skip-preview")

    def destroy(self, stack: str, on_event: OnEvent, *, unprotect: bool = False) -> Result:
        config = self._existing(stack)
        if unprotect:
            self._run("state", "unprotect", "--all", "--yes", "--stack", stack)
        return self._deploy("destroy", stack, on_event, config, "--yes", "--skip-preview")

    def outputs(self, stack: str, *, show_secrets: bool = False) -> dict[str, Any]:
        self._existing(stack)
        flags = ["--show-secrets"] if show_secrets else []
        return dict(json.loads(self._run("stack", "output", "--json", "--stack", stack, *flags)))

    def export(self, stack: str) -> dict[str, Any]:
        self._existing(stack)
        return dict(json.loads(self._run("stack", "export", "--stack", stack)))

    def stacks(self) -> list[str]:
        return sorted(path.stem for path in self._states().glob("*.json"))

    def forget(self, stack: str) -> None:
        if stack in self.stacks():
            self._run("stack", "rm", "--force", "--yes", "--stack", stack)

    def _states(self) -> Path:
        return self._backend / ".pulumi" / "stacks" / str(self._program["name"])

    def _environment(self) -> dict[str, str]:
        mine = {k: v for k, v in os.environ.items() if not k.startswith("PULUMI_") or k.startswith("PULUMI_CONFIG_")}
        if "PULUMI_CONFIG_PASSPHRASE_FILE" not in mine:
            mine.setdefault("PULUMI_CONFIG_PASSPHRASE", "")
        own = {"PULUMI_HOME": str(self._directory), "PULUMI_BACKEND_URL": f"file://{self._backend}"}
        return {**mine, **OFFLINE, **own, **self.project.environment}

    def _prepare(self) -> None:
        for directory in (self._settings, self._backend):
            directory.mkdir(parents=True, exist_ok=True)
        plugins = self._directory / "plugins"
        if not plugins.is_symlink():
            plugins.symlink_to(self.project.home / "plugins", target_is_directory=True)
        self._no_settings.write_text("{}")
        (self._settings / "Pulumi.yaml").write_text(
            yaml.safe_dump({"name": self._program["name"], "runtime": "python"})
        )

    def _existing(self, stack: str) -> Path:
        if stack not in self.stacks():
            raise EngineError(f"stack {stack} has no state")
        return self._ensure(stack)

    def _ensure(self, stack: str) -> Path:
        """Make the stack if it is new, end a lock that a dead process left, and return its configuration file."""
        self._prepare()
        source = self.project.root / (self._program.get("stackConfigDir") or "") / f"Pulumi.{stack}.yaml"
        copy = self._settings / source.name
        salt = yaml.safe_load(copy.read_text()).get("encryptionsalt") if copy.exists() else None
        settings = locally_encrypted((yaml.safe_load(source.read_text()) if source.exists() else None) or {})
        copy.write_text(yaml.safe_dump(({"encryptionsalt": salt} if salt else {}) | settings, sort_keys=False))
        if stack not in self.stacks():
            self._run("stack", "init", stack)
        self._break_stale_lock(stack)
        return copy

    def _break_stale_lock(self, stack: str) -> None:
        locks = self._backend / ".pulumi" / "locks" / "organization" / self._program["name"] / stack
        for path in locks.glob("*.json"):
            pid = json.loads(path.read_text())["pid"]
            if alive(pid):
                raise EngineError(f"stack {stack} is locked by process {pid}; wait for it or end it")
            path.unlink()

    def _run(self, *args: str) -> str:
        argv = [self._pulumi, *args, "--non-interactive"]
        done = subprocess.run(argv, cwd=self._settings, env=self._environment(), capture_output=True, text=True)
        if done.returncode:
            raise EngineError(f"pulumi {' '.join(args[:2])}: {(done.stderr or done.stdout).strip()}")
        return done.stdout

    def _deploy(self, command: str, stack: str, on_event: OnEvent, config: Path, *flags: str) -> Result:
        argv = [self._pulumi, command, "--stack", stack, "--config-file", str(config), "--json", "--non-interactive"]
        if command in ("preview", "up"):
            for pack, settings in self.project.policy_packs:
                flags += ("--policy-pack", str(pack), "--policy-pack-config", str(settings or self._no_settings))
        told: list[Event] = []
        summary: dict[str, Any] = {}

        def on_line(line: str) -> None:
            document = _document(line)
            summary.update(document.get("summaryEvent", {}))
            event = to_event(document)
            if event is not None:
                told.append(event)
                on_event(event)

        started = time.monotonic()
        finished = stream([*argv, *flags], cwd=self.project.root, env=self._environment(), on_line=on_line)
        diagnostics = tuple(event for event in told if event.noteworthy)
        if finished.code and not diagnostics:
            raise EngineError(f"pulumi {command}: {finished.errors or f'exit code {finished.code}'}")
        counts = dict(summary.get("resourceChanges") or {})
        seconds = round(time.monotonic() - started, 2)
        return Result(ok=finished.code == 0, counts=counts, seconds=seconds, diagnostics=diagnostics)


def locally_encrypted(settings: dict[str, Any]) -> dict[str, Any]:
    """A stack's settings without the key of its state on AWS, whose passphrase nobody has to have here. A value that is
    encrypted under that key keeps it."""
    if '"secure":' in json.dumps(settings.get("config"), default=str):
        return settings
    return {name: value for name, value in settings.items() if name not in ENCRYPTION}


def _document(line: str) -> dict[str, Any]:
    """An engine event, or nothing for a line that is none (the CLI ends with a plain summary)."""
    try:
        document = json.loads(line)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


STEPS: dict[str, Literal["start", "done", "failed"]] = {
    "resourcePreEvent": "start",
    "resOutputsEvent": "done",
    "resOpFailedEvent": "failed",
}
SEVERITIES: dict[str, Severity] = {"info": "info", "info#err": "info", "warning": "warning", "error": "error"}


def to_event(document: dict[str, Any]) -> Event | None:
    """One of the CLI's engine events (sdk/go/common/apitype/events.go in pulumi/pulumi), if it is one that is shown."""
    for key, kind in STEPS.items():
        if key in document:
            step = document[key]["metadata"]
            return Event(kind=kind, urn=step["urn"], type=step["type"], op=step["op"])
    if "diagnosticEvent" in document and not document["diagnosticEvent"].get("ephemeral"):
        said = document["diagnosticEvent"]
        severity = SEVERITIES.get(said["severity"], "info")
        return Event(kind="diagnostic", urn=said.get("urn", ""), message=_plain(said["message"]), severity=severity)
    if "policyEvent" in document:
        found = document["policyEvent"]
        return Event(
            kind="policy",
            urn=found.get("resourceUrn", ""),
            message=_plain(found["message"]),
            policy=found["policyName"],
            pack=found["policyPackName"],
            level=found["enforcementLevel"],
        )
    if "policyRemediationEvent" in document:
        fixed = document["policyRemediationEvent"]
        urn, policy, pack = fixed.get("resourceUrn", ""), fixed["policyName"], fixed["policyPackName"]
        return Event(kind="remediation", urn=urn, policy=policy, pack=pack)
    return None


def _plain(message: str) -> str:
    return MARKUP.sub("", message).strip()
