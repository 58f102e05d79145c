"""The embedded engine against the Pulumi CLI: preview, first up and unchanged up of one stack, in turns.

Both run the same program, the same provider and the same policy pack. The provider is the small one of the engines'
tests, which answers at once, so what is compared is the engines. Needs `pulumi` on PATH.

    python -m benchmarks.engines
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from localcloud.engines import EmbeddedEngine, Engine, PulumiEngine
from localcloud.pulumi_cli import find_pulumi
from tests.localcloud.engine.workspace import Told, Workspace

TARGET = 1.0
ROUNDS = 3
PAIRS = 75
STAGES = ("preview", "up", "unchanged up")

PROGRAM = """\
class Zone(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("mesh:bench:Zone", name, {}, opts)
        for n in range(PAIRS):
            made = bucket(f"{name}-{n}", {"number": str(n)}, O(parent=self))
            aws.sqs.Queue(f"{name}-{n}", name=f"q-{n}", tags={"bucket": made.arn}, opts=O(parent=self))
        self.register_outputs({})


Zone("zone", O(providers=[aws.Provider("account", region="eu-west-1")]))
"""
PACK = """\
from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy


def tagged(args, report):
    if args.resource_type == "aws:s3/bucket:Bucket" and not args.props.get("tags"):
        report("no tags")


PolicyPack("bench", policies=[ResourceValidationPolicy("tagged", "d", tagged, EnforcementLevel.MANDATORY)])
"""


@dataclass(frozen=True)
class Comparison:
    """Seconds by stage, medians over the rounds."""

    resources: int
    embedded: dict[str, float]
    pulumi: dict[str, float]

    @property
    def ratio(self) -> float:
        return sum(self.embedded.values()) / sum(self.pulumi.values())

    def __str__(self) -> str:
        lines = [f"embedded engine against the Pulumi CLI, {self.resources} resources, a policy pack"]
        for stage in STAGES:
            embedded, pulumi = self.embedded[stage], self.pulumi[stage]
            lines.append(f"  {stage:14} {embedded:6.2f} s against {pulumi:6.2f} s: {embedded / pulumi:.2f}x")
        lines.append(f"  altogether {self.ratio:.2f}x, at most {TARGET:.2f}x is the aim")
        return "\n".join(lines)


def measure(pairs: int = PAIRS, rounds: int = ROUNDS) -> Comparison | None:
    """None where there is no Pulumi CLI to compare with."""
    found = find_pulumi()
    if not found.usable:
        return None
    times: dict[str, dict[str, list[float]]] = {}
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as directory:
            workspace = Workspace(Path(directory))
            workspace.program(PROGRAM.replace("PAIRS", str(pairs)))
            workspace.pack(PACK)
            engines: list[Engine] = [EmbeddedEngine(workspace.project), PulumiEngine(workspace.project, found)]
            for stage in STAGES:
                for engine in engines:
                    times.setdefault(engine.name, {}).setdefault(stage, []).append(_seconds(engine, stage))
    medians = {
        name: {stage: statistics.median(each) for stage, each in stages.items()} for name, stages in times.items()
    }
    return Comparison(resources=2 * pairs + 3, embedded=medians["embedded"], pulumi=medians["pulumi"])


def _seconds(engine: Engine, stage: str) -> float:
    started = time.monotonic()
    deploy = engine.preview if stage == "preview" else engine.up
    result = deploy("dev", Told())
    if not result.ok:
        raise RuntimeError(f"{stage} through {engine.name} failed: {result.diagnostics}")
    return time.monotonic() - started


if __name__ == "__main__":
    comparison = measure()
    if comparison is None:
        sys.exit(f"nothing to compare with: {find_pulumi().problem}")
    print(comparison)
