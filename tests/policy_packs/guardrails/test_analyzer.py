"""The pack over Pulumi's Analyzer protocol: levels, settings, unknown values, secrets, remedies, waivers, failures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2, struct_pb2
from mesh_guardrails import wire
from mesh_guardrails.analyzer import Analyzer
from mesh_guardrails.control import Control, Finding, ResourceControl, Severity, StackControl
from mesh_guardrails.controls import waivers as waiver_controls
from mesh_guardrails.evaluation import Controls
from mesh_guardrails.facts import Facts
from mesh_guardrails.resource import UNKNOWN, Resource, Stack
from mesh_guardrails.waivers import WaiverError
from pulumi.runtime.proto import analyzer_pb2

from tests.policy_packs.guardrails.building import ORGANISATION_SETTINGS, urn

QUEUE = "aws:sqs/queue:Queue"
UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
SECRET = {wire.SIGNATURE: wire.SECRET, "value": "hunter2"}


class AbortedError(Exception):
    """What the stand-in for a call's context raises."""


class Context:
    """The part of a call's context the pack uses."""

    def abort(self, code: grpc.StatusCode, details: str) -> None:
        raise AbortedError(code, details)


CONTEXT: Any = Context()


def control(id_: str, check: Any, **more: Any) -> ResourceControl:
    return ResourceControl(
        id=id_,
        title=f"{id_} holds",
        severity=Severity.HIGH,
        rationale="Why.",
        remediation="How.",
        family="mesh",
        types=(QUEUE,),
        check=check,
        **more,
    )


def named(resource: Resource, facts: Facts) -> Iterator[Finding]:
    if resource.props.get("name") is None:
        yield Finding("there is no name", "name")


def never(stack: Stack, facts: Facts) -> Iterator[Finding]:
    for queue in stack.of(QUEUE):
        yield Finding("a queue", "queue", urn=queue.urn)


def rename(resource: Resource, facts: Facts) -> Mapping[tuple[str | int, ...], Any]:
    return {} if resource.props.get("name") else {("name",): "orders"}


NAMED = control("named", named, fix=rename)
NO_QUEUE = StackControl(
    id="no-queue",
    title="There is no queue",
    severity=Severity.LOW,
    rationale="Why.",
    remediation="How.",
    family="mesh",
    check=never,
)


def analyzer(*controls: Control, waivers: Path = Path("/nowhere")) -> Analyzer:
    return Analyzer(Controls(controls), waivers=waivers, today=lambda: date(2026, 11, 20))


def request(props: Mapping[str, Any] | None = None, name: str = "it") -> analyzer_pb2.AnalyzeRequest:
    message = analyzer_pb2.AnalyzeRequest(type=QUEUE, urn=urn(QUEUE, name), name=name)
    message.properties.update(dict(props or {}))
    return message


def stack_request(*resources: analyzer_pb2.AnalyzerResource) -> analyzer_pb2.AnalyzeStackRequest:
    return analyzer_pb2.AnalyzeStackRequest(resources=resources)


def levels(pack: Analyzer, **names: analyzer_pb2.EnforcementLevel.ValueType) -> None:
    config = {n.replace("_", "-"): analyzer_pb2.PolicyConfig(enforcementLevel=v) for n, v in names.items()}
    pack.Configure(analyzer_pb2.ConfigureAnalyzerRequest(policyConfig=config), CONTEXT)


def test_a_violation_names_the_control_and_how_to_fix_it() -> None:
    (diagnostic,) = analyzer(NAMED).Analyze(request(), CONTEXT).diagnostics
    assert (diagnostic.policyName, diagnostic.policyPackName) == ("named", "mesh-guardrails")
    assert diagnostic.enforcementLevel == analyzer_pb2.MANDATORY
    assert diagnostic.severity == analyzer_pb2.POLICY_SEVERITY_HIGH
    assert diagnostic.message == "named holds: there is no name (finding name)\nTo fix: How."


@pytest.mark.parametrize(
    ("configured", "reported"),
    [
        (analyzer_pb2.ADVISORY, [analyzer_pb2.ADVISORY]),
        (analyzer_pb2.MANDATORY, [analyzer_pb2.MANDATORY]),
        (analyzer_pb2.REMEDIATE, [analyzer_pb2.MANDATORY]),
        (analyzer_pb2.DISABLED, []),
    ],
)
def test_the_configured_level_is_reported(configured: Any, reported: list[Any]) -> None:
    pack = analyzer(NAMED, NO_QUEUE)
    levels(pack, named=configured, no_queue=configured)
    assert [d.enforcementLevel for d in pack.Analyze(request(), CONTEXT).diagnostics] == reported
    queue = analyzer_pb2.AnalyzerResource(type=QUEUE, urn=urn(QUEUE))
    assert [d.enforcementLevel for d in pack.AnalyzeStack(stack_request(queue), CONTEXT).diagnostics] == reported


def test_a_name_that_is_no_controls_is_refused_with_the_nearest() -> None:
    with pytest.raises(AbortedError, match="no control 'name'; did you mean 'named'"):
        levels(analyzer(NAMED), name=analyzer_pb2.ADVISORY)


def test_a_setting_that_a_control_does_not_have_is_refused() -> None:
    config = analyzer_pb2.PolicyConfig(enforcementLevel=analyzer_pb2.ADVISORY)
    config.properties.update({"dayz": 3})
    with pytest.raises(AbortedError, match="control 'named' has no setting 'dayz'"):
        analyzer(NAMED).Configure(analyzer_pb2.ConfigureAnalyzerRequest(policyConfig={"named": config}), CONTEXT)


def test_all_is_no_control_and_accepted() -> None:
    levels(analyzer(NAMED), all=analyzer_pb2.ADVISORY)


def test_a_malformed_organisation_is_refused() -> None:
    organisation = control("organisation", named, settings={key: {} for key in ORGANISATION_SETTINGS})
    config = analyzer_pb2.PolicyConfig(enforcementLevel=analyzer_pb2.MANDATORY)
    config.properties.update({**ORGANISATION_SETTINGS, "hub": "nobody"})
    with pytest.raises(AbortedError, match=r"organisation\.hub"):
        analyzer(organisation).Configure(
            analyzer_pb2.ConfigureAnalyzerRequest(policyConfig={"organisation": config}), CONTEXT
        )


def test_settings_and_the_organisation_reach_the_control() -> None:
    seen: list[Facts] = []

    def check(resource: Resource, facts: Facts) -> Iterator[Finding]:
        seen.append(facts)
        yield from ()

    pack = analyzer(control("organisation", check, settings={key: {} for key in ORGANISATION_SETTINGS}))
    config = analyzer_pb2.PolicyConfig(enforcementLevel=analyzer_pb2.MANDATORY)
    config.properties.update(ORGANISATION_SETTINGS)
    pack.Configure(analyzer_pb2.ConfigureAnalyzerRequest(policyConfig={"organisation": config}), CONTEXT)
    elsewhere = analyzer_pb2.AnalyzeRequest(type=QUEUE, urn=urn(QUEUE, stack="marketing-prod-recovery"))
    pack.Analyze(elsewhere, CONTEXT)
    (facts,) = seen
    assert facts.organisation is not None
    assert (facts.account_id, facts.environment, facts.recovery) == ("333333333333", "prod", True)
    assert facts.setting("organisation", "hub", "") == "governance"


def test_values_arrive_as_plain_data() -> None:
    seen: list[Resource] = []

    def check(resource: Resource, facts: Facts) -> Iterator[Finding]:
        seen.append(resource)
        yield from ()

    props = {
        "number": 3,
        "fraction": 0.5,
        "flag": True,
        "nothing": None,
        "list": [1, {"a": UNKNOWN_TEXT}],
        "later": UNKNOWN_TEXT,
        "password": SECRET,
    }
    analyzer(control("plain", check)).Analyze(request(props), CONTEXT)
    assert seen[0].props == {
        "number": 3,
        "fraction": 0.5,
        "flag": True,
        "nothing": None,
        "list": [1, {"a": UNKNOWN}],
        "later": UNKNOWN,
        "password": "hunter2",
    }
    assert type(seen[0].props["number"]) is int


def test_a_providers_nested_inputs_are_decoded() -> None:
    message = analyzer_pb2.AnalyzerResource(type="pulumi:providers:aws", urn="u")
    message.properties.update(
        {"allowedAccountIds": '["1"]', "region": "eu-west-1", "assumeRoles": f'["{UNKNOWN_TEXT}"]'}
    )
    assert wire.resource(message).props == {
        "allowedAccountIds": ["1"],
        "region": "eu-west-1",
        "assumeRoles": [UNKNOWN],
    }


def test_what_is_undetermined_warns_and_is_judged_at_the_update() -> None:
    def check(resource: Resource, facts: Facts) -> Iterator[Finding]:
        if resource.props["policy"] is UNKNOWN:
            yield Finding("policy is not known yet", "policy", undetermined=True)
        elif resource.props["policy"] == "bad":
            yield Finding("policy is bad", "policy")

    pack = analyzer(control("documents", check))
    (preview,) = pack.Analyze(request({"policy": UNKNOWN_TEXT}), CONTEXT).diagnostics
    assert preview.enforcementLevel == analyzer_pb2.ADVISORY
    assert preview.message.startswith("Undetermined")
    (update,) = pack.Analyze(request({"policy": "bad"}), CONTEXT).diagnostics
    assert update.enforcementLevel == analyzer_pb2.MANDATORY


def test_a_control_that_fails_blocks_and_keeps_the_secret_to_itself() -> None:
    def check(resource: Resource, facts: Facts) -> Iterator[Finding]:
        raise ValueError(f"cannot read {resource.props['password']}")
        yield

    pack = analyzer(control("broken", check), NAMED)
    levels(pack, broken=analyzer_pb2.ADVISORY, named=analyzer_pb2.ADVISORY)
    broken, other = pack.Analyze(request({"password": SECRET}), CONTEXT).diagnostics
    assert broken.enforcementLevel == analyzer_pb2.MANDATORY
    assert "could not run (ValueError at test_analyzer.py:" in broken.message
    assert "hunter2" not in broken.message
    assert other.policyName == "named", "the other controls still run"


def test_a_stack_control_that_fails_blocks() -> None:
    def check(stack: Stack, facts: Facts) -> Iterator[Finding]:
        raise KeyError("x")
        yield

    broken = StackControl(
        id="broken", title="t", severity=Severity.LOW, rationale="r.", remediation="r.", family="mesh", check=check
    )
    (diagnostic,) = analyzer(broken).AnalyzeStack(stack_request(), CONTEXT).diagnostics
    assert diagnostic.enforcementLevel == analyzer_pb2.MANDATORY


def test_a_remedy_changes_what_it_names_once_and_leaves_secrets_and_unknown_values() -> None:
    pack = analyzer(NAMED)
    levels(pack, named=analyzer_pb2.REMEDIATE)
    (remedy,) = pack.Remediate(request({"password": SECRET, "later": UNKNOWN_TEXT}), CONTEXT).remediations
    expected = struct_pb2.Struct()
    expected.update({"password": SECRET, "later": UNKNOWN_TEXT, "name": "orders"})
    assert remedy.properties == expected
    again = analyzer_pb2.AnalyzeRequest(type=QUEUE, urn=urn(QUEUE), properties=remedy.properties)
    assert list(pack.Remediate(again, CONTEXT).remediations) == []
    assert list(pack.Analyze(again, CONTEXT).diagnostics) == []


def test_a_remedy_that_fails_says_where_and_changes_nothing() -> None:
    def fix(resource: Resource, facts: Facts) -> Mapping[tuple[str | int, ...], Any]:
        raise ValueError(resource.props["password"])

    pack = analyzer(control("named", named, fix=fix))
    levels(pack, named=analyzer_pb2.REMEDIATE)
    (remedy,) = pack.Remediate(request({"password": SECRET}), CONTEXT).remediations
    assert remedy.diagnostic.startswith("named could not remedy the resource (ValueError at test_analyzer.py:")
    assert not remedy.HasField("properties")
    assert len(pack.Analyze(request(), CONTEXT).diagnostics) == 1


def test_nothing_is_remedied_at_another_level() -> None:
    assert list(analyzer(NAMED).Remediate(request(), CONTEXT).remediations) == []


def test_a_policy_names_the_framework_it_helps_with() -> None:
    (policy,) = analyzer(NAMED).GetAnalyzerInfo(empty_pb2.Empty(), CONTEXT).policies
    assert (policy.framework.name, policy.framework.specification) == ("NIST SP 800-53", "CM-2")
    assert "nist:CM-2" in policy.tags


def test_every_control_is_a_policy_with_its_metadata() -> None:
    info = analyzer(NAMED, NO_QUEUE).GetAnalyzerInfo(empty_pb2.Empty(), CONTEXT)
    assert [(p.name, p.policy_type, p.remediation_steps) for p in info.policies] == [
        ("named", analyzer_pb2.POLICY_TYPE_RESOURCE, "How."),
        ("no-queue", analyzer_pb2.POLICY_TYPE_STACK, "How."),
    ]


ROOT = analyzer_pb2.AnalyzerResource(type="pulumi:pulumi:Stack", urn=urn("pulumi:pulumi:Stack"))
WAIVER = """
- control: named
  urn: urn:pulumi:{stack}::mesh::{type}::{name}
  finding: name
  reason: named by hand in another tool
  owner: sales-data
  ticket: SALES-12
  expires: {expires}
"""


def waived(
    path: Path, stack: str = "sales-prod", type_: str = QUEUE, name: str = "orders-*", expires: str = "2026-12-31"
) -> Analyzer:
    file = path / "waivers.yaml"
    file.write_text(WAIVER.format(stack=stack, type=type_, name=name, expires=expires))
    return analyzer(NAMED, *waiver_controls.CONTROLS, waivers=file)


def told(pack: Analyzer, name: str = "orders-in") -> tuple[Any, list[str]]:
    """The report on one queue, and which controls of waivers complain at the end."""
    (diagnostic,) = pack.Analyze(request(name=name), CONTEXT).diagnostics
    return diagnostic, [d.policyName for d in pack.AnalyzeStack(stack_request(ROOT), CONTEXT).diagnostics]


def test_a_waiver_turns_a_violation_into_a_report_of_its_use(tmp_path: Path) -> None:
    diagnostic, complaints = told(waived(tmp_path))
    assert diagnostic.enforcementLevel == analyzer_pb2.ADVISORY
    assert diagnostic.message.startswith("Waived until 2026-12-31 by sales-data, SALES-12: named by hand")
    assert complaints == []


@pytest.mark.parametrize(
    ("changes", "complaints"),
    [
        ({"expires": "2026-11-19"}, ["waiver-expired"]),
        ({"expires": "2028-01-01"}, ["waiver-broad"]),
        ({"stack": "*"}, ["waiver-broad"]),
        ({"type_": "aws:*"}, ["waiver-broad"]),
        ({"name": "*"}, ["waiver-broad"]),
        ({"name": "invoices-*"}, ["waiver-unused"]),
        ({"stack": "marketing-prod"}, []),
    ],
)
def test_a_waiver_that_does_not_count(tmp_path: Path, changes: dict[str, str], complaints: list[str]) -> None:
    diagnostic, complained = told(waived(tmp_path, **changes))
    assert diagnostic.enforcementLevel == analyzer_pb2.MANDATORY
    assert complained == complaints


def test_a_waiver_of_a_control_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "waivers.yaml"
    text = WAIVER.format(stack="sales-prod", type=QUEUE, name="orders-*", expires="2026-12-31")
    file.write_text(text + text.replace("control: named", "control: nmaed"))
    with pytest.raises(WaiverError, match=r"waivers\.yaml: entry 2: .* has no control 'nmaed'; did you mean 'named'"):
        analyzer(NAMED, waivers=file)


def test_a_waiver_holds_on_its_last_day(tmp_path: Path) -> None:
    diagnostic, complaints = told(waived(tmp_path, expires="2026-11-20"))
    assert diagnostic.enforcementLevel == analyzer_pb2.ADVISORY
    assert complaints == []


def test_a_waiver_covers_only_its_finding(tmp_path: Path) -> None:
    diagnostic, _ = told(waived(tmp_path), name="invoices")
    assert diagnostic.enforcementLevel == analyzer_pb2.MANDATORY
