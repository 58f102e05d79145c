"""Turns what an engine sends over the Analyzer protocol into the plain data that controls read.

The SDK's own server deserialises a resource once per policy and hands out proxies that are no dicts, turn integers
into floats and raise on unknown values. Here a resource is converted once, whatever the number of controls.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from google.protobuf import struct_pb2
from pulumi.runtime.proto import analyzer_pb2

from mesh_guardrails.resource import UNKNOWN, Props, Provider, Resource

SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"

# One sentinel per kind of value; pulumi's sdk/go/common/resource/plugin/rpc.go.
UNKNOWNS: Final = frozenset(
    {
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)


def plain(struct: struct_pb2.Struct) -> dict[str, Any]:
    """A protobuf struct as a dict; secrets are unwrapped, whole numbers are ints, unknown values are `UNKNOWN`."""
    return {key: _value(value) for key, value in struct.fields.items()}


def _value(value: struct_pb2.Value) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        text = value.string_value
        return UNKNOWN if text in UNKNOWNS else text
    if kind == "struct_value":
        fields = plain(value.struct_value)
        return fields.get("value") if fields.get(SIGNATURE) == SECRET else fields
    if kind == "bool_value":
        return value.bool_value
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    if kind == "list_value":
        return [_value(element) for element in value.list_value.values]
    return None


def resource(message: analyzer_pb2.AnalyzeRequest | analyzer_pb2.AnalyzerResource) -> Resource:
    """The resource of an Analyze or Remediate request, or one of an AnalyzeStack request."""
    related: dict[str, Any] = {}
    if isinstance(message, analyzer_pb2.AnalyzerResource):
        related["dependencies"] = tuple(message.dependencies)
        related["property_dependencies"] = {k: tuple(v.urns) for k, v in message.propertyDependencies.items()}
    props: Props = plain(message.properties)
    if message.type.startswith("pulumi:providers:"):
        props = decoded(props)
    return Resource(
        type=message.type,
        urn=message.urn,
        name=message.name,
        props=props,
        provider=_provider(message.provider) if message.HasField("provider") else None,
        parent=message.options.parent or getattr(message, "parent", ""),
        protect=message.options.protect,
        **related,
    )


def _provider(message: analyzer_pb2.AnalyzerProviderResource) -> Provider:
    return Provider(type=message.type, name=message.name, urn=message.urn, props=decoded(plain(message.properties)))


def decoded(props: Props) -> Props:
    """A provider's inputs, of which the nested ones arrive as JSON texts."""
    return {key: _decoded(value) for key, value in props.items()}


def _decoded(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return _marked(json.loads(value))
    except ValueError:
        return value


def _marked(value: Any) -> Any:
    if isinstance(value, str):
        return UNKNOWN if value in UNKNOWNS else value
    if isinstance(value, list):
        return [_marked(element) for element in value]
    if isinstance(value, Mapping):
        return {key: _marked(element) for key, element in value.items()}
    return value
