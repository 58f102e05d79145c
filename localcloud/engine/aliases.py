"""Which resource of the last deployment a registration is about, when the program has renamed things."""

from __future__ import annotations

from localcloud.engine.context import Context
from localcloud.engine.goal import Alias, Goal
from localcloud.engine.state import STACK_TYPE, State, make_urn, urn_name, urn_type, urn_types


class Aliases:
    def __init__(self, context: Context) -> None:
        self._context, self._settings = context, context.settings
        self._snapshot, self._report = context.snapshot, context.report
        self._was: dict[str, str] = {}  # new URN -> what it was called

    def former(self, urn: str) -> str:
        """What the resource was called in the last deployment; its URN, if it was not renamed."""
        return self._was.get(urn, urn)

    def find(self, urn: str, goal: Goal, seen: set[str]) -> State | None:
        """The old state, under this URN or an alias; an alias is claimed. `seen` are the URNs registered so far."""
        renamed, olds = self._snapshot.renamed, self._snapshot.olds
        if urn in renamed:
            claimant = renamed[urn]
            raise self._report.abandon(
                f"Duplicate resource URN '{urn}' conflicting with alias on resource with URN '{claimant}'", urn
            )
        if urn in olds:
            return olds[urn]
        for alias in self._candidates(urn, goal):
            if alias not in olds:
                continue
            if alias in seen or alias in renamed:
                raise self._report.abandon(
                    f"Duplicate resource alias '{alias}' applied to resource with URN '{urn}'", urn
                )
            self._snapshot.rename(alias, urn)
            self._was[urn] = alias
            return olds[alias]
        return None

    def _candidates(self, urn: str, goal: Goal) -> list[str]:
        named = [self._urn(alias, goal) for alias in goal.aliases]
        if goal.parent not in self._was:
            return named
        return [*named, *(self._under_former_parent(candidate, goal.parent) for candidate in [urn, *named])]

    def _urn(self, alias: Alias, goal: Goal) -> str:
        if alias.urn:
            return alias.urn
        parent = self.former(alias.parent) if alias.parent else goal.parent
        if alias.no_parent or (parent and urn_types(parent) == STACK_TYPE):
            parent = ""
        stack, project = alias.stack or self._settings.stack, alias.project or self._settings.project
        return make_urn(stack, project, parent, alias.type or goal.type, alias.name or goal.name)

    def _under_former_parent(self, urn: str, parent: str) -> str:
        """A child whose name begins with its parent's is taken to have been renamed with it."""
        former, name = self._was[parent], urn_name(urn)
        if name.startswith(urn_name(parent)):
            name = urn_name(former) + name.removeprefix(urn_name(parent))
        return self._context.urn(former, urn_type(urn), name)
