"""A project in a temporary directory, with the plugins of `plugins/`, for tests that drive an engine."""

from __future__ import annotations

import contextlib
import importlib.metadata
import json
import os
import sys
from pathlib import Path

from localcloud.engines import Event, Project

ROOT = Path(__file__).resolve().parents[3]
PLUGINS = Path(__file__).with_name("plugins")
RUNTIME = f"{{name: python, options: {{toolchain: pip, virtualenv: {sys.prefix}}}}}"

HEAD = """\
import json

import pulumi
import pulumi_aws as aws
from pulumi import ResourceOptions as O

config = pulumi.Config()


def bucket(name, tags=None, opts=None, **more):
    return aws.s3.Bucket(name, bucket=more.pop("bucket", "b-" + name), tags=tags or {"a": "1"}, opts=opts, **more)


class Pair(pulumi.ComponentResource):
    def __init__(self, name, opts=None, tags=None, type_="mesh:test:Pair"):
        super().__init__(type_, name, {}, opts)
        self.bucket = bucket(name + "-b", tags, O(parent=self))
        named = self.bucket.arn.apply(lambda arn: "q-" + arn[-6:])
        self.queue = aws.sqs.Queue(name + "-q", name=named, opts=O(parent=self))
        self.register_outputs({"arn": self.bucket.arn})


"""


class Workspace:
    """`project` is what the engines take. `program` replaces what the program does, after the lines of `HEAD`."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.root, self.home = directory / "project", directory / "home"
        self.root.mkdir()
        (self.root / "Pulumi.yaml").write_text(f"name: mesh\nruntime: {RUNTIME}\nstackConfigDir: stacks\n")
        (self.root / "stacks").mkdir()
        for package in ("aws", "awsx"):
            version = importlib.metadata.version(f"pulumi-{package}")
            plugin = self.home / "plugins" / f"resource-{package}-v{version}" / f"pulumi-resource-{package}"
            plugin.parent.mkdir(parents=True)
            script = PLUGINS / f"{package}.py"
            plugin.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -u {script} "$@"\n')
            plugin.chmod(0o755)
        self.environment = {"SIMULATED_HEALED": str(directory / "healed"), "PYTHONDONTWRITEBYTECODE": "1"}
        self.packs: tuple[tuple[Path, Path | None], ...] = ()
        self.stack_file("dev", "config: {}\n")

    @property
    def project(self) -> Project:
        return Project(root=self.root, home=self.home, policy_packs=self.packs, environment=self.environment)

    def program(self, text: str) -> None:
        (self.root / "__main__.py").write_text(HEAD + text)

    def stack_file(self, stack: str, text: str) -> None:
        (self.root / "stacks" / f"Pulumi.{stack}.yaml").write_text(text)

    def pack(self, text: str, config: dict[str, object] | None = None) -> None:
        """The one policy pack, with its configuration."""
        directory = self.directory / "pack"
        directory.mkdir(exist_ok=True)
        (directory / "PulumiPolicy.yaml").write_text(f"runtime: {RUNTIME}\nversion: 0.0.1\n")
        (directory / "__main__.py").write_text(text)
        file = self.directory / "pack.json"
        file.write_text(json.dumps(config or {}))
        self.packs = ((directory, file),)

    def heal(self) -> None:
        """From now on nothing fails any more."""
        (self.directory / "healed").touch()

    def trace(self, name: str) -> Path:
        """Have the provider write down its calls in a file of this name."""
        path = self.directory / f"{name}.trace"
        self.environment["SIMULATED_TRACE"] = str(path)
        return path

    def processes(self) -> list[int]:
        """What runs for this workspace: its path is in their arguments or their environment."""
        found = []
        for process in Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                if process.name.isdigit() and int(process.name) != os.getpid():
                    said = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
                    found += [int(process.name)] if str(self.directory).encode() in said else []
        return found


class Told(list[Event]):
    """Collects events."""

    def __call__(self, event: Event) -> None:
        self.append(event)

    def steps(self) -> list[tuple[str, str]]:
        """Operation and name of each step, in the order in which they were begun, without the default providers."""
        begun = [(event.op, event.urn.rpartition("::")[2]) for event in self if event.kind == "start"]
        return [(op, name) for op, name in begun if not name.startswith("default")]

    def messages(self) -> str:
        return "\n".join(event.message for event in self)
