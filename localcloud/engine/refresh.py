"""Reads every resource from its provider and keeps what it says; what is gone leaves the state."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from localcloud.engine.context import Context
from localcloud.engine.errors import InitError, StepError
from localcloud.engine.providers import Reading
from localcloud.engine.state import State, is_provider, now

PARALLEL = 16


def refresh(context: Context) -> None:
    """The event of a resource that is not what the program asked for names the properties that differ."""
    snapshot, report = context.snapshot, context.report

    def one(state: State) -> None:
        if report.stopped.is_set():
            return
        report.step("start", "refresh", state)
        try:
            outcome, differs = _refresh(state, context)
        except StepError as error:
            report.fail(str(error), state.urn)
            report.step("failed", "refresh", state)
            return
        report.step("done", "refresh", state, ", ".join(differs), outcome=outcome)

    with ThreadPoolExecutor(PARALLEL) as pool:
        list(pool.map(one, snapshot.previous))
    live = {state.urn for state in snapshot.resources()}
    for state in snapshot.resources():
        state.forget(live)


def _refresh(state: State, context: Context) -> tuple[str, list[str]]:
    """What became of the resource (same, update, delete), and which properties are not what the program asked for."""
    if not state.custom or is_provider(state.type) or state.pending_replacement:
        return "same", []
    provider = context.providers.of(state)
    try:
        found = provider.read(state.urn, state.id, state.inputs, state.outputs)
    except InitError as error:
        found = Reading(state.id, error.inputs, error.outputs)
    if not found.id or found.outputs is None:
        context.snapshot.record(gone=state)
        return "delete", []
    wanted, inputs = state.inputs, state.inputs if found.inputs is None else found.inputs
    outcome = "same" if (found.outputs, inputs) == (state.outputs, state.inputs) else "update"
    if outcome == "update":
        state.modified = now()
    state.id, state.inputs, state.outputs = found.id, inputs, found.outputs
    context.snapshot.record(changed=state)
    differs = [] if state.external else provider.diff(state, wanted, False, state.ignore_changes).changed
    return outcome, sorted(differs)
