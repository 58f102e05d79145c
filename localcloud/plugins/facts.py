"""What is known of resource types beyond the SDK: the tables in `data/`, whose README names their sources."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from localcloud.plugins.sdk import Resource

_DATA = Path(__file__).parent / "data"
_PARENT_SUFFIXES = ("Id", "Arn", "Name")
_NO_PARENT = ("role", "kms")


@dataclass(frozen=True)
class Naming:
    """How a type's physical name is made when the program gives none, and in which property it stands."""

    property: str = "name"
    separator: str = "-"
    length: int = 255
    prefix: str = ""
    fifo: str = ""
    lower: bool = False
    letters: bool = False
    random: bool = True


@dataclass(frozen=True)
class Facts:
    """Facts of one type.

    `replace` and `conditional` hold property paths without list indexes: `a.b`, and `a.#` for elements of `a`.
    """

    replace: frozenset[str] = frozenset()
    conditional: Mapping[str, frozenset[str]] = field(default_factory=dict)
    secret: tuple[str, ...] = ()
    naming: Naming | None = None
    delete_before_replace: bool = False
    described: str | None = None
    """The property that reads "Managed by Pulumi" when the program gives none."""


@dataclass(frozen=True)
class Identity:
    """Templates of a type's id, ARN and other outputs; see `identifiers` for their language."""

    id: str
    arn: str
    outputs: Mapping[str, str]


@cache
def facts(resource: Resource) -> Facts:
    """The facts known of a type."""
    measured, overrides = _table("replacements.json").get(resource.token), _table("overrides.json")
    replace = set(measured.get("replace", ())) if measured is not None else _assumed_replacements(resource)
    if "region" in resource.inputs:
        replace.add("region")
    conditional = (measured or {}).get("conditional", {})
    return Facts(
        replace=frozenset(replace),
        conditional={path: frozenset(changes) for path, changes in conditional.items()},
        secret=tuple((measured or {}).get("secret", ())),
        naming=_naming(resource, overrides["names"].get(resource.token)),
        delete_before_replace=resource.token in overrides["deleteBeforeReplace"],
        described=overrides["managedByPulumi"].get(resource.token),
    )


@cache
def identity(resource: Resource) -> Identity:
    """The templates of a type: its own where the table has them, else in the form most services use."""
    table = _table("identifiers.json")
    own = table["types"].get(resource.token, {})
    service = table["services"].get(resource.service, resource.service)
    where = ":{account}" if resource.service in table["global"] else "{region}:{account}"
    kind = "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in resource.kind).lstrip("-")
    naming = facts(resource).naming
    usual_id = f"{{{naming.property}}}" if naming else "{hex:26}"
    physical_id = own.get("id", usual_id)
    last = usual_id if physical_id == "{arn}" else "{id}"
    return Identity(
        id=physical_id,
        arn=f"arn:{{partition}}:{own['arn']}"
        if own.get("arn")
        else f"arn:{{partition}}:{service}:{where}:{kind}/{last}",
        outputs=own.get("outputs", {}),
    )


def _assumed_replacements(resource: Resource) -> set[str]:
    """For types that were not measured: what names the resource or its parent cannot change in place."""
    names = {name for name in ("name", "namePrefix") if name in resource.inputs}
    parents = {
        name
        for name, declared in resource.inputs.items()
        if declared.required
        and name.endswith(_PARENT_SUFFIXES)
        and not any(word in name.lower() for word in _NO_PARENT)
    }
    return names | parents


def _naming(resource: Resource, override: dict[str, Any] | None) -> Naming | None:
    if override is not None:
        return Naming(**override)
    name = resource.inputs.get("name")
    return Naming() if name is not None and not name.required else None


@cache
def _table(file: str) -> dict[str, Any]:
    with (_DATA / file).open(encoding="utf-8") as stream:
        table: dict[str, Any] = json.load(stream)
    return table
