"""`up`, `preview`, `refresh` and `down`: every stack through the engine, with the policy pack enforced."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from localcloud import example
from localcloud.cloud import process
from localcloud.cloud.process import Cloud, CloudError
from localcloud.commands.status import overview
from localcloud.console import Progress, command, complain, counted, finding, say
from localcloud.engines import Engine, EngineError, OnEvent, Result
from localcloud.plan import PlanError, PlannedStack, planned_stacks, selected
from localcloud.workspace import Workspace

INTERRUPTED = 130
"""Exit code of a command that Ctrl-C ended (128 + SIGINT, as shells report it)."""


@dataclass(frozen=True, kw_only=True)
class Work:
    """One command over several stacks."""

    verb: str
    stacks: list[PlannedStack]
    run: Callable[[Engine, str, OnEvent], Result]
    planned: bool = False


def up(workspace: Workspace, names: list[str], *, data: bool = True) -> int:
    """Deploy stacks, send the example data through them, and print what exists."""
    began = time.monotonic()
    stacks = selected(planned_stacks(workspace.root, workspace.environment), names)
    announce(workspace)
    cloud, started = workspace.start()
    try:
        failed = _each(workspace, cloud, Work(verb="deploy", stacks=stacks, run=lambda e, s, on: e.up(s, on)))
        if not failed and data and not names:
            failed = example.run(workspace, cloud)
    except KeyboardInterrupt:
        if started:
            process.stop(workspace.home)
        complain("\ninterrupted" + ("; the local cloud this command started was stopped" if started else ""))
        return INTERRUPTED
    if failed:
        return failed
    overview(workspace, cloud)
    say(f"done in {time.monotonic() - began:.0f} s")
    return 0


def preview(workspace: Workspace, names: list[str]) -> int:
    """Show what `up` would do, with the policy pack's verdict. Nothing is changed."""
    stacks = selected(planned_stacks(workspace.root, workspace.environment), names)
    announce(workspace)
    cloud, started = workspace.start(to_deploy=False)
    try:
        engine = workspace.engine("", cloud)
        deployed = {name for name in engine.stacks() if engine.outputs(name)}
        ready = [s for s in stacks if all(other in deployed for other in s.depends_on)]
        failed = _each(
            workspace,
            cloud,
            Work(verb="preview", stacks=ready, run=lambda e, s, on: e.preview(s, on), planned=True),
        )
        for stack in stacks:
            if stack not in ready:
                say(f"  {stack.name:28} not previewed: it reads {', '.join(stack.depends_on)}; run `make up` first")
        return failed
    except KeyboardInterrupt:
        complain("\ninterrupted")
        return INTERRUPTED
    finally:
        if started:
            process.stop(workspace.home)


def refresh(workspace: Workspace, names: list[str]) -> int:
    """Bring the states up to date with what is in the local cloud."""
    cloud = workspace.cloud()
    if cloud is None:
        complain("the local cloud is not running; start it with `make up`")
        return 1
    stacks = selected(planned_stacks(workspace.root, workspace.environment), names)
    announce(workspace)
    return _each(workspace, cloud, Work(verb="refresh", stacks=stacks, run=lambda e, s, on: e.refresh(s, on)))


def down(workspace: Workspace) -> int:
    """Destroy every stack, the last deployed first, and stop the local cloud."""
    cloud = workspace.cloud()
    if cloud is None:
        say("the local cloud is not running")
        return 0
    announce(workspace)
    deployed = workspace.engine("", cloud).stacks()
    stacks = [stack for stack in reversed(planned_stacks(workspace.root)) if stack.name in deployed]
    work = Work(verb="destroy", stacks=stacks, run=lambda e, s, on: e.destroy(s, on, unprotect=True))
    failed = _each(replace(workspace, discard=True), cloud, work)
    if failed:
        complain(f"the local cloud still runs; `{command()} down --now` stops it and drops what is left")
        return failed
    return stop(workspace)


def stop(workspace: Workspace) -> int:
    """Stop the local cloud at once. Everything in it is gone; the next `up` starts from empty."""
    process.stop(workspace.home)
    engine = workspace.engine("", None)
    for stack in engine.stacks():
        engine.forget(stack)
    say("the local cloud has stopped")
    return 0


EXPECTED = (EngineError, PlanError, CloudError)
"""What can go wrong for reasons a person can mend; the message says how."""


def announce(workspace: Workspace) -> None:
    """Say which engine runs: always the first line of a deployment's output."""
    engine = workspace.engine("", None)
    say(f"engine: {engine.name} {engine.version}")


def _each(workspace: Workspace, cloud: Cloud, work: Work) -> int:
    """Run the engine over the stacks; stop at the first that fails, since later ones read its exports."""
    for stack in work.stacks:
        engine = workspace.engine(stack.environment, cloud)
        with Progress(stack.name) as progress:
            result = work.run(engine, stack.name, progress.on_event)
        outcome = counted(result, planned=work.planned)
        say(f"  {stack.name:28} {outcome if result.ok else 'FAILED after ' + outcome}  ({result.seconds:.1f} s)")
        for event in result.diagnostics:
            (say if result.ok else complain)(finding(event))
        if not result.ok:
            resumes = "" if work.planned else " What succeeded is kept, and the next run goes on from there."
            complain(
                f"could not {work.verb} {stack.name}: the reasons are above. Correct them and run it again.{resumes}"
            )
            return 1
    return 0
