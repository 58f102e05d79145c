"""Whole deployments through the embedded engine, as the rest of the local cloud runs them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from localcloud.engines import EmbeddedEngine, EngineError
from tests.localcloud.engine.workspace import Told, Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


def run(workspace: Workspace, command: str, program: str | None = None, **more: bool):
    if program is not None:
        workspace.program(program)
    told = Told()
    result = getattr(EmbeddedEngine(workspace.project), command)("dev", told, **more)
    return result, told


TWO = (
    'a = bucket("a", {"v": "%s"}, bucket="%s")\naws.sqs.Queue("q", tags={"arn": a.arn})\npulumi.export("arn", a.arn)\n'
)


def test_a_stack_from_its_first_preview_to_its_end(workspace: Workspace) -> None:
    engine = EmbeddedEngine(workspace.project)
    result, _ = run(workspace, "preview", TWO % ("1", "one"))
    assert (result.ok, result.counts, engine.stacks()) == (True, {"create": 3}, [])

    result, told = run(workspace, "up")
    assert told.steps() == [("create", "mesh-dev"), ("create", "a"), ("create", "q")]
    assert engine.outputs("dev") == {"arn": "arn:aws:x:us-east-1:123456789012:a/one"}

    result, _ = run(workspace, "up")
    assert (result.counts, result.changes) == ({"same": 3}, 0)

    result, _ = run(workspace, "up", TWO % ("2", "one"))
    assert result.counts == {"same": 2, "update": 1}

    result, told = run(workspace, "up", TWO % ("2", "two"))
    assert told.steps()[1:] == [
        ("create-replacement", "a"),
        ("replace", "a"),
        ("update", "q"),
        ("delete-replaced", "a"),
    ]
    assert result.counts == {"same": 1, "replace": 1, "update": 1}

    result, told = run(workspace, "destroy")
    assert told.steps() == [("delete", "q"), ("delete", "a"), ("delete", "mesh-dev")]
    assert engine.export("dev")["deployment"]["resources"] == []
    engine.forget("dev")
    assert engine.stacks() == []


def test_a_refresh_takes_over_what_the_provider_sees(workspace: Workspace) -> None:
    run(workspace, "up", 'bucket("moved", {"drift": "yes"})\nbucket("lost", {"gone": "yes"})\nbucket("still")\n')
    result, told = run(workspace, "refresh")
    assert result.counts == {"same": 2, "update": 1, "delete": 1}
    assert "tags" in told.messages()
    result, told = run(workspace, "preview")
    assert set(told.steps()) == {("same", "mesh-dev"), ("update", "moved"), ("create", "lost"), ("same", "still")}


def test_after_a_failed_step_the_next_run_goes_on(workspace: Workspace) -> None:
    program = (
        'a = bucket("a")\nb = bucket("b", {"boom": "yes"}, O(depends_on=[a]))\nbucket("c", opts=O(depends_on=[b]))\n'
    )
    result, told = run(workspace, "up", program)
    assert not result.ok
    assert "boom, as the tags ask for" in told.messages()
    workspace.heal()
    result, told = run(workspace, "up")
    assert told.steps() == [("same", "mesh-dev"), ("same", "a"), ("create", "b"), ("create", "c")]


def test_a_bug_in_the_program_is_shown_and_fails_the_deployment(workspace: Workspace) -> None:
    result, told = run(workspace, "up", 'print("so far so good")\nraise ValueError("no such luck")\n')
    assert not result.ok
    assert "so far so good" in told.messages()
    assert "ValueError: no such luck" in told.messages()
    assert "runpy" not in told.messages(), "the traceback begins with the program"


def test_protection_holds_until_it_is_lifted(workspace: Workspace) -> None:
    run(workspace, "up", 'bucket("a", opts=O(protect=True))\n')
    result, told = run(workspace, "destroy")
    assert not result.ok
    assert "it is protected" in told.messages()
    result, _ = run(workspace, "destroy", unprotect=True)
    assert (result.ok, result.counts) == (True, {"delete": 2})


def test_secrets_are_encrypted_where_they_are_kept(workspace: Workspace) -> None:
    program = 'aws.sqs.Queue("q", name=pulumi.Output.secret("hunter2"))\n'
    run(workspace, "up", program + 'pulumi.export("s", {"x": pulumi.Output.secret("hunter3")})\n')
    kept = (workspace.home / "embedded" / "dev.json").read_text()
    queue = next(r for r in json.loads(kept)["deployment"]["resources"] if r["type"] == "aws:sqs/queue:Queue")
    assert "hunter2" not in json.dumps(queue["inputs"])
    assert "hunter3" not in kept
    engine = EmbeddedEngine(workspace.project)
    assert engine.outputs("dev") == {"s": {"x": "[secret]"}}
    assert engine.outputs("dev", show_secrets=True) == {"s": {"x": "hunter3"}}


def test_a_wrong_passphrase_is_refused(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    run(workspace, "up", 'pulumi.export("s", pulumi.Output.secret("hunter2"))\n')
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "another")
    with pytest.raises(EngineError, match="is not the passphrase"):
        run(workspace, "up")


REFUSED = {
    "deletedWith": 'a = bucket("a")\nbucket("b", opts=O(deleted_with=a))\n',
    "invoke transforms": "pulumi.runtime.register_invoke_transform(lambda args: None)\n",
    "resource hooks": 'pulumi.ResourceHook("h", lambda args: None)\nbucket("a")\n',
    "remote assets": 'aws.s3.BucketObject("o", bucket="b", source=pulumi.RemoteAsset("https://localhost/x"))\n',
}


@pytest.mark.parametrize("option", REFUSED)
def test_what_is_not_supported_is_refused_by_name(workspace: Workspace, option: str) -> None:
    result, told = run(workspace, "preview", REFUSED[option])
    assert not result.ok
    assert f"does not support {option}" in told.messages()
    assert "Traceback" not in told.messages()


def test_configuration_that_is_not_supported_is_refused_by_name(workspace: Workspace) -> None:
    workspace.stack_file("dev", "config:\n  pulumi:autonaming:\n    mode: verbatim\n")
    with pytest.raises(EngineError, match="does not support pulumi:autonaming"):
        run(workspace, "preview", "")


def test_a_missing_plugin_is_named(workspace: Workspace) -> None:
    result, told = run(workspace, "preview", 'import pulumi_awsx as awsx\nawsx.ecr.Repository("r")\n')
    (workspace.home / "plugins" / "resource-awsx-v3.11.0" / "pulumi-resource-awsx").unlink()
    result, told = run(workspace, "preview")
    assert not result.ok
    assert "there is no plugin pulumi-resource-awsx of version 3.11.0" in told.messages()


def test_a_damaged_state_is_refused_and_left_alone(workspace: Workspace) -> None:
    run(workspace, "up", 'bucket("a")\n')
    path = workspace.home / "embedded" / "dev.json"
    path.write_text(path.read_text()[:-40])
    damaged = path.read_bytes()
    with pytest.raises(EngineError, match=r"dev\.json is damaged .* left as it is"):
        run(workspace, "up")
    assert path.read_bytes() == damaged


def test_the_outputs_of_a_stack_that_is_not_there(workspace: Workspace) -> None:
    with pytest.raises(EngineError, match="stack dev has no state"):
        EmbeddedEngine(workspace.project).outputs("dev")


PACK = """\
from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy, StackValidationPolicy


def named(args, report):
    if args.resource_type == "aws:s3/bucket:Bucket" and args.props["bucket"].startswith("bad"):
        report("that is a bad name")


def alone(args, report):
    if len([r for r in args.resources if r.resource_type == "aws:s3/bucket:Bucket"]) > args.get_config().get("most", 9):
        report("too many buckets")


def broken(args, report):
    if args.resource_type == "aws:sqs/queue:Queue":
        raise ValueError("this policy is broken")


def fix(args):
    if args.resource_type == "aws:sqs/queue:Queue":
        return {**args.props, "delaySeconds": 7}


PolicyPack(
    "tests",
    policies=[
        ResourceValidationPolicy("named", "d", named, EnforcementLevel.MANDATORY),
        ResourceValidationPolicy("broken", "d", broken, EnforcementLevel.DISABLED),
        ResourceValidationPolicy("fix", "d", remediate=fix, enforcement_level=EnforcementLevel.REMEDIATE),
        StackValidationPolicy("alone", "d", alone, EnforcementLevel.MANDATORY),
    ],
)
"""


def findings(told: Told) -> list[tuple[str, str, str]]:
    """What policies found; a message begins with the policy's description."""
    found = [event for event in told if event.kind == "policy"]
    return [(event.policy, event.level, event.message.removeprefix("d\n")) for event in found]


def test_a_mandatory_policy_stops_the_resource_before_it_is_touched(workspace: Workspace) -> None:
    workspace.pack(PACK)
    program = 'a = bucket("a")\nb = bucket("b", bucket="bad-b", opts=O(depends_on=[a]))\nbucket("c", bucket="bad-c")\n'
    result, told = run(workspace, "preview", program)
    assert not result.ok
    assert findings(told) == [("named", "mandatory", "that is a bad name")] * 2, "a preview reports them all"
    calls = workspace.trace("calls")
    result, told = run(workspace, "up", program.replace('bucket("c", bucket="bad-c")\n', ""))
    assert not result.ok
    created = [json.loads(line)["request"]["name"] for line in calls.read_text().splitlines() if '"Create"' in line]
    assert created == ["a"]


def test_policies_by_their_configuration(workspace: Workspace) -> None:
    workspace.pack(PACK, {"named": "advisory"})
    result, told = run(workspace, "up", 'bucket("b", bucket="bad-b")\naws.sqs.Queue("q")\n')
    assert (result.ok, findings(told)) == (True, [("named", "advisory", "that is a bad name")])
    assert [(event.policy, event.urn.rpartition("::")[2]) for event in told if event.kind == "remediation"] == [
        ("fix", "q")
    ]
    resources = EmbeddedEngine(workspace.project).export("dev")["deployment"]["resources"]
    assert [r["inputs"]["delaySeconds"] for r in resources if r["type"] == "aws:sqs/queue:Queue"] == [7]


def test_a_policy_that_cannot_run_fails_the_deployment(workspace: Workspace) -> None:
    workspace.pack(PACK, {"broken": "mandatory"})
    result, told = run(workspace, "preview", 'aws.sqs.Queue("q")\n')
    assert not result.ok
    assert "this policy is broken" in told.messages()


def test_a_stack_policy_sees_all_resources(workspace: Workspace) -> None:
    workspace.pack(PACK.replace('.get("most", 9)', '.get("most", 1)'))
    result, told = run(workspace, "up", 'bucket("a")\nbucket("b")\n')
    assert (result.ok, findings(told)) == (False, [("alone", "mandatory", "too many buckets")])
    assert result.counts == {"create": 3}, "it runs after the changes"


def test_a_pack_that_does_not_start_fails_the_deployment(workspace: Workspace) -> None:
    workspace.pack("raise SystemExit('no such pack')\n")
    result, told = run(workspace, "up", 'bucket("a")\n')
    assert (result.ok, result.counts) == (False, {})
    assert "policy pack" in told.messages()
