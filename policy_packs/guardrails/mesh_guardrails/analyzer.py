"""Pulumi's Analyzer protocol over the controls: every control is one policy of the pack.

Contract: proto/pulumi/analyzer.proto of pulumi. The engine starts the pack, asks what it contains, configures it, and
then sends every resource twice: to be remedied and to be judged. At the end it sends the whole stack.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final, TypeAlias

import grpc
from google.protobuf import empty_pb2, json_format
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc, plugin_pb2

from mesh_guardrails import wire
from mesh_guardrails.control import Control, ResourceControl, Severity
from mesh_guardrails.evaluation import Controls, Verdict, failure, judge_resource, judge_stack, with_uses
from mesh_guardrails.facts import Facts, Organisation
from mesh_guardrails.frameworks import frameworks, requirements
from mesh_guardrails.remedies import apply
from mesh_guardrails.resource import Stack
from mesh_guardrails.waivers import Waiver, WaiverError, honoured, read_waivers

PACK: Final = "mesh-guardrails"
VERSION: Final = "0.1.0"
ORGANISATION: Final = "organisation"
"""The control whose settings describe the organisation."""

Level: TypeAlias = "analyzer_pb2.EnforcementLevel.ValueType"

_SEVERITIES: Final = {
    Severity.LOW: analyzer_pb2.POLICY_SEVERITY_LOW,
    Severity.MEDIUM: analyzer_pb2.POLICY_SEVERITY_MEDIUM,
    Severity.HIGH: analyzer_pb2.POLICY_SEVERITY_HIGH,
    Severity.CRITICAL: analyzer_pb2.POLICY_SEVERITY_CRITICAL,
}


class Analyzer(analyzer_pb2_grpc.AnalyzerServicer):
    """One run of the pack over one stack.

    Args:
        controls: what to check.
        waivers: the waivers file.
        today: the day by which waivers expire.

    Raises:
        WaiverError: the waivers file cannot be read, or waives a control that there is not.
    """

    def __init__(self, controls: Controls, *, waivers: Path, today: Callable[[], date] = date.today) -> None:
        self._controls = controls
        self._levels: dict[str, Level] = {}
        self._used: set[Waiver] = set()
        self._today = today()
        declared = read_waivers(waivers)
        for number, waiver in enumerate(declared, 1):
            if waiver.control not in controls.all:
                raise WaiverError(f"{waivers.name}: entry {number}: {self._no_control(waiver.control)}")
        self._waivers = honoured(declared, self._today)
        self._facts = Facts(waivers=tuple(declared), today=self._today)

    def GetPluginInfo(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:  # noqa: N802
        """The pack's version."""
        return plugin_pb2.PluginInfo(version=VERSION)

    def GetAnalyzerInfo(  # noqa: N802
        self, request: empty_pb2.Empty, context: grpc.ServicerContext
    ) -> analyzer_pb2.AnalyzerInfo:
        """Every control as a policy."""
        return analyzer_pb2.AnalyzerInfo(
            name=PACK,
            displayName="Mesh guardrails",
            version=VERSION,
            supportsConfig=True,
            policies=[_policy(control) for control in self._controls.all.values()],
        )

    def Configure(  # noqa: N802
        self, request: analyzer_pb2.ConfigureAnalyzerRequest, context: grpc.ServicerContext
    ) -> empty_pb2.Empty:
        """Take each control's level and settings; a name that is no control's or setting's is refused, not ignored."""
        settings: dict[str, Mapping[str, Any]] = {}
        for name, config in request.policyConfig.items():
            if name == "all":  # the engine has already given its level to every control
                continue
            if name not in self._controls.all:
                context.abort(grpc.StatusCode.INVALID_ARGUMENT, self._no_control(name))
            self._levels[name] = config.enforcementLevel
            settings[name] = wire.plain(config.properties)
            if undeclared := sorted(settings[name].keys() - self._controls.all[name].settings.keys()):
                context.abort(
                    grpc.StatusCode.INVALID_ARGUMENT, f"{PACK}: control '{name}' has no setting '{undeclared[0]}'"
                )
        try:
            organisation = Organisation.parse(settings[ORGANISATION]) if settings.get(ORGANISATION) else None
        except ValueError as error:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"{PACK} configuration: {error}")
        self._facts = self._facts.configured(organisation, settings)
        return empty_pb2.Empty()

    def _no_control(self, name: str) -> str:
        near = difflib.get_close_matches(name, self._controls.all, 1)
        return f"{PACK} has no control '{name}'" + (f"; did you mean '{near[0]}'?" if near else "")

    def Remediate(  # noqa: N802
        self, request: analyzer_pb2.AnalyzeRequest, context: grpc.ServicerContext
    ) -> analyzer_pb2.RemediateResponse:
        """Remedy what the controls at level `remediate` can; each sees what the one before it left."""
        response = analyzer_pb2.RemediateResponse()
        for control in self._controls.of(request.type):
            if control.fix is None or self._level(control) != analyzer_pb2.REMEDIATE:
                continue
            remedy = analyzer_pb2.Remediation(
                policyName=control.id, policyPackName=PACK, policyPackVersion=VERSION, description=control.title
            )
            try:
                changes = control.fix(wire.resource(request), self._facts_of(request.urn))
                apply(request.properties, changes)
                remedy.properties.CopyFrom(request.properties)
            except Exception as error:  # whatever it is, what is wrong stays, and Analyze will find it
                remedy.diagnostic = f"{control.id} could not remedy the resource ({failure(error)})"
            if remedy.diagnostic or changes:
                response.remediations.append(remedy)
        return response

    def Analyze(  # noqa: N802
        self, request: analyzer_pb2.AnalyzeRequest, context: grpc.ServicerContext
    ) -> analyzer_pb2.AnalyzeResponse:
        """Judge one resource."""
        controls = (c for c in self._controls.of(request.type) if self._level(c) != analyzer_pb2.DISABLED)
        verdicts = judge_resource(controls, wire.resource(request), self._facts_of(request.urn), self._waivers)
        return self._report(verdicts)

    def AnalyzeStack(  # noqa: N802
        self, request: analyzer_pb2.AnalyzeStackRequest, context: grpc.ServicerContext
    ) -> analyzer_pb2.AnalyzeResponse:
        """Judge the stack as a whole, and last of all its waivers."""
        stack = Stack([wire.resource(message) for message in request.resources])
        enabled = [c for c in self._controls.of_stacks if self._level(c) != analyzer_pb2.DISABLED]
        about_waivers = [control for control in enabled if control.family == "waivers"]
        others = [control for control in enabled if control.family != "waivers"]
        facts = self._facts_of(next((resource.urn for resource in stack.resources), ""))
        response = self._report(judge_stack(others, stack, facts, self._waivers))
        response.MergeFrom(self._report(judge_stack(about_waivers, stack, with_uses(facts, self._used), ())))
        return response

    def _facts_of(self, urn: str) -> Facts:
        """The facts about the stack of a URN, `urn:pulumi:<stack>::…`: nothing else tells it of exported state."""
        stack = urn.removeprefix("urn:pulumi:").split("::", 1)[0]
        if stack != self._facts.stack:
            self._facts = self._facts.of_stack(stack)
        return self._facts

    def _level(self, control: Control) -> Level:
        return self._levels.get(control.id, analyzer_pb2.MANDATORY)

    def _report(self, verdicts: Iterable[Verdict]) -> analyzer_pb2.AnalyzeResponse:
        response = analyzer_pb2.AnalyzeResponse()
        for verdict in verdicts:
            if verdict.waiver:
                self._used.add(verdict.waiver)
            response.diagnostics.append(
                analyzer_pb2.AnalyzeDiagnostic(
                    policyName=verdict.control.id,
                    policyPackName=PACK,
                    policyPackVersion=VERSION,
                    description=verdict.control.title,
                    message=_message(verdict),
                    urn=verdict.urn,
                    severity=_SEVERITIES[verdict.control.severity],
                    enforcementLevel=self._reported_level(verdict),
                )
            )
        return response

    def _reported_level(self, verdict: Verdict) -> Level:
        if verdict.failed:
            return analyzer_pb2.MANDATORY
        if verdict.waiver or verdict.finding.undetermined:
            return analyzer_pb2.ADVISORY
        level = self._level(verdict.control)
        return analyzer_pb2.MANDATORY if level == analyzer_pb2.REMEDIATE else level


def _message(verdict: Verdict) -> str:
    control, finding = verdict.control, verdict.finding
    told = f"{control.title}: {finding.message} (finding {finding.key})"
    if waiver := verdict.waiver:
        return f"Waived until {waiver.expires} by {waiver.owner}, {waiver.ticket}: {waiver.reason}\n{told}"
    if finding.undetermined:
        return f"Undetermined, to be checked again at the update. {told}"
    return f"{told}\nTo fix: {control.remediation}"


def _policy(control: Control) -> analyzer_pb2.PolicyInfo:
    helps = requirements(control)
    info = analyzer_pb2.PolicyInfo(
        name=control.id,
        displayName=control.title,
        description=control.rationale,
        enforcementLevel=analyzer_pb2.MANDATORY,
        severity=_SEVERITIES[control.severity],
        remediation_steps=control.remediation,
        tags=[control.family, *(f"{key}:{each}" for key, ids in helps.items() for each in ids)],
        policy_type=analyzer_pb2.POLICY_TYPE_RESOURCE
        if isinstance(control, ResourceControl)
        else analyzer_pb2.POLICY_TYPE_STACK,
    )
    # A policy names one framework: the first that has something to say of it. The tags tell them all.
    for framework in (framework for framework in frameworks() if framework.key in helps):
        info.framework.CopyFrom(
            analyzer_pb2.PolicyComplianceFramework(
                name=framework.name,
                version=framework.version,
                reference=framework.reference,
                specification=", ".join(helps[framework.key]),
            )
        )
        break
    for name, schema in control.settings.items():
        json_format.ParseDict({name: schema}, info.configSchema.properties)
    return info
