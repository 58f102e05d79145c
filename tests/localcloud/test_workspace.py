"""Which engine works on the local cloud there is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from localcloud import workspace as module
from localcloud.cloud import process, record
from localcloud.cloud.process import Cloud, CloudError
from localcloud.workspace import EngineName, Workspace


@dataclass
class Engine:
    """Knows which stacks it deployed."""

    name: str
    states: list[str]

    def stacks(self) -> list[str]:
        return list(self.states)

    def forget(self, stack: str) -> None:
        self.states.remove(stack)


@pytest.fixture
def engines(monkeypatch: pytest.MonkeyPatch) -> dict[str, Engine]:
    """Both engines; `pulumi` is the one on PATH."""
    both = {name: Engine(name, []) for name in ("pulumi", "embedded")}
    monkeypatch.setattr(module, "choose", lambda name, project: both["pulumi" if name == "auto" else name])
    monkeypatch.setattr(module, "install", lambda plugins: None)
    return both


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], None]:
    """`run(generation)`: from now on this cloud runs."""

    def started(generation: str) -> None:
        cloud = Cloud("http://127.0.0.1:1", "http://127.0.0.1:2", 1, generation)
        record.write(tmp_path, record.Record(1, cloud.endpoint, cloud.api, generation, ""))
        monkeypatch.setattr(process, "find", lambda home: cloud)

    return started


def test_the_engine_that_deployed_goes_on(
    tmp_path: Path, engines: dict[str, Engine], run: Callable[[str], None]
) -> None:
    def named(name: EngineName) -> Workspace:
        return Workspace(engine_name=name, home=tmp_path)

    run("first")
    assert named("auto").engine("", None).name == "pulumi"
    named("embedded").start()
    assert named("auto").engine("", None).name == "embedded"
    named("auto").start()
    with pytest.raises(CloudError, match="deployed by the embedded engine"):
        named("pulumi").start()

    run("second")
    assert named("auto").engine("", None).name == "pulumi"
    named("pulumi").start()


def test_states_of_a_cloud_that_ended_are_dropped_whoever_used_another_since(
    tmp_path: Path, engines: dict[str, Engine], run: Callable[[str], None]
) -> None:
    run("first")
    Workspace(engine_name="pulumi", home=tmp_path).start()
    engines["pulumi"].states.append("sales-prod")
    run("second")
    Workspace(engine_name="embedded", home=tmp_path).start()
    run("third")
    Workspace(engine_name="pulumi", home=tmp_path).start()
    assert engines["pulumi"].states == []


def test_a_look_by_one_engine_keeps_no_other_from_deploying(
    tmp_path: Path, engines: dict[str, Engine], run: Callable[[str], None]
) -> None:
    run("first")
    Workspace(engine_name="pulumi", home=tmp_path).start()
    engines["pulumi"].states.append("sales-prod")
    run("second")
    Workspace(engine_name="embedded", home=tmp_path).start(to_deploy=False)
    Workspace(engine_name="pulumi", home=tmp_path).start()
    assert engines["pulumi"].states == []
    with pytest.raises(CloudError, match="deployed by the pulumi engine"):
        Workspace(engine_name="embedded", home=tmp_path).start(to_deploy=False)
