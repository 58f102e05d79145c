"""The stack's resources while a deployment changes them."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

from localcloud.engine.checkpoint import Checkpoint
from localcloud.engine.state import State
from localcloud.engine.values import Props, without_outputs


class Snapshot:
    """`previous` are the resources of the last deployment and `olds` those by URN that are not waiting for deletion;
    `news` are those of this one by URN. In a preview nothing is written.

    The order is that of completion, followed by what is left of the last deployment: dependencies come first.
    """

    def __init__(self, checkpoint: Checkpoint, *, preview: bool) -> None:
        self.previous = list(checkpoint.resources)
        self.olds = {state.urn: state for state in self.previous if not state.delete}
        self.news: dict[str, State] = {}
        self.renamed: dict[str, str] = {}  # old URN -> the new URN that claimed it by an alias
        self._checkpoint, self._preview = checkpoint, preview
        self._fresh: dict[int, State] = {}
        self._gone: set[int] = set()
        self._lock = threading.Lock()

    def record(
        self, new: State | None = None, *, gone: State | None = None, changed: State | None = None, flush: bool = True
    ) -> None:
        """A step is done: there is a new or changed resource, or an old one is no more."""
        with self._lock:
            if new is not None:
                self._fresh[id(new)] = new
                self.news[new.urn] = new
            if gone is not None:
                self._gone.add(id(gone))
            if not self._preview:
                put = [state for state in (new, changed) if state is not None]
                self._checkpoint.record(put, [gone] if gone is not None else [], flush=flush)

    def rename(self, old: str, new: str) -> None:
        self.renamed[old] = new
        if not self._preview:
            self._checkpoint.note({"renamed": [old, new]}, flush=False)

    @contextlib.contextmanager
    def creating(self, urn: str) -> Iterator[None]:
        """Around a creation: if the process is killed in it, the next deployment knows."""
        if self._preview:
            yield
            return
        self._checkpoint.note({"begin": urn})
        try:
            yield
        except BaseException:
            self._checkpoint.note({"end": urn})
            raise

    def set_outputs(self, urn: str, outputs: Props) -> None:
        state = self.news[urn]
        state.outputs = without_outputs(outputs)
        self.record(changed=state, flush=False)

    def resources(self) -> list[State]:
        with self._lock:
            return [state for state in [*self._fresh.values(), *self.previous] if id(state) not in self._gone]

    def commit(self) -> None:
        """Write the checkpoint anew."""
        if self._preview:
            return
        resources = self.resources()
        for state in resources:
            state.rename(self.renamed)
        self._checkpoint.commit(resources)
