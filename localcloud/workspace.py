"""Where the local cloud keeps its things, and the engine for a stack of an environment."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from localcloud.cloud import process, record
from localcloud.cloud.materialise.kind import DISCARD
from localcloud.cloud.process import Cloud, CloudError
from localcloud.console import command, say
from localcloud.engines import Engine, Project, choose
from localcloud.plugins import install

ROOT = Path(__file__).resolve().parent.parent
PACK = ROOT / "policy_packs" / "guardrails"
DEFAULT_HOME = Path(os.environ.get("LOCALCLOUD_HOME") or ROOT / ".localcloud")

DEFAULT_ENVIRONMENT = "prod"

CLAIM = "generation"
"""File that says which cloud was deployed to last, and by which engine: its generation, a blank, the engine's name."""

EngineName = Literal["auto", "pulumi", "embedded"]


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """The program at `root`, and the local cloud's own directory `home`."""

    engine_name: EngineName = "auto"
    environment: str = DEFAULT_ENVIRONMENT
    """Whose stacks the commands are about."""
    root: Path = ROOT
    home: Path = DEFAULT_HOME
    discard: bool = False
    """Whether buckets may be destroyed with what is in them, which production's refuse otherwise."""

    def engine(self, environment: str, cloud: Cloud | None) -> Engine:
        """The engine, with the policy pack at the levels of an environment.

        Args:
            environment: "dev", "prod"...; a pack without a configuration for it runs at its own levels.
            cloud: where the plugins find the local cloud; None is enough to read state.

        Raises:
            localcloud.engines.EngineError: the engine that was asked for cannot be used.
        """
        levels = PACK / "config" / f"{environment}.json"
        # Nothing of the user's own AWS profile may reach the program: it would name accounts that are not here.
        variables = {
            "AWS_ACCESS_KEY_ID": "localcloud",
            "AWS_SECRET_ACCESS_KEY": "localcloud",
            "AWS_EC2_METADATA_DISABLED": "true",
            "PULUMI_CONFIG_PASSPHRASE": os.environ.get("PULUMI_CONFIG_PASSPHRASE", ""),
        }
        if self.discard:
            variables[DISCARD] = "1"
        if cloud is not None:
            variables["LOCALCLOUD_ENDPOINT"] = cloud.endpoint
        packs = ((PACK, levels if levels.exists() else None),)
        return choose(
            self._engine_name(),
            Project(root=self.root, home=self.home, policy_packs=packs, environment=variables),
        )

    def start(self, *, to_deploy: bool = True) -> tuple[Cloud, bool]:
        """The running local cloud, and whether this call started it.

        A new cloud is empty. States that describe resources of an earlier one are dropped, as those resources went with
        it: what `up` makes next is what exists. Once an engine has deployed to a cloud, only its states know of it, and
        no other is let near.

        Raises:
            CloudError: another engine has deployed to it, or the cloud does not start.
        """
        self.home.mkdir(parents=True, exist_ok=True)
        running = process.find(self.home)
        cloud = running or process.ensure(self.home)
        install(self.home / "plugins")
        engine = self.engine("", cloud)
        generation, owner = self._deployed_to()
        if generation != cloud.generation:
            gone = engine.stacks()
            for stack in gone:
                engine.forget(stack)
            if gone:
                say(f"the local cloud that {', '.join(gone)} had been deployed to has ended; starting from empty")
        elif owner != engine.name:
            raise CloudError(
                f"what is in the local cloud was deployed by the {owner} engine, and only its states know of it; "
                f"leave --engine out, or stop the cloud with `{command()} down --now`"
            )
        if to_deploy:
            (self.home / CLAIM).write_text(f"{cloud.generation} {engine.name}")
        return cloud, running is None

    def _deployed_to(self) -> tuple[str, str]:
        """The generation of the cloud that was deployed to last, and the name of the engine that did; empty if none."""
        claim = self.home / CLAIM
        generation, _, owner = (claim.read_text() if claim.exists() else "").partition(" ")
        return generation, owner

    def _engine_name(self) -> EngineName:
        """The engine that was asked for; if none was, the one whose states know what is in the cloud there is."""
        generation, owner = self._deployed_to()
        there = record.read(self.home)
        if self.engine_name == "auto" and there is not None and there.generation == generation:
            return "pulumi" if owner == "pulumi" else "embedded"
        return self.engine_name

    def cloud(self) -> Cloud | None:
        """The running local cloud, if there is one."""
        return process.find(self.home)
