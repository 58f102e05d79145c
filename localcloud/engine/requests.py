"""Registrations as they arrive over gRPC, turned into goals.

What the engine itself hands down from a parent follows pkg/resource/deploy/source_eval.go in pulumi/pulumi: protection,
retention, and the provider of the same package.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

from google.protobuf.message import Message
from pulumi.runtime.proto import alias_pb2
from pulumi.runtime.proto import provider_pb2 as pb
from pulumi.runtime.proto import resource_pb2 as rpb

from localcloud.engine.assets import hash_assets
from localcloud.engine.errors import StepError
from localcloud.engine.goal import Alias, Goal
from localcloud.engine.state import PROVIDER_PREFIX, is_provider, provider_urn, urn_type
from localcloud.engine.values import Props, Wire, decode_struct, encode_struct, output_dependencies

# Fields of a registration that this engine has not learnt.
UNSUPPORTED = {
    "packageRef": "parameterized packages",
    "pluginDownloadURL": "plugin download URLs",
    "envVarMappings": "envVarMappings",
    "deletedWith": "deletedWith",
    "replace_with": "replaceWith",
    "replacement_trigger": "replacementTrigger",
    "transforms": "transforms",
    "hooks": "resource hooks",
    "state_migrations": "state migrations",
}
UNIT_SECONDS = {"ms": 1e-3, "s": 1, "m": 60, "h": 3600}


def to_goal(request: rpb.RegisterResourceRequest, parent: Goal | None, root: Path) -> Goal:
    """The goal, still without a provider of its own where the request names none. Raises StepError for an option
    that is not supported."""
    for name, option in UNSUPPORTED.items():
        given = getattr(request, name)
        if given.ByteSize() if isinstance(given, Message) else given:
            raise StepError(f"{request.type} '{request.name}': {not_supported(option)}")
    properties = hash_assets(decode_struct(request.object), root)
    depends = {key: set(listed.urns) for key, listed in request.propertyDependencies.items()}
    if not depends and not request.remote:
        depends = {key: set(request.dependencies) for key in properties}
    for key, value in properties.items():
        depends[key] = depends.get(key, set()) | output_dependencies(value)
    if is_provider(request.type) and request.version:
        properties |= {"version": request.version, "__internal": {}}
    defined = request.deleteBeforeReplaceDefined or request.deleteBeforeReplace
    goal = Goal(
        type=request.type,
        name=request.name,
        custom=request.custom,
        properties=properties,
        parent=request.parent,
        provider=request.provider,
        protect=request.protect if request.HasField("protect") else None,
        retain_on_delete=request.retainOnDelete if request.HasField("retainOnDelete") else None,
        delete_before_replace=request.deleteBeforeReplace if defined else None,
        dependencies=sorted(request.dependencies),
        property_dependencies={key: sorted(urns) for key, urns in depends.items()},
        ignore_changes=list(request.ignoreChanges),
        replace_on_changes=list(request.replaceOnChanges),
        additional_secret_outputs=list(request.additionalSecretOutputs),
        aliases=[*(Alias(urn=urn) for urn in request.aliasURNs), *(_alias(alias) for alias in request.aliases)],
        import_id=request.importId,
        custom_timeouts=_timeouts(request.customTimeouts),
        source_position=source_position(request, root),
    )
    if parent is not None:
        goal.protect = parent.protect if goal.protect is None else goal.protect
        goal.retain_on_delete = parent.retain_on_delete if goal.retain_on_delete is None else goal.retain_on_delete
        if not goal.provider and parent.provider:
            of_package = urn_type(provider_urn(parent.provider)) == PROVIDER_PREFIX + package_of(goal.type)
            goal.provider = parent.provider if of_package else ""
    return goal


def to_read(request: rpb.ReadResourceRequest, properties: Props, provider: str, root: Path) -> Goal:
    return Goal(
        type=request.type,
        name=request.name,
        custom=True,
        properties=properties,
        parent=request.parent,
        provider=provider,
        dependencies=sorted(request.dependencies),
        additional_secret_outputs=list(request.additionalSecretOutputs),
        source_position=source_position(request, root),
    )


def to_construct(
    goal: Goal, wire: Wire, providers: Mapping[str, str], aliases: list[alias_pb2.Alias], **about: Any
) -> pb.ConstructRequest:
    """What a component's plugin is asked to build. `about` are the fields that describe the deployment."""
    dependencies = {
        key: pb.ConstructRequest.PropertyDependencies(urns=urns) for key, urns in goal.property_dependencies.items()
    }
    given: dict[str, Any] = {
        "protect": goal.protect,
        "deleteBeforeReplace": goal.delete_before_replace,
        "retainOnDelete": goal.retain_on_delete,
    }
    return pb.ConstructRequest(
        **about,
        **{key: value for key, value in given.items() if value is not None},
        type=goal.type,
        name=goal.name,
        parent=goal.parent,
        inputs=encode_struct(goal.properties, wire),
        inputDependencies=dependencies,
        providers=providers,
        aliases=aliases,
        dependencies=goal.dependencies,
        additionalSecretOutputs=goal.additional_secret_outputs,
        ignoreChanges=goal.ignore_changes,
        replaceOnChanges=goal.replace_on_changes,
        accepts_output_values=True,
    )


def not_supported(what: str) -> str:
    return f"the embedded engine does not support {what}; use --engine pulumi"


def package_of(token: str) -> str:
    """The package of a type or function token such as `aws:s3/bucket:Bucket`."""
    return token.split(":", 1)[0]


def source_position(request: Any, root: Path) -> str:
    """Where in the project the program asked for it, as the deployment format has it; "" when that is not known."""
    position = request.sourcePosition
    path = unquote(urlparse(position.uri).path)
    if not position.uri.startswith("file://"):
        return ""
    column = f",{position.column}" if position.column else ""
    relative = _relative(Path(path), root)
    return f"project:///{relative}#{position.line}{column}"


def _relative(path: Path, root: Path) -> str:
    steps_up = 0
    while not path.is_relative_to(root):
        root, steps_up = root.parent, steps_up + 1
    return "../" * steps_up + path.relative_to(root).as_posix()


def _alias(alias: alias_pb2.Alias) -> Alias:
    if alias.WhichOneof("alias") == "urn":
        return Alias(urn=alias.urn)
    spec = alias.spec
    return Alias("", spec.name, spec.type, spec.stack, spec.project, spec.parentUrn, spec.noParent)


def _timeouts(given: rpb.RegisterResourceRequest.CustomTimeouts) -> dict[str, float]:
    named = {"create": given.create, "update": given.update, "delete": given.delete}
    return {name: seconds(text) for name, text in named.items() if text}


def seconds(duration: str) -> float:
    """A Go duration such as `1h30m` in seconds."""
    total = sum((float(n) * UNIT_SECONDS[unit] for n, unit in re.findall(r"([\d.]+)(ms|h|m|s)", duration)), 0.0)
    return int(total) if total.is_integer() else total
