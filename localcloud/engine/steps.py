"""Carries out steps: asks the provider, notes in the snapshot what came of it, tells about it."""

from __future__ import annotations

from collections.abc import Callable

from localcloud.engine.context import Context
from localcloud.engine.errors import InitError, StepError
from localcloud.engine.plan import Step
from localcloud.engine.state import State, is_provider, now
from localcloud.engine.values import UNKNOWN_TEXT, Secret


class Executor:
    def __init__(self, context: Context) -> None:
        self._snapshot, self._providers = context.snapshot, context.providers
        self._report, self._preview = context.report, context.preview
        self._how: dict[str, Callable[[Step], None]] = {
            "same": self._same,
            "create": self._create,
            "create-replacement": self._create,
            "replace": lambda step: None,
            "update": self._update,
            "delete": self._delete,
            "delete-replaced": self._delete,
            "discard": self._delete,
            "discard-replaced": self._delete,
            "remove-pending-replace": lambda step: self._snapshot.record(gone=step.state),
            "read": self._read,
            "read-replacement": self._read,
        }

    def run(self, step: Step) -> None:
        """Raises StepError when the provider refuses. What it left half done is kept, with its reasons."""
        state = step.state
        self._report.step("start", step.op, state)
        try:
            self._how[step.op](step)
        except InitError as error:
            state.id, state.outputs, state.init_errors = error.id or state.id, error.outputs, error.reasons
            state.modified = now()
            state.created = state.created or state.modified
            self._snapshot.record(state, gone=step.old if step.op == "update" else None)
            self._report.step("failed", step.op, state)
            raise
        except StepError:
            self._report.step("failed", step.op, state)
            raise
        # The CLI's summary tells a read only of what was known and has changed.
        counts = step.op != "read" or (step.old is not None and step.old.outputs != state.outputs)
        self._report.step("done", step.op, state, counts=counts)

    def _same(self, step: Step) -> None:
        state, old = step.state, step.old
        assert old is not None
        state.id, state.outputs = old.id, old.outputs
        if is_provider(state.type):
            self._providers.registry.keep(state.urn, state.id, old.inputs)
        _mark_secrets(state)
        self._snapshot.record(state, gone=old, flush=False)

    def _create(self, step: Step) -> None:
        state, old = step.state, step.old
        if state.custom:
            with self._snapshot.creating(state.urn):
                state.id, state.outputs = self._providers.of(state).create(state, self._preview)
        state.created = state.modified = now()
        _mark_secrets(state)
        if old is not None and step.marks_old:
            old.delete = True
            self._snapshot.record(state, changed=old)
        else:
            self._snapshot.record(state, gone=old if old is not None and old.pending_replacement else None)

    def _update(self, step: Step) -> None:
        state, old = step.state, step.old
        assert old is not None
        state.id = old.id
        if state.custom:
            state.outputs = self._providers.of(state).update(old, state, self._preview)
            state.modified = now()
        _mark_secrets(state)
        self._snapshot.record(state, gone=old)

    def _delete(self, step: Step) -> None:
        state = step.state
        if state.protect and not step.op.endswith("-replaced"):
            raise StepError(
                f'resource "{state.urn}" cannot be deleted\nbecause it is protected. To unprotect the resource, either '
                "remove the `protect` flag from the resource in your Pulumi program and run `pulumi up`, or use the "
                f"command:\n`pulumi state unprotect '{state.urn}'`"
            )
        if state.custom and not (self._preview or state.external or state.retain_on_delete):
            self._providers.of(state).delete(state)
        if step.comes_back:
            state.pending_replacement = True
            self._snapshot.record(changed=state)
        else:
            self._snapshot.record(gone=state)

    def _read(self, step: Step) -> None:
        state, old = step.state, step.old
        if state.id != UNKNOWN_TEXT:
            found = self._providers.of(state).read(state.urn, state.id, state.inputs, state.inputs)
            if found.outputs is None or not found.id:
                raise StepError(f"resource '{state.id}' does not exist")
            state.id, state.outputs = found.id, found.outputs
        if old is not None:
            unchanged = (state.inputs, state.outputs) == (old.inputs, old.outputs)
            state.created, state.modified = old.created, old.modified if unchanged else now()
        _mark_secrets(state)
        if old is not None and step.marks_old:
            old.delete = True
            self._snapshot.record(state, changed=old)
        else:
            self._snapshot.record(state, gone=old)


def _mark_secrets(state: State) -> None:
    for key in state.additional_secret_outputs:
        if key in state.outputs and not isinstance(state.outputs[key], Secret):
            state.outputs[key] = Secret(state.outputs[key])
