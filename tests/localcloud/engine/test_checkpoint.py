from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from localcloud.engine.checkpoint import Checkpoint
from localcloud.engine.passphrase import Passphrase
from localcloud.engine.state import State
from localcloud.engine.values import RESOURCE, SIGNATURE, UNKNOWN, Secret
from localcloud.engines import EngineError
from tests.localcloud.engine.workspace import ROOT


def bucket(name: str, **more: object) -> State:
    return State(urn=f"urn:pulumi:dev::mesh::aws:s3/bucket:Bucket::{name}", type="aws:s3/bucket:Bucket", **more)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "embedded" / "dev.json"


def opened(path: Path, *, write: bool = True) -> Checkpoint:
    return Checkpoint(path, Passphrase(""), write=write)


def names(path: Path) -> list[str]:
    return [state.urn.rpartition("::")[2] for state in opened(path, write=False).resources]


def stored(path: Path, *states: State) -> Checkpoint:
    """A checkpoint that holds these, open for writing."""
    checkpoint = opened(path)
    checkpoint.commit(list(states))
    checkpoint.close()
    return opened(path)


def test_everything_that_is_known_of_a_resource_survives(path: Path) -> None:
    reference = {SIGNATURE: RESOURCE, "urn": "urn:x", "id": "i"}
    state = bucket(
        "a",
        custom=True,
        id="i",
        inputs={"plain": [1, 2.5, None, True], "secret": Secret({"deep": "text"}), "soon": UNKNOWN, "to": reference},
        outputs={"arn": "arn"},
        parent="urn:p",
        provider="urn:provider::id",
        protect=True,
        dependencies=["urn:d"],
        property_dependencies={"plain": ["urn:d"], "none": []},
        custom_timeouts={"create": 300.0},
        ignore_changes=["tags"],
        import_id="i",
    )
    stored(path, state)
    (read,) = opened(path, write=False).resources
    assert vars(read) == vars(state)


def test_the_file_is_a_deployment_of_version_3(path: Path) -> None:
    checkpoint = stored(path, bucket("a", inputs={"s": Secret("hunter2")}, delete=True, import_id="x"))
    document = json.loads(path.read_text())
    (resource,) = document["deployment"]["resources"]
    assert document["version"] == 3
    assert document["deployment"]["secrets_providers"]["type"] == "passphrase"
    assert {"urn", "custom", "type", "delete", "importID", "inputs"} == resource.keys()
    assert "hunter2" not in path.read_text()
    assert checkpoint.document()["deployment"]["resources"] == document["deployment"]["resources"]


def test_a_step_that_was_recorded_is_there_after_the_process_is_gone(path: Path) -> None:
    a, b, c = bucket("a"), bucket("b"), bucket("c")
    checkpoint = stored(path, a, b, c)
    old_a, old_b, _ = checkpoint.resources
    new_a, d = bucket("a", id="new"), bucket("d", inputs={"s": Secret("hunter2")})
    checkpoint.record([new_a], [old_a])
    checkpoint.record([d])
    old_b.delete = True
    checkpoint.record([old_b])
    assert names(path) == ["a", "d", "b", "c"], "what is new comes first, what is left of the old after it"
    states = opened(path, write=False).resources
    assert (states[0].id, states[1].inputs["s"], states[2].delete) == ("new", Secret("hunter2"), True)


def test_the_next_deployment_goes_on_from_the_journal(path: Path) -> None:
    checkpoint = stored(path, bucket("a"))
    checkpoint.record([bucket("b")])
    checkpoint.close()
    assert [state.urn[-1] for state in opened(path).resources] == ["b", "a"]
    assert [p.name for p in sorted(path.parent.iterdir())] == ["dev.json", "dev.lock"]
    assert len(json.loads(path.read_text())["deployment"]["resources"]) == 2


def test_a_line_that_was_not_finished_is_no_line(path: Path) -> None:
    checkpoint = stored(path, bucket("a"))
    checkpoint.record([bucket("b")])
    with path.with_suffix(".journal").open("a") as journal:
        journal.write('{"put": 2, "resource": {"urn": "urn:pul')
    assert names(path) == ["b", "a"]


def test_a_journal_whose_deployment_had_finished_is_of_no_use(path: Path) -> None:
    checkpoint = stored(path, bucket("a"))
    checkpoint.record([bucket("b")])
    journal = path.with_suffix(".journal").read_text()
    checkpoint.commit([bucket("z")])
    path.with_suffix(".journal").write_text(journal)
    assert names(path) == ["z"]


def test_a_creation_that_was_cut_off_is_known(path: Path) -> None:
    checkpoint = stored(path, bucket("a"))
    for name in ("made", "refused", "cut-off"):
        checkpoint.note({"begin": bucket(name).urn})
    checkpoint.record([bucket("made")])
    checkpoint.note({"end": bucket("refused").urn})
    assert opened(path, write=False).interrupted == [bucket("cut-off").urn]


def test_renames_reach_what_refers_to_the_old_name(path: Path) -> None:
    old, child = bucket("old"), bucket("child", parent=bucket("old").urn, dependencies=[bucket("old").urn])
    checkpoint = stored(path, old, child)
    new = bucket("new")
    checkpoint.note({"renamed": [old.urn, new.urn]})
    checkpoint.record([new], [checkpoint.resources[0]])
    _, child = opened(path, write=False).resources
    assert (child.parent, child.dependencies) == (new.urn, [new.urn])


NAMELESS = '{"version": 3, "deployment": {"resources": [{"id": "x"}]}}'


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"version": 2, "deployment": {}}', NAMELESS])
def test_a_damaged_file_is_named_and_left_alone(path: Path, content: str) -> None:
    path.parent.mkdir()
    path.write_text(content)
    with pytest.raises(EngineError, match=r"dev\.json is damaged"):
        opened(path)
    assert path.read_text() == content
    with pytest.raises(EngineError, match="damaged"):  # and the lock was given back
        opened(path)


def test_a_living_holder_of_the_lock_is_named(path: Path) -> None:
    code = (
        "import sys, pathlib; from localcloud.engine.checkpoint import Checkpoint;"
        "from localcloud.engine.passphrase import Passphrase;"
        "held = Checkpoint(pathlib.Path(sys.argv[1]), Passphrase(''), write=True);"
        "print('held', flush=True); sys.stdin.read()"
    )
    argv = [sys.executable, "-c", code, str(path)]
    holder = subprocess.Popen(argv, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    with pytest.raises(EngineError, match=f"stack dev is locked by process {holder.pid}"):
        opened(path)
    opened(path, write=False)
    holder.kill()
    holder.communicate()
    opened(path)  # the lock of a dead process is no lock
