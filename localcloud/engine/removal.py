"""Deletes what is no longer wanted, dependents before what they depend on, as many at a time as can go."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from localcloud.engine.context import Context
from localcloud.engine.errors import StepError
from localcloud.engine.plan import Planner, Step
from localcloud.engine.snapshot import Snapshot
from localcloud.engine.state import State
from localcloud.engine.steps import Executor

PARALLEL = 16


def remove(context: Context, planner: Planner, executor: Executor) -> None:
    """Delete what the program did not ask for again. A failure is reported; nothing new is begun after one."""
    snapshot, providers, report = context.snapshot, context.providers, context.report
    steps = {id(step.state): step for step in _steps(snapshot, planner)}
    for step in steps.values():
        if step.state.provider and not providers.is_builtin(step.state.provider):
            providers.configured(step.state.provider)  # a missing plugin must show before the first delete
    waiting = {key: step.state for key, step in steps.items()}
    members = _members(snapshot.previous)

    def delete(state: State) -> None:
        try:
            executor.run(steps[id(state)])
        except StepError as error:
            report.fail(str(error), state.urn)

    with ThreadPoolExecutor(PARALLEL) as pool:
        while waiting and not report.stopped.is_set():
            needed = {urn for state in waiting.values() for urn in _needs(state, members)}
            ready = [state for state in waiting.values() if state.urn not in needed] or list(waiting.values())[-1:]
            for state in ready:
                del waiting[id(state)]
            list(pool.map(delete, reversed(ready)))


def _steps(snapshot: Snapshot, planner: Planner) -> list[Step]:
    steps = []
    for state in snapshot.previous:
        if state.delete:
            if id(state) not in planner.deleted_early:
                steps.append(Step("discard-replaced" if state.external else "delete-replaced", state))
        elif state.urn not in planner.kept:
            op = "discard" if state.external else "delete"
            steps.append(Step("remove-pending-replace" if state.pending_replacement else op, state))
    return steps


def _members(states: list[State]) -> dict[str, set[str]]:
    """By the URN of a component, the resources in it, at any depth."""
    children: dict[str, set[str]] = {}
    for state in states:
        children.setdefault(state.parent, set()).add(state.urn)
    components = {state.urn for state in states if not state.custom}

    def inside(urn: str) -> set[str]:
        direct = children.get(urn, set())
        return direct.union(*(inside(child) for child in direct & components))

    return {urn: inside(urn) for urn in components}


def _needs(state: State, members: dict[str, set[str]]) -> set[str]:
    """Depending on a component is depending on all that is in it."""
    urns = state.needs()
    for urn in state.needs(parent=False) & members.keys():
        urns |= members[urn]
    return urns - {state.urn}
