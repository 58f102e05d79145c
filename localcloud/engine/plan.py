"""What a registration means: which steps lead from the last deployment's resource to the one the program asks for.

The decisions, and their order, are those of pkg/resource/deploy/step_generator.go in pulumi/pulumi: find the old
resource, import, ignore changes, check, policies, diff. They are taken one at a time, under the caller's lock.
"""

from __future__ import annotations

import copy
import os
from dataclasses import dataclass

from localcloud.engine import paths
from localcloud.engine.aliases import Aliases
from localcloud.engine.analyzers import Subject
from localcloud.engine.context import Context
from localcloud.engine.errors import StepError
from localcloud.engine.goal import Goal
from localcloud.engine.providers import NONE, SOME, Diff, ResourceProvider
from localcloud.engine.registry import configuration
from localcloud.engine.state import State, is_provider, now, provider_urn, urn_name
from localcloud.engine.values import UNKNOWN, Props, bare

SEED_BYTES = 32


@dataclass(frozen=True)
class Step:
    """One thing to do to a resource, by the CLI's name for it.

    `state` is what the resource becomes, or the one that goes. `old` is what it was. Two sides of a replacement:
    `marks_old` leaves the old one to be deleted after everything else, `comes_back` says that a new one follows.
    """

    op: str
    state: State
    old: State | None = None
    marks_old: bool = False
    comes_back: bool = False


@dataclass(frozen=True)
class Plan:
    """The steps of one registration, and the state that they end in."""

    state: State
    steps: list[Step]


class Planner:
    def __init__(self, context: Context) -> None:
        self.goals: dict[str, Goal] = {}
        self.kept: set[str] = set()  # old URNs that are still wanted
        self.deleted: set[str] = set()  # URNs whose old resource goes, or has gone, in this deployment
        self.deleted_early: set[int] = set()  # old states that went before their replacement was made
        self._context, self._snapshot, self._providers = context, context.snapshot, context.providers
        self._report, self._preview = context.report, context.preview
        self._aliases = Aliases(context)
        self._seen: set[str] = set()
        self._settled: set[str] = set()
        self._provider_states: dict[str, State] = {}

    # ---- registrations ----

    def plan(self, goal: Goal) -> Plan:
        """Raises StoppedError when the deployment cannot go on, StepError when this resource cannot be planned."""
        urn = self._claim(goal)
        self.goals[urn] = goal
        old = self._aliases.find(urn, goal, self._seen)
        new = self._state(goal, urn, old)
        if is_provider(goal.type):
            self._provider_states[urn] = new
        provider = self._providers.of(new) if goal.custom else None
        imported = None
        if provider is not None and _must_import(goal, old):
            old = imported = self._import(new, old, provider)
            new = self._state(goal, urn, old)
        recreated = urn in self.deleted and old is not None
        seed = os.urandom(SEED_BYTES)
        if old is None or old.external or recreated:
            allowed = self._check(provider, new, None, seed)
        else:
            self._ignore_changes(new, old)
            allowed = self._check(provider, new, old.inputs, seed)
        allowed = self._context.policies.judge(self._subject(new, new.inputs)) and allowed
        if not allowed:
            self._report.stopped.set()
            self._report.proceed()
        self._settled.add(urn)
        if old is None:
            self._keep(urn)
            return Plan(new, [Step("create", new)])
        if recreated:
            self.deleted.discard(urn)
            self._keep(urn)
            return Plan(new, [Step("replace", new, old), Step("create-replacement", new, old)])
        if old.external:
            self._keep(urn)
            return Plan(new, _replacement(new, old))
        return self._changed(goal, old, new, provider, seed, imported)

    def plan_read(self, goal: Goal, id_: str) -> Plan:
        """A resource that something else manages."""
        urn = self._claim(goal)
        old = self._aliases.find(urn, goal, self._seen)
        new = self._state(goal, urn, None)
        new.id, new.external = id_, True
        self._settled.add(urn)
        self._keep(urn)
        if old is not None and not old.external and old.id != id_:
            return Plan(new, [Step("read-replacement", new, old, marks_old=True), Step("replace", new, old)])
        return Plan(new, [Step("read", new, old)])

    def stack_subjects(self) -> list[Subject]:
        """What the program registered, with its outputs."""
        return [self._subject(s, s.outputs) for s in self._snapshot.news.values() if s.urn in self.goals]

    def _claim(self, goal: Goal) -> str:
        if goal.parent and goal.parent not in self._seen:
            raise StepError(f"could not find parent resource {goal.parent}")
        urn = self._context.urn(goal.parent, goal.type, goal.name)
        if urn in self._seen:
            raise self._report.abandon(f"Duplicate resource URN '{urn}'; try giving it a unique name", urn)
        self._seen.add(urn)
        return urn

    def _keep(self, urn: str) -> None:
        self.kept |= {urn, self._aliases.former(urn)}

    def _state(self, goal: Goal, urn: str, old: State | None) -> State:
        former = self._aliases.former(urn)
        return State(
            urn=urn,
            type=goal.type,
            custom=goal.custom,
            inputs=goal.properties,
            parent=goal.parent,
            protect=bool(goal.protect),
            dependencies=goal.dependencies,
            provider=goal.provider,
            property_dependencies=goal.property_dependencies,
            additional_secret_outputs=goal.additional_secret_outputs,
            custom_timeouts=goal.custom_timeouts,
            import_id=goal.import_id,
            retain_on_delete=bool(goal.retain_on_delete),
            created=old.created if old else "",
            modified=old.modified if old else "",
            source_position=goal.source_position,
            ignore_changes=goal.ignore_changes,
            replace_on_changes=goal.replace_on_changes,
            aliases=[former] if former != urn else [],
        )

    def _subject(self, state: State, properties: Props) -> Subject:
        provider = self._provider_states.get(provider_urn(state.provider))
        return Subject(state, properties, provider, self.goals[state.urn].delete_before_replace)

    def _import(self, new: State, old: State | None, provider: ResourceProvider) -> State:
        """Read the resource that exists, as the program's options describe it. It counts at once."""
        op = "import" if old is None else "import-replacement"
        self._report.step("start", op, new)
        found = provider.read(new.urn, new.import_id, None, None)
        if found.outputs is None:
            raise StepError(f"resource '{new.import_id}' does not exist")
        if found.inputs is None:
            raise StepError(f"the provider of {new.type} does not support importing resources")
        new.id, new.inputs, new.outputs = found.id or new.import_id, found.inputs, found.outputs
        new.created = new.modified = now()
        if old is not None:
            old.delete = True
        self._snapshot.record(new, changed=old)
        self._report.step("done", op, new)
        return new

    def _ignore_changes(self, new: State, old: State) -> None:
        if not new.ignore_changes:
            return
        new.inputs = copy.deepcopy(new.inputs)
        lost = [path for path in new.ignore_changes if not paths.reset(paths.parse(path), old.inputs, new.inputs)]
        if lost:
            message = f"cannot ignore changes in added or removed elements of the path: {', '.join(lost)}"
            self._report.say("info", message, new.urn)

    def _check(self, provider: ResourceProvider | None, new: State, olds: Props | None, seed: bytes) -> bool:
        if provider is None:
            return True
        news = new.inputs
        new.inputs, failures = provider.check(new.urn, olds, news, self._preview, seed)
        for key, reason in failures:
            where = f"property {key} value {bare(news.get(key))!r} has a problem: " if key else ""
            self._report.fail(f"{new.type} resource '{urn_name(new.urn)}': {where}{reason}", new.urn, stop=False)
        return not failures

    # ---- what a change means ----

    def _changed(
        self,
        goal: Goal,
        old: State,
        new: State,
        provider: ResourceProvider | None,
        seed: bytes,
        imported: State | None,
    ) -> Plan:
        diff = self._diff(old, new, provider)
        self._keep(new.urn)
        replaces = diff.replace or old.pending_replacement
        if diff.changes == SOME:
            replaces = replaces or bool(paths.touches(goal.replace_on_changes, diff.changed))
        if diff.changes != SOME and not old.pending_replacement:
            if old.init_errors:
                return Plan(new, [Step("update", new, old)])
            return Plan(imported, []) if imported else Plan(new, [Step("same", new, old)])
        if not replaces:
            return Plan(new, [Step("update", new, old)])
        self._refuse_replacement(goal, old, new)
        if provider is not None:  # once more without the old inputs, so that automatic names are made afresh
            new.inputs = goal.properties
            if not self._check(provider, new, None, seed):
                raise self._report.abandon(f"resource {new.urn} has check errors", new.urn)
        first = diff.delete_before_replace if goal.delete_before_replace is None else goal.delete_before_replace
        return Plan(new, self._delete_first(old, new) if first else _replacement(new, old))

    def _refuse_replacement(self, goal: Goal, old: State, new: State) -> None:
        if new.protect and old.protect:
            message = (
                f'unable to replace resource "{new.urn}"\nas it is currently marked for protection. To unprotect the '
                "resource, remove the `protect` flag from the resource in your Pulumi program and run `pulumi up`"
            )
            self._report.fail(message, new.urn, stop=not self._preview)
            self._report.proceed()
        if goal.import_id:
            message = (
                "previously-imported resources that still specify an ID may not be replaced; "
                "please remove the `import` declaration from your program"
            )
            if not self._preview:
                raise StepError(message)
            self._report.say("warning", message, new.urn)

    def _delete_first(self, old: State, new: State) -> list[Step]:
        """Delete-before-replace: what depends on the resource and would be replaced with it goes before it."""
        steps = []
        for dependent in reversed(self._replaced_with(old)):
            if id(dependent) in self.deleted_early:
                continue
            if dependent.protect:
                raise self._report.abandon(
                    f'unable to replace resource "{dependent.urn}" as part of replacing "{new.urn}" as it is '
                    "currently marked for protection.",
                    new.urn,
                )
            steps.append(Step("delete-replaced", dependent, comes_back=not dependent.delete))
            self.deleted.add(dependent.urn)
            self.deleted_early.add(id(dependent))
        if not old.pending_replacement:
            self.deleted.add(old.urn)
            steps.append(Step("delete-replaced", old, comes_back=True))
        return [*steps, Step("replace", new, old), Step("create-replacement", new, old)]

    def _replaced_with(self, root: State) -> list[State]:
        previous = self._snapshot.previous
        if root not in previous:
            return []
        found: list[State] = []
        replaced, reached = {root.urn}, {root.urn}
        for state in previous[previous.index(root) + 1 :]:
            if state.urn in self._settled or not state.needs(parent=False) & reached:
                continue
            reached.add(state.urn)
            if state.custom and not state.external and self._would_replace(state, replaced):
                found.append(state)
                replaced.add(state.urn)
        return found

    def _would_replace(self, state: State, replaced: set[str]) -> bool:
        """Whether the resource is replaced when all it takes from those others becomes unknown."""
        if provider_urn(state.provider) in replaced:
            return True
        lost = {key for key, urns in state.property_dependencies.items() if replaced & set(urns)}
        if not lost & state.inputs.keys():
            return False
        news = {key: UNKNOWN if key in lost else value for key, value in state.inputs.items()}
        diff = self._providers.of(state).diff(state, news, True, state.ignore_changes)
        return diff.replace or (diff.changes == SOME and bool(paths.touches(state.replace_on_changes, diff.changed)))

    def _diff(self, old: State, new: State, provider: ResourceProvider | None) -> Diff:
        if provider is None:
            return Diff(NONE if old.inputs == new.inputs else SOME)
        if old.provider != new.provider and self._other_account(old, new):
            return Diff(SOME, ["provider"])
        return provider.diff(_named(old, new), new.inputs, self._preview, new.ignore_changes)

    def _other_account(self, old: State, new: State) -> bool:
        """Whether the new provider, asked for the difference to the old one, says that nothing of it can be kept."""
        was, is_ = provider_urn(old.provider), provider_urn(new.provider)
        if not was or not is_:
            return True
        former = self._snapshot.olds.get(was)
        if former is None or self._snapshot.renamed.get(was) == is_ or self._providers.is_builtin(new.provider):
            return False
        provider, now_ = self._providers.configured(new.provider), self._provider_states[is_]
        old_inputs, new_inputs = configuration(former.inputs), configuration(now_.inputs)
        return provider.diff_config(is_, old_inputs, former.outputs, new_inputs).replace


def _must_import(goal: Goal, old: State | None) -> bool:
    return bool(goal.import_id) and (old is None or old.external or (old.import_id or old.id) != goal.import_id)


def _replacement(new: State, old: State) -> list[Step]:
    return [Step("create-replacement", new, old, marks_old=True), Step("replace", new, old)]


def _named(old: State, new: State) -> State:
    """The old state under the URN that the resource has now."""
    if old.urn == new.urn:
        return old
    renamed = copy.copy(old)
    renamed.urn = new.urn
    return renamed
