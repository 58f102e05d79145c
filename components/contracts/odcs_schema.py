"""The JSON schema of each ODCS 3.x, from the one that the standard's package carries.

The package has the newest schema only. Two things stand between it and every document of the family:

- Its conditions `if logicalType is X` also hold for a property without a `logicalType`, which then would have to be
  all types at once and carry a `map`. The standard says a property may do without (ODCS, schema.md, "Property").
- ODCS 3.0 let every section carry keys of its own, named a library rule by `rule`, took several operators in one check
  and wrote exclusive bounds as booleans (ODCS, CHANGELOG.md, v3.1.0, "Breaking change to the JSON Schema").

A key that a later version introduced means the same in a 3.0 document; one that uses it for something else is refused.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any

import jsonschema

from components.contracts import quick_check

Schema = dict[str, Any]

API_VERSIONS = ("v3.0.0", "v3.0.1", "v3.0.2", "v3.1.0", "v3.2.0")


def family(api_version: str) -> str:
    """`v3.0.2` as `3.0`."""
    return api_version.removeprefix("v").rpartition(".")[0]


@cache
def schema(minor: str) -> Schema:
    """The JSON schema (draft 2019-09) of ODCS `minor`, one of 3.0, 3.1 and 3.2. Do not change the result."""
    document: Schema = json.loads(files("open_data_contract_standard").joinpath("schema.json").read_text("utf-8"))
    document["properties"]["apiVersion"]["enum"] = [each for each in API_VERSIONS if family(each) == minor]
    for condition in document["$defs"]["SchemaBaseProperty"]["allOf"]:
        _needs_logical_type(condition.get("if", {}))
    if minor != "3.2":
        document["required"].append("status")
    if minor == "3.0":
        _as_3_0(document)
    return document


def _needs_logical_type(condition: Schema) -> None:
    for case in [condition, *condition.get("anyOf", [])]:
        if "logicalType" in case.get("properties", {}):
            case["required"] = ["logicalType"]


def _as_3_0(document: Schema) -> None:
    definitions = document["$defs"]
    for definition in definitions.values():
        _open(definition)
    for name in ("CustomProperty", "TeamMember"):
        del definitions[name]["required"]
    checks = definitions["DataQualityLibrary"]
    del checks["required"], checks["properties"]["metric"]["enum"]
    checks["anyOf"] = [{"required": ["rule"]}, {"required": ["metric"]}]
    operators = [case["properties"] for case in definitions["DataQualityOperators"].pop("oneOf")]
    definitions["DataQualityOperators"]["properties"] = {
        key: value for each in operators for key, value in each.items()
    }
    definitions["ServerSource"]["DuckdbServer"]["properties"]["schema"] = {"type": ["integer", "string"]}
    for condition in definitions["SchemaBaseProperty"]["allOf"]:
        options = condition.get("then", {}).get("properties", {}).get("logicalTypeOptions", {}).get("properties", {})
        for bound in options.keys() & {"exclusiveMinimum", "exclusiveMaximum"}:
            options[bound] = {"type": ["boolean", options[bound]["type"]]}


def _open(part: Any) -> None:
    """Allows keys of one's own, except in `logicalTypeOptions`, which 3.0 closed as well."""
    if isinstance(part, list):
        for each in part:
            _open(each)
    if isinstance(part, dict):
        part.pop("unevaluatedProperties", None)
        if part.get("additionalProperties") is False:
            del part["additionalProperties"]
        for key, each in part.items():
            if key != "logicalTypeOptions":
                _open(each)


@cache
def recognises(minor: str) -> Callable[[Any], bool]:
    """Whether a value is valid ODCS `minor`; a no is the validator's to confirm."""
    return quick_check.recogniser(schema(minor))


@cache
def validator(minor: str) -> jsonschema.Draft201909Validator:
    """The validator of ODCS `minor`."""
    return jsonschema.Draft201909Validator(schema(minor))
