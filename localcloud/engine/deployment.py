"""One deployment as the program sees it: it registers resources, reads others, and gives outputs."""

from __future__ import annotations

import threading
from collections.abc import Callable

from localcloud.engine.errors import StepError
from localcloud.engine.goal import Goal
from localcloud.engine.plan import Plan, Planner
from localcloud.engine.policies import Policies
from localcloud.engine.registry import Providers
from localcloud.engine.report import Report
from localcloud.engine.settings import Settings
from localcloud.engine.snapshot import Snapshot
from localcloud.engine.state import STACK_TYPE, State, make_urn, urn_types
from localcloud.engine.steps import Executor
from localcloud.engine.values import Props


class Deployment:
    """Plans one registration at a time and carries plans out side by side, each in its caller's thread."""

    def __init__(
        self,
        settings: Settings,
        snapshot: Snapshot,
        providers: Providers,
        policies: Policies,
        report: Report,
        *,
        preview: bool,
    ) -> None:
        self.snapshot, self.providers = snapshot, providers
        self.planner = Planner(settings, snapshot, providers, policies, report, preview=preview)
        self.executor = Executor(snapshot, providers, report, preview=preview)
        self._settings, self._report = settings, report
        self._planning = threading.Lock()
        self._idle = threading.Condition()
        self._in_flight: list[str] = []
        self._stack_outputs: Props | None = None
        name = f"{settings.project}-{settings.stack}"
        self.root_urn = make_urn(settings.stack, settings.project, "", STACK_TYPE, name)

    def register(self, goal: Goal) -> State:
        """Bring a resource to what the goal says. Raises StoppedError when the deployment ends instead."""
        return self._carry_out(goal, lambda: self.planner.plan(goal))

    def read(self, goal: Goal, id_: str) -> State:
        return self._carry_out(goal, lambda: self.planner.plan_read(goal, id_))

    def _carry_out(self, goal: Goal, make_plan: Callable[[], Plan]) -> State:
        urn = make_urn(self._settings.stack, self._settings.project, goal.parent, goal.type, goal.name)
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
        if urn not in self.snapshot.news:
            raise StepError(f"cannot complete a resource '{urn}' whose registration isn't pending")
        self.snapshot.set_outputs(urn, outputs)

    def finish_outputs(self) -> None:
        """Set the stack's outputs. After a failure, those that the program did not get to stay as they were."""
        if self._stack_outputs is None or self.root_urn not in self.snapshot.news:
            return
        old = self.snapshot.olds.get(self.root_urn)
        kept = old.outputs if old is not None and self._report.failed else {}
        self.snapshot.set_outputs(self.root_urn, {**kept, **self._stack_outputs})

    def settle(self, seconds: float) -> list[str]:
        """Wait for steps that are still being carried out, and return the URNs of those that took longer."""
        with self._idle:
            self._idle.wait_for(lambda: not self._in_flight, timeout=seconds)
            return list(self._in_flight)
