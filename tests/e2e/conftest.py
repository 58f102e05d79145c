"""A copy of the repository's program that tests may change, driven by the command line as its users do."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from localcloud.pulumi_cli import find_pulumi

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ("__main__.py", "Pulumi.yaml", "stacks", "components", "handlers", "domains", "policy_packs", "localcloud")


@dataclass(frozen=True)
class Mesh:
    """A working copy of the program and the engine that deploys it."""

    root: Path
    engine: str

    def run(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """`python -m localcloud <arguments>` in the copy; a non-zero exit fails the test when `check` is set."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "PULUMI_", "LOCALCLOUD_"))}
        command, *rest = arguments
        done = subprocess.run(
            [sys.executable, "-m", "localcloud", command, "--engine", self.engine, *rest],
            cwd=self.root,
            env=environment,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        if check:
            assert done.returncode == 0, f"{arguments}\n{done.stdout}\n{done.stderr}"
        return done

    def status(self) -> dict[str, Any]:
        """`status --json`."""
        answer: dict[str, Any] = json.loads(self.run("status", "--json").stdout)
        return answer

    def outputs(self, stack: str) -> dict[str, Any]:
        """The outputs of one stack."""
        return next(row["outputs"] for row in self.status()["stacks"] if row["stack"] == stack)

    def edit(self, file: str, old: str, new: str) -> None:
        """Replace text in a file of the copy; the text must be there."""
        path = self.root / file
        content = path.read_text()
        assert old in content, f"{old!r} is not in {file}"
        path.write_text(content.replace(old, new))


def engines() -> list[Any]:
    """Both engines; the Pulumi CLI is skipped, and says so, where there is none."""
    found = find_pulumi()
    missing = pytest.mark.skip(reason=f"the Pulumi CLI is not used: {found.problem}")
    return [
        pytest.param("embedded"),
        pytest.param("pulumi", marks=[] if found.usable else [missing]),
    ]


def copy_program(target: Path) -> Path:
    """The program's files in a directory of their own, with the same virtual environment."""
    target.mkdir(parents=True, exist_ok=True)
    for name in PROGRAM:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, target / name)
    (target / ".venv").symlink_to(Path(sys.prefix))
    return target


def add_environment(root: Path, name: str) -> None:
    """Give both accounts of the example an account in another environment, with the stack files of prod."""
    organisation = root / "stacks" / "organisation.yaml"
    text = organisation.read_text()
    for account in ("111111111111", "222222222222"):
        text = text.replace(f'"{account}"', f'"{account}", {name}: "{int(account) + 1}"')
    organisation.write_text(text)
    for path in list((root / "stacks").glob("Pulumi.*-prod*.yaml")):
        other = path.with_name(path.name.replace("-prod", f"-{name}"))
        other.write_text(path.read_text().replace("environment: prod", f"environment: {name}"))
    subprocess.run([sys.executable, "-m", "stacks", "guardrails"], cwd=root, check=True)


@pytest.fixture(scope="module", params=engines())
def mesh(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mesh]:
    """The example organisation, deployed with its data; the tests of a module share it, in order."""
    engine: str = request.param
    mesh = Mesh(copy_program(tmp_path_factory.mktemp(engine) / "mesh"), engine)
    try:
        up = mesh.run("up")
        assert up.stdout.startswith(f"engine: {engine}")
        yield mesh
    finally:
        mesh.run("down", "--now", check=False)
