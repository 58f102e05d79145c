"""Which stacks the program has, asked of the program itself, in the order in which they can be deployed."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


class PlanError(Exception):
    """The program's settings are wrong; the message names the file, the path and the expectation."""


@dataclass(frozen=True, kw_only=True)
class PlannedStack:
    """One stack of the program, with what it reads."""

    name: str
    account: str
    account_name: str
    region: str
    environment: str
    depends_on: tuple[str, ...]


def planned_stacks(root: Path, environment: str = "") -> list[PlannedStack]:
    """The stacks of the program at `root`, all or those of one environment, in deployment order.

    Raises:
        PlanError: the program refuses its organisation file or a stack file, or has no stack of the environment.
    """
    # A child process, since the local cloud imports nothing of the program it runs.
    run = subprocess.run(
        [sys.executable, "-m", "stacks", "order"], cwd=root, capture_output=True, text=True, check=False
    )
    if run.returncode:
        raise PlanError(run.stderr.strip())
    stacks = [
        PlannedStack(
            name=row["stack"],
            account=row["account"],
            account_name=row["accountName"],
            region=row["region"],
            environment=row["environment"],
            depends_on=tuple(row["dependsOn"]),
        )
        for row in json.loads(run.stdout)
    ]
    environments = dict.fromkeys(stack.environment for stack in stacks)
    if environment and environment not in environments:
        raise PlanError(f"no stack is of the environment {environment}; expected {' or '.join(environments)}")
    return [stack for stack in stacks if environment in ("", stack.environment)]


def selected(stacks: list[PlannedStack], names: list[str]) -> list[PlannedStack]:
    """The named stacks with everything they depend on, in deployment order; all of them when none is named.

    Raises:
        PlanError: a name is unknown.
    """
    by_name = {stack.name: stack for stack in stacks}
    unknown = [name for name in names if name not in by_name]
    if unknown:
        raise PlanError(
            f"unknown stack {', '.join(unknown)}; the stacks are {', '.join(by_name) or 'none'}; "
            "other environments have theirs (--environment)"
        )
    wanted: set[str] = set()
    queue = list(names or by_name)
    while queue:
        name = queue.pop()
        if name not in wanted:
            wanted.add(name)
            queue += by_name[name].depends_on
    return [stack for stack in stacks if stack.name in wanted]
