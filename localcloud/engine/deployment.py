"""One deployment as the program sees it: it registers resources, reads others, and gives outputs."""

from __future__ import annotations

import threading
from collections.abc import Callable

from localcloud.engine.context import Context
from localcloud.engine.errors import StepError
from localcloud.engine.goal import Goal
from localcloud.engine.plan import Plan, Planner
from localcloud.engine.state import STACK_TYPE, State, urn_types
from localcloud.engine.steps import Executor
from localcloud.engine.values import Props


class Deployment:
    """Plans one registration at a time and carries plans out side by side, each in its caller's thread."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.planner, self.executor = Planner(context), Executor(context)
        self.root_urn = context.urn("", STACK_TYPE, f"{context.settings.project}-{context.settings.stack}")
        self._report, self._snapshot = context.report, context.snapshot
        self._planning = threading.Lock()
        self._idle = threading.Condition()
        self._in_flight: list[str] = []
        self._stack_outputs: Props | None = None

    def register(self, goal: Goal) -> State:
        """Bring a resource to what the goal says. Raises StoppedError when the deployment ends instead."""
        return self._carry_out(goal, lambda: self.planner.plan(goal))

    def read(self, goal: Goal, id_: str) -> State:
        return self._carry_out(goal, lambda: self.planner.plan_read(goal, id_))

    def _carry_out(self, goal: Goal, make_plan: Callable[[], Plan]) -> State:
        urn = self.context.urn(goal.parent, goal.type, goal.name)
        with self._idle:
            self._report.proceed()
            self._in_flight.append(urn)
        try:
            with self._planning:
                self._report.proceed()
                plan = make_plan()
            self._report.proceed()
            for step in plan.steps:
                self.executor.run(step)
            return plan.state
        except StepError as error:
            raise self._report.abandon(str(error), urn) from None
        finally:
            with self._idle:
                self._in_flight.remove(urn)
                self._idle.notify_all()

    def set_outputs(self, urn: str, outputs: Props) -> None:
        """The stack's own are kept back until it is known whether the deployment succeeded."""
        if urn_types(urn) == STACK_TYPE:
            self._stack_outputs = outputs
            return
        self._report.proceed()
        if urn not in self._snapshot.news:
            raise StepError(f"cannot complete a resource '{urn}' whose registration isn't pending")
        self._snapshot.set_outputs(urn, outputs)

    def finish_outputs(self) -> None:
        """Set the stack's outputs. After a failure, those that the program did not get to stay as they were."""
        if self._stack_outputs is None or self.root_urn not in self._snapshot.news:
            return
        old = self._snapshot.olds.get(self.root_urn)
        kept = old.outputs if old is not None and self._report.failed else {}
        self._snapshot.set_outputs(self.root_urn, {**kept, **self._stack_outputs})

    def settle(self, seconds: float) -> list[str]:
        """Wait for steps that are still being carried out, and return the URNs of those that took longer."""
        with self._idle:
            self._idle.wait_for(lambda: not self._in_flight, timeout=seconds)
            return list(self._in_flight)
