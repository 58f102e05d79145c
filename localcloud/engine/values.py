"""Property values in Python, and how they travel in protobuf structs.

None, bool, int, float, str, list and dict stand for themselves. `UNKNOWN` is what a preview cannot know, `Secret` wraps
a secret, `Output` a value with its dependencies (only in calls of remote components). Assets, archives and references
to resources stay dicts with the signature key, as they are on the wire. The signatures are those of
sdk/go/common/resource/sig in pulumi/pulumi.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from google.protobuf import struct_pb2

Props = dict[str, Any]

SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"
OUTPUT: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
RESOURCE: Final = "5cf8f73096256a8f31e491e813e4eb8e"
ASSET: Final = "c44067f5952c0a294b673a41bacd8c17"
ARCHIVE: Final = "0def7320c3a5731c473e5ecbe6d01bc7"
UNKNOWN_TEXT: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
# One text per kind of unknown (bool, number, string, array, asset, archive, object); only the first is ever sent.
UNKNOWN_TEXTS: Final = frozenset(
    {
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        UNKNOWN_TEXT,
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)
EXACT_INTEGERS: Final = 2**53


class Unknown(enum.Enum):
    VALUE = "unknown"


UNKNOWN: Final = Unknown.VALUE


@dataclass
class Secret:
    """`cipher` is the ciphertext it was read from, written back as it was while the value stays."""

    value: Any
    cipher: str = field(default="", compare=False)


@dataclass
class Output:
    value: Any
    secret: bool = False
    dependencies: list[str] = field(default_factory=list)

    def plain(self) -> Any:
        return Secret(self.value) if self.secret else self.value


def decode(value: struct_pb2.Value) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        text = value.string_value
        return UNKNOWN if text in UNKNOWN_TEXTS else text
    if kind == "struct_value":
        return _decode_object(value.struct_value.fields)
    if kind == "list_value":
        return [decode(item) for item in value.list_value.values]
    if kind == "bool_value":
        return value.bool_value
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() and abs(number) < EXACT_INTEGERS else number
    return None


def _decode_object(fields: Mapping[str, struct_pb2.Value]) -> Any:
    signature = fields[SIGNATURE].string_value if SIGNATURE in fields else ""
    if signature == SECRET:
        inner = decode(fields["value"])
        return inner if isinstance(inner, Secret) else Secret(inner)
    if signature == OUTPUT:
        value = decode(fields["value"]) if "value" in fields else UNKNOWN
        secret = "secret" in fields and fields["secret"].bool_value
        depends = fields["dependencies"].list_value.values if "dependencies" in fields else ()
        return Output(value, secret, [urn.string_value for urn in depends])
    return {key: decode(item) for key, item in fields.items()}


def decode_struct(struct: struct_pb2.Struct) -> Props:
    return {key: decode(value) for key, value in struct.fields.items()}


@dataclass(frozen=True)
class Wire:
    """What the receiver understands. Secrets, references and outputs that it does not are unwrapped, unknowns left out.

    `internal` keeps keys that begin with two underscores; `hashes` sends of assets and archives the hash alone.
    """

    unknowns: bool = True
    secrets: bool = True
    resources: bool = True
    outputs: bool = False
    internal: bool = True
    hashes: bool = False


EVERYTHING: Final = Wire()


def encode_struct(props: Props | None, wire: Wire = EVERYTHING) -> struct_pb2.Struct:
    struct = struct_pb2.Struct()
    _fill_struct(struct, props or {}, wire)
    return struct


def _fill_struct(struct: struct_pb2.Struct, props: Props, wire: Wire) -> None:
    for key, item in props.items():
        if not wire.internal and key.startswith("__"):
            continue
        shown = _unwrapped(item, wire)
        if shown is not UNKNOWN or wire.unknowns:
            _fill(struct.fields[key], shown, wire)


def _unwrapped(item: Any, wire: Wire) -> Any:
    """The item as this receiver may see it, down to the first wrapper that it understands."""
    while True:
        if isinstance(item, Secret) and (not wire.secrets or (item.value is UNKNOWN and not wire.unknowns)):
            item = item.value
        elif isinstance(item, Output) and not wire.outputs:
            item = item.plain()
        else:
            return item


def _fill(value: struct_pb2.Value, item: Any, wire: Wire) -> None:
    if isinstance(item, str):
        value.string_value = item
    elif isinstance(item, bool):
        value.bool_value = item
    elif isinstance(item, int | float):
        value.number_value = item
    elif isinstance(item, list):
        values = value.list_value.values
        value.list_value.SetInParent()
        for element in item:
            shown = _unwrapped(element, wire)
            _fill(values.add(), None if shown is UNKNOWN and not wire.unknowns else shown, wire)
    elif item is None:
        value.null_value = struct_pb2.NULL_VALUE
    elif item is UNKNOWN:
        value.string_value = UNKNOWN_TEXT
    else:
        value.struct_value.SetInParent()
        _fill_object(value, item, wire)


def _fill_object(value: struct_pb2.Value, item: Any, wire: Wire) -> None:
    if isinstance(item, Secret):
        item = {SIGNATURE: SECRET, "value": item.value}
    elif isinstance(item, Output):
        known = {} if item.value is UNKNOWN else {"value": item.value}
        item = {SIGNATURE: OUTPUT, "secret": item.secret, "dependencies": list(item.dependencies), **known}
    elif wire.hashes and is_asset(item):
        item = {SIGNATURE: item[SIGNATURE], "hash": item.get("hash", "")}
    elif item.get(SIGNATURE) == RESOURCE and not wire.resources:
        _fill(value, item.get("id", item["urn"]), wire)
        return
    _fill_struct(value.struct_value, item, wire)


def is_asset(item: Any) -> bool:
    return isinstance(item, dict) and item.get(SIGNATURE) in (ASSET, ARCHIVE)


def walk(item: Any) -> Iterator[Any]:
    """The item and everything in it."""
    yield item
    if isinstance(item, Secret | Output):
        yield from walk(item.value)
    elif isinstance(item, dict):
        for inner in item.values():
            yield from walk(inner)
    elif isinstance(item, list):
        for inner in item:
            yield from walk(inner)


def has_unknown(item: Any) -> bool:
    return any(inner is UNKNOWN for inner in walk(item))


def has_secret(item: Any) -> bool:
    return any(isinstance(inner, Secret) or (isinstance(inner, Output) and inner.secret) for inner in walk(item))


def output_dependencies(item: Any) -> set[str]:
    return {urn for inner in walk(item) if isinstance(inner, Output) for urn in inner.dependencies}


def rebuild(item: Any, change: Callable[[Any], Any]) -> Any:
    """A copy in which every node was passed through `change`, children first."""
    if isinstance(item, Secret):
        item = Secret(rebuild(item.value, change), item.cipher)
    elif isinstance(item, Output):
        item = Output(rebuild(item.value, change), item.secret, item.dependencies)
    elif isinstance(item, dict):
        item = {key: rebuild(inner, change) for key, inner in item.items()}
    elif isinstance(item, list):
        item = [rebuild(inner, change) for inner in item]
    return change(item)


def without_outputs(item: Any) -> Any:
    return rebuild(item, lambda inner: inner.plain() if isinstance(inner, Output) else inner)


def bare(item: Any) -> Any:
    """Without secrets and outputs: for comparing, and for configuration variables."""
    return rebuild(item, lambda inner: inner.value if isinstance(inner, Secret | Output) else inner)
