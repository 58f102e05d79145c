"""The embedded engine and the Pulumi CLI, put through the same: they must do the same and leave the same behind."""

from __future__ import annotations

import dataclasses
import json
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from localcloud.engine.passphrase import Passphrase
from localcloud.engine.values import SIGNATURE, rebuild
from localcloud.engines import EmbeddedEngine, PulumiEngine, Result
from localcloud.pulumi_cli import find_pulumi
from tests.differential.scenarios import PACK, SCENARIOS, Scenario, Stage
from tests.localcloud.engine.workspace import Told, Workspace

PULUMI = find_pulumi()
pytestmark = [
    pytest.mark.differential,
    pytest.mark.skipif(not PULUMI.usable, reason=f"needs the Pulumi CLI to compare with: {PULUMI.problem}"),
]

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
PLAIN_FIELDS = (
    *("type", "custom", "id", "parent", "provider", "protect", "external", "delete", "pendingReplacement"),
    *("additionalSecretOutputs", "importID", "retainOnDelete", "ignoreChanges", "replaceOnChanges", "initErrors"),
    *("customTimeouts", "sourcePosition"),
)
UNCHANGED = {"same", "read", "refresh"}


class Side:
    """One of the two engines, with a home of its own over the same project."""

    def __init__(self, workspace: Workspace, name: str) -> None:
        self.workspace, self.name = workspace, name
        self.home = workspace.directory / name
        self.home.mkdir()
        (self.home / "plugins").symlink_to(workspace.home / "plugins")
        self.told, self.calls = Told(), list[dict[str, Any]]()
        self.result = Result(ok=True, counts={}, seconds=0)

    def engine(self, trace: Path) -> EmbeddedEngine | PulumiEngine:
        environment = {**self.workspace.environment, "SIMULATED_TRACE": str(trace)}
        project = dataclasses.replace(self.workspace.project, home=self.home, environment=environment)
        return EmbeddedEngine(project) if self.name == "embedded" else PulumiEngine(project, PULUMI)

    def run(self, command: str, stack: str, number: int) -> None:
        trace = self.home / f"{number}.trace"
        self.told = Told()
        self.result = getattr(self.engine(trace), command)(stack, self.told)
        self.calls = [json.loads(line) for line in trace.read_text().splitlines()] if trace.exists() else []

    def seen(self) -> dict[str, Counter[Any]]:
        """What must be equal after each stage."""
        begun = [(event.op, event.urn) for event in self.told if event.kind == "start"]
        judged = [
            (e.kind, e.urn, e.policy, e.message, e.level) for e in self.told if e.kind in ("policy", "remediation")
        ]
        return {
            "success": Counter([self.result.ok]),
            "steps": Counter(begun),
            "counts": Counter(self.result.counts),
            "policies": Counter(judged),
            "provider calls": Counter(scrubbed(call) for call in self.calls),
        }

    def resources(self, stack: str) -> Counter[str]:
        deployment = self.engine(self.home / "none").export(stack)["deployment"]
        salt = ((deployment.get("secrets_providers") or {}).get("state") or {}).get("salt", "")
        opener = Passphrase("", salt)

        def open_secret(item: Any) -> Any:
            if isinstance(item, dict) and "ciphertext" in item:
                return {SIGNATURE: item[SIGNATURE], "plaintext": json.loads(opener.decrypt(item["ciphertext"]))}
            return item

        opened = rebuild(deployment.get("resources") or [], open_secret)
        return Counter(scrubbed(normal(resource)) for resource in opened)


def scrubbed(document: Any) -> str:
    return UUID.sub("<uuid>", json.dumps(document, sort_keys=True))


def normal(resource: dict[str, Any]) -> dict[str, Any]:
    """A resource of a state without what differs from run to run or has no order."""
    depends = resource.get("propertyDependencies") or {}
    return {
        "urn": resource["urn"],
        **{field: resource.get(field) or None for field in PLAIN_FIELDS},
        "inputs": resource.get("inputs") or {},
        "outputs": resource.get("outputs") or {},
        "dependencies": sorted(resource.get("dependencies") or []),
        "propertyDependencies": {key: sorted(urns or []) for key, urns in depends.items()},
        "timed": [bool(resource.get("created")), bool(resource.get("modified"))],
    }


class Both:
    def __init__(self, directory: Path) -> None:
        self.workspace = Workspace(directory)
        opener = Passphrase("")
        secret = opener.encrypt("topsecret")
        secrets = "".join(f"  {key}:\n    secure: {secret}\n" for key in ("mesh:s", "aws:token"))
        settings = f"config:\n{secrets}  aws:region: us-west-2\n"
        for stack in ("dev", "base"):
            self.workspace.stack_file(stack, f"encryptionsalt: {opener.salt}\n{settings}")
        self.pulumi, self.embedded = Side(self.workspace, "pulumi"), Side(self.workspace, "embedded")
        self.differences: list[str] = []

    def run(self, number: int, stage: Stage) -> None:
        self.workspace.program(stage.program)
        self.workspace.packs = ()
        if stage.pack is not None:
            self.workspace.pack(PACK, stage.pack)
        if stage.heal:
            self.workspace.heal()
        with ThreadPoolExecutor(2) as pool:
            sides = [pool.submit(side.run, stage.command, stage.stack, number) for side in (self.pulumi, self.embedded)]
            for side in sides:
                side.result()
        where = f"stage {number} ({stage.command})"
        pulumi, embedded = self.pulumi.seen(), self.embedded.seen()
        for what in pulumi:
            self.compare(f"{where} {what}", pulumi[what], embedded[what])
        if stage.command != "preview":
            self.compare(f"{where} state", self.pulumi.resources(stage.stack), self.embedded.resources(stage.stack))

    def compare(self, what: str, pulumi: Counter[Any], embedded: Counter[Any]) -> None:
        for side, extra in (("pulumi", pulumi - embedded), ("embedded", embedded - pulumi)):
            self.differences += [f"{what}: only {side} {n}x: {item}" for item, n in extra.items()]

    def exchange(self) -> None:
        """Each engine goes on from the other's state, and sees nothing to change."""
        engine = self.pulumi.engine(self.pulumi.home / "none")
        file = self.workspace.directory / "export.json"
        theirs = engine.export("dev")
        file.write_text(json.dumps(self.embedded.engine(file).export("dev")))
        engine._run("stack", "import", "--stack", "dev", "--file", str(file))
        (self.embedded.home / "embedded" / "dev.json").write_text(json.dumps(theirs))
        for side in (self.pulumi, self.embedded):
            side.run("preview", "dev", 99)
            changed = side.result.counts.keys() - UNCHANGED
            if changed or not side.result.ok:
                self.differences.append(f"{side.name} on the other's state: {side.result}")


@pytest.mark.parametrize("name", SCENARIOS)
def test_both_engines_do_the_same(name: str, tmp_path: Path) -> None:
    scenario: Scenario = SCENARIOS[name]
    both = Both(tmp_path)
    for number, stage in enumerate(scenario.stages):
        both.run(number, stage)
    if scenario.settles and scenario.stages[-1].command != "destroy":
        both.exchange()
    assert not both.differences, "\n".join(["", *both.differences])
