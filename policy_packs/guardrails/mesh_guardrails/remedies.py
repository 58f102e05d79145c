"""Applies a control's remedy to a resource's properties in the engine's own form, so secrets stay secret."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from google.protobuf import struct_pb2

from mesh_guardrails.control import Path
from mesh_guardrails.wire import SECRET, SIGNATURE


def apply(properties: struct_pb2.Struct, changes: Mapping[Path, Any]) -> None:
    """Set values by path, in place; missing blocks on the way are created, everything else is left as it is."""
    for path, value in changes.items():
        _set(properties, path, value)


def _set(struct: struct_pb2.Struct, path: Path, value: Any) -> None:
    first, *rest = path
    at = struct.fields[str(first)]
    for step in rest:
        at = _unwrapped(at)
        at = at.list_value.values[step] if isinstance(step, int) else at.struct_value.fields[step]
    _unwrapped(at).CopyFrom(_encoded(value))


def _unwrapped(value: struct_pb2.Value) -> struct_pb2.Value:
    """The value itself, or what a secret holds."""
    fields = value.struct_value.fields if value.HasField("struct_value") else {}
    if SIGNATURE in fields and fields[SIGNATURE].string_value == SECRET:
        return fields["value"]
    return value


def _encoded(value: Any) -> struct_pb2.Value:
    holder = struct_pb2.Struct()
    holder["value"] = value
    return holder.fields["value"]
