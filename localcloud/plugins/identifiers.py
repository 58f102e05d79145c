"""Ids, ARNs and what follows from them, in the forms AWS uses, from the templates in `data/identifiers.json`.

A template's `{field}` is, in this order: a generated part (`{hex:17}`, `{uuid}`, `{ip:private}`), the scope's
`partition`, `suffix` (of host names), `account` or `region`, an input of the resource (`{details.name}` for a nested
one), another of its templates, its `id` or its `arn`. One sign may stand around the field's name:

    {x|y}       x, or else the field y, or else the letters "y" themselves
    {x/} {x-}   x with that sign behind it, or nothing when x is absent or "default"
    {/x} {:x}   x with that sign before it, likewise; also {_x}
    {x#}        what follows the last colon or slash of x
    {x##} {x~}  the resource part of the ARN x; the same without what stands before its first slash
    {x^}        x with a slash before it if it has none

Generated parts are a digest of the resource's URN and inputs: the same resource always gets the same ones, and its
replacement others.
"""

import hashlib
import json
import re
import string
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from localcloud.engine.values import Props, bare
from localcloud.plugins.facts import Identity, facts, identity
from localcloud.plugins.sdk import Resource

_FIELD = re.compile(r"\{([:/_]?)([\w.]+)(?::([\w]+))?(##|[#~^/-])?(?:\|([^}]*))?\}")
_ALPHABETS = {
    "hex": "0123456789abcdef",
    "digits": string.digits,
    "alnum": string.ascii_lowercase + string.digits,
    "upper": string.ascii_uppercase + string.digits,
    "letters": string.ascii_letters + string.digits,
}


@dataclass(frozen=True)
class Scope:
    """Where a resource lives."""

    partition: str
    suffix: str
    account: str
    region: str


@dataclass
class Identifiers:
    """The identifiers of one resource with known inputs.

    `urn` tells apart resources with equal inputs; `physical_id` is the id where something else has already given one.
    """

    resource: Resource
    scope: Scope
    urn: str
    inputs: Props
    physical_id: str = ""

    def __post_init__(self) -> None:
        public = {name: value for name, value in self.inputs.items() if not name.startswith("__")}
        text = json.dumps(public, sort_keys=True, default=lambda secret: "")  # nothing of a secret shows in an id
        self.inputs = bare(public)
        self._templates: Identity = identity(self.resource)
        self._open: set[str] = set()
        self._seed = hashlib.sha256(f"{self.urn}\n{text}".encode()).digest()

    @property
    def id(self) -> str:
        """The id as the provider reports it."""
        return self.physical_id or self.expanded(self._templates.id) or self.generated("hex", "26")

    def output(self, name: str) -> str | None:
        """The output of that name where a template gives it, else None."""
        if name in self._templates.outputs:
            return self.expanded(self._templates.outputs[name])
        if name == "arn":
            return self.expanded(self._templates.arn)
        naming = facts(self.resource).naming
        return self._physical_name(name) if naming is not None and name == naming.property else None

    def expanded(self, template: str) -> str:
        """The template with its fields filled in."""
        return _FIELD.sub(self._field, template)

    def generated(self, kind: str, size: str = "") -> str:
        """A part that looks random: `hex`, `digits`, `alnum`, `upper`, `letters` of a size, a `uuid` or an `ip`."""
        if kind == "uuid":
            digits = self.generated("hex", "32")
            return "-".join((digits[:8], digits[8:12], f"4{digits[13:16]}", f"a{digits[17:20]}", digits[20:]))
        if kind == "ip":
            first, second = (52, self._seed[0]) if size == "public" else (10, 0)
            return f"{first}.{second}.{self._seed[1]}.{max(self._seed[2], 4)}"
        alphabet, length = _ALPHABETS[kind], int(size)
        stream = b"".join(hashlib.sha256(self._seed + bytes([block])).digest() for block in range(length // 32 + 1))
        return "".join(alphabet[byte % len(alphabet)] for byte in stream[:length])

    def _field(self, match: re.Match[str]) -> str:
        before, name, size, after, alternative = match.groups()
        if name in _ALPHABETS or name in ("uuid", "ip"):
            return self.generated(name, size or "")
        value = self._value(name)
        if (not value or (value == "default" and (before or after in ("/", "-")))) and alternative is None:
            return ""
        if not value and alternative is not None:
            return self._value(alternative) or alternative
        return before + _edited(value, after)

    def _value(self, name: str) -> str:
        scope = {"partition", "suffix", "account", "region"}
        if name in scope:
            return str(getattr(self.scope, name))
        found = _nested(self.inputs, name.split("."))
        if found is not None:
            return found
        if name in self._open:  # an id that is the ARN of something whose ARN was to be an input
            return ""
        self._open.add(name)
        try:
            return self.id if name == "id" else self.output(name) or ""
        finally:
            self._open.remove(name)

    def _physical_name(self, name: str) -> str:
        prefix = self.inputs.get(f"{name}Prefix") or f"{self.urn.rpartition('::')[2]}-"
        return f"{prefix}{self.generated('digits', '26')}"


def _edited(value: str, sign: str | None) -> str:
    match sign:
        case "/" | "-":
            return value + sign
        case "#":
            return re.split(r"[:/]", value)[-1]
        case "##":
            return value.split(":", 5)[-1]
        case "~":
            return value.split(":", 5)[-1].partition("/")[2]
        case "^":
            return value if value.startswith("/") else f"/{value}"
    return value


def _nested(values: Mapping[str, Any], path: list[str]) -> str | None:
    value: Any = values
    for part in path:
        value = value.get(part) if isinstance(value, Mapping) else None
    if value is None:
        return None
    return "#".join(str(item) for item in value) if isinstance(value, list) else str(value)
