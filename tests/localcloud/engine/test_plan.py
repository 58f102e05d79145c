"""What the engine decides, with a provider in memory: the same decisions that the differential test compares."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from localcloud.deployments import Event
from localcloud.engine.checkpoint import Checkpoint
from localcloud.engine.context import Context
from localcloud.engine.deployment import Deployment
from localcloud.engine.errors import InitError, StepError, StoppedError
from localcloud.engine.goal import Alias, Goal
from localcloud.engine.passphrase import Passphrase
from localcloud.engine.policies import Policies
from localcloud.engine.providers import NONE, SOME, Diff, Failures, Reading
from localcloud.engine.refresh import refresh
from localcloud.engine.removal import remove
from localcloud.engine.report import Report
from localcloud.engine.settings import Settings
from localcloud.engine.snapshot import Snapshot
from localcloud.engine.state import State
from localcloud.engine.values import UNKNOWN, Props, Secret, bare

TYPE, PARENT_TYPE = "test:index:Thing", "test:index:Group"


@dataclass
class Cloud:
    """A provider, and what it was asked. A change of the property `name` replaces. What `fails` names is refused."""

    fails: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    seen: dict[str, Props] = field(default_factory=dict)
    delete_first: bool = False
    calls: list[str] = field(default_factory=list)

    def note(self, method: str, urn: str) -> None:
        name = urn.rpartition("::")[2]
        self.calls.append(f"{method} {name}")
        if f"{method} {name}" in self.fails:
            raise StepError(f"{method} {name} is refused")

    def check(self, urn: str, olds: Props | None, news: Props, preview: bool, seed: bytes) -> tuple[Props, Failures]:
        failures = [("size", "must not be negative")] if bare(news).get("size") == -1 else []
        return {"auto": (olds or {}).get("auto", f"auto-{seed[:4].hex()}"), **news}, failures

    def diff(self, old: State, news: Props, preview: bool, ignore: list[str]) -> Diff:
        olds, plain = bare(old.inputs), bare(news)
        changed = [key for key in {**olds, **plain} if olds.get(key) != plain.get(key)]
        replaces = [key for key in changed if key == "name"]
        return Diff(SOME if changed else NONE, replaces, changed, self.delete_first)

    def create(self, state: State, preview: bool) -> tuple[str, Props]:
        self.note("create", state.urn)
        if "half" in state.inputs:
            raise InitError("half done", "id-half", None, {"made": True}, ["not healthy"])
        if preview:
            return "", {**state.inputs, "arn": UNKNOWN}
        return f"id-{state.inputs.get('name')}", {**state.inputs, "arn": "arn"}

    def update(self, old: State, state: State, preview: bool) -> Props:
        self.note("update", state.urn)
        return {**state.inputs, "arn": "arn"}

    def read(self, urn: str, id_: str, inputs: Props | None, outputs: Props | None) -> Reading:
        self.note("read", urn)
        if id_ in self.gone:
            return Reading("", None, None)
        found = self.seen.get(id_, inputs if inputs is not None else {"name": id_})
        return Reading(id_, found, {**found, "arn": "arn"})

    def delete(self, state: State) -> None:
        self.note("delete", state.urn)
        time.sleep(0.02)
        self.calls.append(f"deleted {state.urn.rpartition('::')[2]}")


class OneCloud:
    """Stands in for `Providers`: everything belongs to the one cloud."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def of(self, state: State) -> Cloud:
        return self._cloud

    def configured(self, ref: str) -> Cloud:
        return self._cloud

    def is_builtin(self, ref: str) -> bool:
        return False


def thing(name: str, properties: Props | None = None, **more: Any) -> Goal:
    given = {"name": name, **(properties or {})}
    depends = more.pop("needs", [])
    more.setdefault("property_dependencies", dict.fromkeys(given, depends) if depends else {})
    return Goal(type=TYPE, name=name, custom=True, properties=given, dependencies=depends, **more)


def urn(name: str, type_: str = TYPE) -> str:
    return f"urn:pulumi:dev::mesh::{type_}::{name}"


class Stack:
    def __init__(self, directory: Path) -> None:
        self.path, self.cloud, self.told = directory / "dev.json", Cloud(), list[Event]()

    def run(self, act: Callable[[Deployment], object], *, preview: bool = False) -> list[str]:
        """What the steps were, in order."""
        self.told, self.cloud.calls = [], []
        report = Report(self.told.append)
        settings = Settings("mesh", "dev", "", {}, [], "")
        checkpoint = Checkpoint(self.path, Passphrase(""), write=not preview)
        snapshot, policies = Snapshot(checkpoint, preview=preview), Policies(report, preview=preview)
        providers: Any = OneCloud(self.cloud)
        context = Context(settings, snapshot, providers, policies, report, preview)
        deployment = Deployment(context)
        try:
            act(deployment)
            if not report.stopped.is_set():
                remove(context, deployment.planner, deployment.executor)
        except StoppedError:
            pass
        finally:
            snapshot.commit()
            checkpoint.close()
        self.ok = not report.failed
        return [f"{e.op} {e.urn.rpartition('::')[2]}" for e in self.told if e.kind == "start"]

    def up(self, *goals: Goal, preview: bool = False) -> list[str]:
        return self.run(lambda deployment: [deployment.register(goal) for goal in goals], preview=preview)

    def refresh(self) -> list[str]:
        counts: Counter[str] = Counter()

        def act(deployment: Deployment) -> None:
            refresh(deployment.context)
            counts.update(deployment.context.report.counts)
            deployment.context.report.stopped.set()  # a refresh deletes nothing

        self.run(act)
        return sorted(f"{op} {n}" for op, n in counts.items())

    @property
    def states(self) -> list[State]:
        return Checkpoint(self.path, Passphrase("")).resources

    def said(self) -> str:
        return "\n".join(event.message for event in self.told)


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    return Stack(tmp_path)


def test_the_first_time_and_the_second(stack: Stack) -> None:
    goals = [thing("a"), thing("b", needs=[urn("a")])]
    assert stack.up(*goals, preview=True) == ["create a", "create b"]
    assert not stack.path.exists(), "a preview leaves nothing behind"
    assert stack.up(*goals) == ["create a", "create b"]
    auto = stack.states[0].inputs["auto"]
    assert stack.up(*goals) == ["same a", "same b"]
    assert (stack.states[0].inputs["auto"], stack.cloud.calls) == (auto, [])


def test_a_change_updates(stack: Stack) -> None:
    stack.up(thing("a", {"size": 1}))
    assert stack.up(thing("a", {"size": 2})) == ["update a"]
    assert (stack.states[0].inputs["size"], stack.states[0].id) == (2, "id-a")


def test_a_replacement_is_made_before_the_old_one_goes(stack: Stack) -> None:
    stack.up(thing("a"), thing("b", {"of": "a"}, needs=[urn("a")]))
    goals = [thing("a", {"name": "other"}), thing("b", {"of": "other"}, needs=[urn("a")])]
    assert stack.up(*goals) == ["create-replacement a", "replace a", "update b", "delete-replaced a"]
    assert [state.id for state in stack.states] == ["id-other", "id-b"]
    assert stack.states[0].inputs["auto"] != "", "and has new automatic names"


def test_delete_before_replace_takes_dependents_along(stack: Stack) -> None:
    """b takes its name from a, so it would be replaced too; c takes something else."""

    def goals(name: str) -> list[Goal]:
        b = thing("b", property_dependencies={"name": [urn("a")]})
        c = thing("c", {"of": name}, property_dependencies={"of": [urn("a")]})
        b.dependencies = c.dependencies = [urn("a")]
        return [thing("a", {"name": name}, delete_before_replace=True), b, c]

    stack.up(*goals("one"))
    assert stack.up(*goals("two")) == [
        "delete-replaced b",
        "delete-replaced a",
        "replace a",
        "create-replacement a",
        "replace b",
        "create-replacement b",
        "update c",
    ]


def test_the_provider_may_want_to_delete_first(stack: Stack) -> None:
    stack.up(thing("a"))
    stack.cloud.delete_first = True
    change = thing("a", {"name": "other"})
    assert stack.up(change) == ["delete-replaced a", "replace a", "create-replacement a"]
    asked = thing("a", {"name": "third"}, delete_before_replace=False)
    assert stack.up(asked) == ["create-replacement a", "replace a", "delete-replaced a"]


def test_a_delete_first_whose_creation_fails_goes_on(stack: Stack) -> None:
    stack.up(thing("a"))
    stack.cloud.delete_first, stack.cloud.fails = True, {"create a"}
    stack.up(thing("a", {"name": "other"}))
    assert (stack.ok, stack.states[0].pending_replacement) == (False, True)
    stack.cloud.fails = set()
    assert stack.up(thing("a", {"name": "other"})) == ["replace a", "create-replacement a"]
    assert [(state.id, state.pending_replacement) for state in stack.states] == [("id-other", False)]


def test_a_replaced_one_that_cannot_be_deleted_is_tried_again(stack: Stack) -> None:
    stack.up(thing("a"))
    stack.cloud.fails = {"delete a"}
    stack.up(thing("a", {"name": "other"}))
    assert [(state.id, state.delete) for state in stack.states] == [("id-other", False), ("id-a", True)]
    stack.cloud.fails = set()
    assert stack.up(thing("a", {"name": "other"})) == ["same a", "delete-replaced a"]
    assert [state.id for state in stack.states] == ["id-other"]


def test_what_is_no_longer_asked_for_goes_dependents_first(stack: Stack) -> None:
    stack.up(thing("a"), thing("b", needs=[urn("a")]), thing("c", needs=[urn("b")]), thing("d"))
    assert stack.up(thing("d")) == ["same d", "delete c", "delete b", "delete a"]
    assert stack.cloud.calls == [f"{said} {name}" for name in "cba" for said in ("delete", "deleted")]


def test_what_depends_on_a_component_goes_before_its_parts(stack: Stack) -> None:
    group = Goal(type=PARENT_TYPE, name="g", custom=False, properties={})
    part = thing("part", parent=urn("g", PARENT_TYPE))
    stack.up(group, part, thing("user", needs=[urn("g", PARENT_TYPE)]))
    assert stack.up() == ["delete user", "delete part", "delete g"]
    assert stack.cloud.calls == ["delete user", "deleted user", "delete part", "deleted part"]


def test_a_failure_keeps_what_succeeded(stack: Stack) -> None:
    goals = [thing("a"), thing("b", needs=[urn("a")]), thing("c", needs=[urn("b")])]
    stack.cloud.fails = {"create b"}
    assert stack.up(*goals) == ["create a", "create b"]
    assert (stack.ok, "create b is refused" in stack.said()) == (False, True)
    stack.cloud.fails = set()
    assert stack.up(*goals) == ["same a", "create b", "create c"]


def test_what_was_half_made_is_kept_and_updated(stack: Stack) -> None:
    stack.up(thing("a", {"half": True}))
    (state,) = stack.states
    assert (stack.ok, state.id, state.init_errors) == (False, "id-half", ["not healthy"])
    stack.up(thing("a", {"half": True}))
    assert (stack.ok, stack.cloud.calls, stack.states[0].init_errors) == (True, ["update a"], [])


def test_failed_checks_touch_nothing(stack: Stack) -> None:
    stack.up(thing("a", {"size": -1}), thing("b"))
    assert stack.cloud.calls == []
    assert "property size value -1 has a problem: must not be negative" in stack.said()


def test_ignored_changes_and_changes_that_replace(stack: Stack) -> None:
    stack.up(thing("a", {"tags": {"x": 1, "y": 1}}))
    assert stack.up(thing("a", {"tags": {"x": 2, "y": 1}}, ignore_changes=["tags.x"])) == ["same a"]
    assert stack.up(thing("a", {"tags": {"x": 2, "y": 2}}, ignore_changes=["tags.x"])) == ["update a"]
    assert stack.states[0].inputs["tags"] == {"x": 1, "y": 2}
    replaced = thing("a", {"tags": {"x": 1, "y": 3}}, replace_on_changes=["tags"])
    assert stack.up(replaced) == ["create-replacement a", "replace a", "delete-replaced a"]


def test_protected_resources_stay(stack: Stack) -> None:
    stack.up(thing("a", protect=True))
    stack.up(thing("a", {"name": "other"}, protect=True))
    assert (stack.ok, stack.states[0].id, stack.cloud.calls) == (False, "id-a", [])
    stack.up()
    assert (stack.ok, len(stack.states)) == (False, 1)
    stack.up(thing("a"))
    stack.up()
    assert (stack.ok, stack.states) == (True, [])


def test_retained_resources_leave_the_state_alone(stack: Stack) -> None:
    stack.up(thing("a", retain_on_delete=True))
    assert stack.up() == ["delete a"]
    assert (stack.cloud.calls, stack.states) == ([], [])


def test_an_import_takes_over_and_then_follows_the_program(stack: Stack) -> None:
    goal = thing("there", {"size": 3}, import_id="there")
    assert stack.up(goal) == ["import there", "update there"]
    assert (stack.states[0].id, stack.states[0].inputs["size"]) == ("there", 3)
    assert stack.up(goal) == ["same there"]


def test_a_resource_that_something_else_manages_is_only_read(stack: Stack) -> None:
    def read(deployment: Deployment) -> None:
        state = deployment.read(thing("a"), "existing")
        assert state.outputs["arn"] == "arn"

    assert stack.run(read) == ["read a"]
    assert (stack.states[0].id, stack.states[0].external) == ("existing", True)
    assert stack.up() == ["discard a"]
    assert stack.cloud.calls == []


def test_a_read_counts_only_when_what_was_known_has_changed(stack: Stack) -> None:
    def read(deployment: Deployment) -> None:
        deployment.read(thing("a"), "existing")
        counted.append(dict(deployment.context.report.counts))

    counted: list[dict[str, int]] = []
    stack.run(read)
    stack.run(read)
    stack.cloud.seen["existing"] = {"name": "another"}
    stack.run(read)
    assert counted == [{}, {}, {"read": 1}]


def test_names_may_change_with_aliases(stack: Stack) -> None:
    group = Goal(type=PARENT_TYPE, name="g", custom=False, properties={})
    old_parent, new_parent = urn("g", PARENT_TYPE), urn("h", PARENT_TYPE)
    stack.up(group, thing("g-part", parent=old_parent), thing("b", needs=[old_parent]))
    renamed = Goal(type=PARENT_TYPE, name="h", custom=False, properties={}, aliases=[Alias(name="g")])
    child = thing("h-part", {"name": "g-part"}, parent=new_parent)
    assert stack.up(renamed, child) == ["same h", "same h-part", "delete b"]
    assert stack.states[1].parent == new_parent


def test_one_name_once(stack: Stack) -> None:
    stack.up(thing("a"), thing("a"))
    assert not stack.ok
    assert "Duplicate resource URN" in stack.said()


def test_secrets_that_the_program_asks_for(stack: Stack) -> None:
    stack.up(thing("a", additional_secret_outputs=["arn"]))
    assert stack.states[0].outputs["arn"] == Secret("arn")


def test_a_refresh(stack: Stack) -> None:
    stack.up(thing("a"), thing("b", needs=[urn("a")]), thing("c"))
    stack.cloud.gone, stack.cloud.seen = {"id-a"}, {"id-c": {"name": "c", "size": 9}}
    assert stack.refresh() == ["delete 1", "same 1", "update 1"]
    b, c = stack.states
    assert (b.dependencies, c.outputs["size"]) == ([], 9)
    assert stack.up(thing("a"), thing("b", needs=[urn("a")]), thing("c")) == ["create a", "same b", "update c"]


def test_registrations_are_carried_out_side_by_side(stack: Stack) -> None:
    """Each creation waits for the other: neither could finish if they went one after the other."""
    barrier = threading.Barrier(2, timeout=10)
    create = stack.cloud.create

    def together(state: State, preview: bool) -> tuple[str, Props]:
        barrier.wait()
        return create(state, preview)

    stack.cloud.create = together  # type: ignore[method-assign]
    with ThreadPoolExecutor(2) as pool:
        stack.run(lambda deployment: list(pool.map(deployment.register, [thing("a"), thing("b")])))
    assert (stack.ok, len(stack.states)) == (True, 2)
