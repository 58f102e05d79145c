"""What is known of each resource, in the terms of Pulumi's deployment format, version 3.

The field names of the JSON are those of `ResourceV3` in sdk/go/common/apitype/core.go of pulumi/pulumi.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import Any

from localcloud.engine.passphrase import Passphrase
from localcloud.engine.values import RESOURCE, SECRET, SIGNATURE, UNKNOWN, UNKNOWN_TEXT, Output, Props, Secret, bare

STACK_TYPE = "pulumi:pulumi:Stack"
PROVIDER_PREFIX = "pulumi:providers:"


def now() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


def make_urn(stack: str, project: str, parent: str, type_: str, name: str) -> str:
    """A child's URN names the types of its ancestors, without the root stack's."""
    ancestors = urn_types(parent) if parent else STACK_TYPE
    prefix = "" if ancestors == STACK_TYPE else f"{ancestors}$"
    return f"urn:pulumi:{stack}::{project}::{prefix}{type_}::{name}"


def urn_name(urn: str) -> str:
    return urn.split("::", 3)[3]


def urn_types(urn: str) -> str:
    return urn.split("::", 3)[2]


def urn_type(urn: str) -> str:
    return urn_types(urn).rsplit("$", 1)[-1]


def is_provider(type_: str) -> bool:
    return type_.startswith(PROVIDER_PREFIX)


def is_default_provider(urn: str) -> bool:
    """Whether the engine made this provider itself, for resources that name none."""
    return is_provider(urn_type(urn)) and re.match(r"default(_|$)", urn_name(urn)) is not None


def reference(provider: State) -> str:
    """How resources name their provider."""
    return f"{provider.urn}::{provider.id}"


def provider_urn(ref: str) -> str:
    return ref.rpartition("::")[0]


@dataclass(eq=False)
class State:
    """One resource. Two states are the same only if they are the same object: a URN may have several at once."""

    urn: str
    type: str
    custom: bool = False
    delete: bool = False
    id: str = ""
    inputs: Props = field(default_factory=dict)
    outputs: Props = field(default_factory=dict)
    parent: str = ""
    protect: bool = False
    external: bool = False
    dependencies: list[str] = field(default_factory=list)
    init_errors: list[str] = field(default_factory=list)
    provider: str = ""
    property_dependencies: dict[str, list[str]] = field(default_factory=dict)
    pending_replacement: bool = False
    additional_secret_outputs: list[str] = field(default_factory=list)
    custom_timeouts: dict[str, float] = field(default_factory=dict)
    import_id: str = ""
    retain_on_delete: bool = False
    created: str = ""
    modified: str = ""
    source_position: str = ""
    ignore_changes: list[str] = field(default_factory=list)
    replace_on_changes: list[str] = field(default_factory=list)
    aliases: list[str] = field(default_factory=list)  # for policies alone: the deployment format has dropped them

    def needs(self, *, parent: bool = True) -> set[str]:
        """URNs that must exist before this resource and may only go after it."""
        urns = {provider_urn(self.provider), *self.dependencies, *([self.parent] if parent else [])}
        urns.update(urn for listed in self.property_dependencies.values() for urn in listed)
        return urns - {""}

    def rename(self, renamed: dict[str, str]) -> None:
        """Follow resources that were given a new URN."""
        if not self.needs() & renamed.keys():
            return
        self.parent = renamed.get(self.parent, self.parent)
        self.dependencies = [renamed.get(urn, urn) for urn in self.dependencies]
        self.property_dependencies = {
            key: [renamed.get(urn, urn) for urn in urns] for key, urns in self.property_dependencies.items()
        }
        urn, separator, id_ = self.provider.rpartition("::")
        self.provider = renamed.get(urn, urn) + separator + id_

    def forget(self, live: set[str]) -> None:
        """Drop references to resources that are gone."""
        self.dependencies = [urn for urn in self.dependencies if urn in live]
        kept = {key: [u for u in urns if u in live] for key, urns in self.property_dependencies.items()}
        self.property_dependencies = {key: urns for key, urns in kept.items() if urns}


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join("ID" if word == "id" else word.capitalize() for word in rest)


JSON_KEYS = {f.name: _camel(f.name) for f in fields(State) if f.name != "aliases"}
ALWAYS = {"urn", "type", "custom"}


def resource_to_json(state: State, passphrase: Passphrase) -> Props:
    document = {}
    for attribute, key in JSON_KEYS.items():
        value = getattr(state, attribute)
        if value or attribute in ALWAYS:
            document[key] = to_json(value, passphrase) if attribute in ("inputs", "outputs") else value
    return document


def resource_from_json(document: Props, passphrase: Passphrase) -> State:
    known = {attribute: document[key] for attribute, key in JSON_KEYS.items() if document.get(key) is not None}
    for attribute in ("inputs", "outputs"):
        known[attribute] = from_json(known.get(attribute, {}), passphrase)
    return State(**known)


def to_json(value: Any, passphrase: Passphrase) -> Any:
    """A property value as the deployment format has it, with its secrets encrypted."""
    if isinstance(value, Output):
        return to_json(value.plain(), passphrase)
    if isinstance(value, Secret):
        plain = to_json(bare(value.value), passphrase)
        value.cipher = value.cipher or passphrase.encrypt(json.dumps(plain, separators=(",", ":")))
        return {SIGNATURE: SECRET, "ciphertext": value.cipher}
    if isinstance(value, dict):
        extra = {"packageVersion": ""} if value.get(SIGNATURE) == RESOURCE else {}
        return {**extra, **{key: to_json(item, passphrase) for key, item in value.items()}}
    if isinstance(value, list):
        return [to_json(item, passphrase) for item in value]
    return UNKNOWN_TEXT if value is UNKNOWN else value


def from_json(value: Any, passphrase: Passphrase) -> Any:
    if isinstance(value, dict):
        if value.get(SIGNATURE) == SECRET:
            plain = json.loads(passphrase.decrypt(value["ciphertext"]))
            return Secret(from_json(plain, passphrase), value["ciphertext"])
        version = "packageVersion" if value.get(SIGNATURE) == RESOURCE else None
        return {key: from_json(item, passphrase) for key, item in value.items() if key != version}
    if isinstance(value, list):
        return [from_json(item, passphrase) for item in value]
    return UNKNOWN if value == UNKNOWN_TEXT else value
