"""Policy packs, spoken to over `pulumirpc.Analyzer` and started as the CLI's Python language host starts them."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2 as pb
from pulumi.runtime.proto import analyzer_pb2_grpc

from localcloud.engine.errors import StepError
from localcloud.engine.host import START_SECONDS, Host
from localcloud.engine.settings import ORGANISATION, Settings
from localcloud.engine.state import State, urn_name
from localcloud.engine.values import Props, Wire, decode_struct, encode_struct

LEVELS = {pb.ADVISORY: "advisory", pb.MANDATORY: "mandatory", pb.DISABLED: "disabled", pb.REMEDIATE: "remediate"}
LEVEL_NUMBERS = {name: number for number, name in LEVELS.items()}
VISIBLE = Wire(internal=False)  # policies see no keys that begin with two underscores


@dataclass(frozen=True)
class Subject:
    """A resource as policies see it: its properties (inputs before, outputs after the deployment) and its provider."""

    state: State
    properties: Props
    provider: State | None
    delete_before_replace: bool | None


@dataclass(frozen=True)
class Finding:
    urn: str
    policy: str
    pack: str
    message: str
    level: str


@dataclass(frozen=True)
class Remediation:
    """`problem` says why the policy could not fix the resource; otherwise these are its new properties."""

    policy: str
    pack: str
    problem: str
    properties: Props


class Analyzer:
    """One policy pack. Its configuration file is JSON, by policy name or "all": a level, or an object of properties."""

    def __init__(self, host: Host, pack: Path, config: Path | None, settings: Settings, preview: bool) -> None:
        pack = pack.resolve()
        environment = {
            "PULUMI_ORGANIZATION": ORGANISATION,
            "PULUMI_PROJECT": settings.project,
            "PULUMI_STACK": settings.stack,
            "PULUMI_DRY_RUN": "true" if preview else "false",
            "PULUMI_CONFIG": json.dumps(settings.config),
        }
        argv = [sys.executable, "-u", "-m", "pulumi.policy", host.engine, str(pack)]
        plugin = host.start(argv, pack, environment, f"policy pack {pack}")
        self._stub = analyzer_pb2_grpc.AnalyzerStub(plugin.channel)
        try:
            self._configure(config, settings, preview)
        except grpc.RpcError as error:
            raise StepError(f"policy pack {pack}: {error.details()}") from None

    def _configure(self, file: Path | None, settings: Settings, preview: bool) -> None:
        stack = pb.AnalyzerStackConfigureRequest(
            stack=settings.stack,
            project=settings.project,
            organization=ORGANISATION,
            dry_run=preview,
            config=settings.config,
        )
        try:
            self._stub.ConfigureStack(stack, wait_for_ready=True, timeout=START_SECONDS)
        except grpc.RpcError as error:
            if error.code() != grpc.StatusCode.UNIMPLEMENTED:
                raise
        info = self._stub.GetAnalyzerInfo(empty_pb2.Empty(), wait_for_ready=True, timeout=START_SECONDS)
        policies = _policy_settings(info, json.loads(file.read_text()) if file else {})
        if policies:
            request = {
                name: pb.PolicyConfig(enforcementLevel=policy.level, properties=encode_struct(policy.properties))
                for name, policy in policies.items()
            }
            self._stub.Configure(pb.ConfigureAnalyzerRequest(policyConfig=request))

    def remediate(self, subject: Subject) -> list[Remediation]:
        """Each remediation holds the properties after the ones before it."""
        try:
            answer = self._stub.Remediate(_request(pb.AnalyzeRequest, subject))
        except grpc.RpcError as error:
            if error.code() == grpc.StatusCode.UNIMPLEMENTED:
                return []
            raise StepError(f"failed to run remediation: {error.details()}") from None
        return [
            Remediation(r.policyName, r.policyPackName, r.diagnostic, decode_struct(r.properties))
            for r in answer.remediations
        ]

    def analyze(self, subject: Subject) -> list[Finding]:
        try:
            answer = self._stub.Analyze(_request(pb.AnalyzeRequest, subject))
        except grpc.RpcError as error:
            raise StepError(f"failed to run policy: {error.details()}") from None
        return _findings(answer, subject.state.urn)

    def analyze_stack(self, subjects: Iterable[Subject], root: str) -> list[Finding]:
        """What has no resource of its own is put down to the stack itself, `root`."""
        resources = [
            _request(
                pb.AnalyzerResource,
                subject,
                parent=subject.state.parent,
                dependencies=subject.state.dependencies,
                propertyDependencies={
                    key: pb.AnalyzerPropertyDependencies(urns=urns)
                    for key, urns in subject.state.property_dependencies.items()
                    if urns
                },
            )
            for subject in subjects
        ]
        try:
            answer = self._stub.AnalyzeStack(pb.AnalyzeStackRequest(resources=resources))
        except grpc.RpcError as error:
            raise StepError(f"failed to analyze resources: {error.details()}") from None
        return _findings(answer, root)


@dataclass
class PolicySetting:
    level: pb.EnforcementLevel.ValueType
    properties: Props = field(default_factory=dict)


def _policy_settings(info: pb.AnalyzerInfo, file: Props) -> dict[str, PolicySetting]:
    """Later ones win: the policy's own level and defaults, the pack's configuration, the file's "all", its entries."""
    merged: dict[str, PolicySetting] = {}
    for policy in info.policies:
        schema = decode_struct(policy.configSchema.properties) if policy.HasField("configSchema") else {}
        defaults = {key: item["default"] for key, item in schema.items() if "default" in item}
        merged[policy.name] = PolicySetting(policy.enforcementLevel, defaults)

    def apply(name: str, level: pb.EnforcementLevel.ValueType | None, properties: Props) -> None:
        for chosen in merged.values() if name == "all" else [merged[name]] if name in merged else []:
            chosen.level = chosen.level if level is None else level
            chosen.properties.update(properties)

    for name, initial in info.initialConfig.items():
        apply(name, initial.enforcementLevel, decode_struct(initial.properties))
    for name in sorted(file, key=lambda name: name != "all"):
        entry = {"enforcementLevel": file[name]} if isinstance(file[name], str) else dict(file[name])
        level = entry.pop("enforcementLevel", None)
        if level is not None and level not in LEVEL_NUMBERS:
            raise StepError(f"policy {name}: {level!r} is no enforcement level")
        apply(name, LEVEL_NUMBERS.get(level), entry)
    return merged


def _request(message: Any, subject: Subject, **extra: Any) -> Any:
    state, provider = subject.state, subject.provider
    timeouts = {key: state.custom_timeouts.get(key, 0) for key in ("create", "update", "delete")}
    options = pb.AnalyzerResourceOptions(
        protect=state.protect,
        ignoreChanges=state.ignore_changes,
        deleteBeforeReplace=bool(subject.delete_before_replace),
        deleteBeforeReplaceDefined=subject.delete_before_replace is not None,
        additionalSecretOutputs=state.additional_secret_outputs,
        aliases=state.aliases,
        parent=state.parent,
        customTimeouts=pb.AnalyzerResourceOptions.CustomTimeouts(**timeouts),
    )
    if provider is not None:
        properties = encode_struct(provider.inputs, VISIBLE)
        extra["provider"] = pb.AnalyzerProviderResource(
            urn=provider.urn, type=provider.type, name=urn_name(provider.urn), properties=properties
        )
    properties = encode_struct(subject.properties, VISIBLE)
    return message(
        urn=state.urn, type=state.type, name=urn_name(state.urn), properties=properties, options=options, **extra
    )


def _findings(answer: pb.AnalyzeResponse, otherwise: str) -> list[Finding]:
    """A policy that would remediate but could not is as binding as a mandatory one."""
    return [
        Finding(
            d.urn or otherwise,
            d.policyName,
            d.policyPackName,
            d.message,
            "mandatory" if d.enforcementLevel == pb.REMEDIATE else LEVELS[d.enforcementLevel],
        )
        for d in answer.diagnostics
    ]
