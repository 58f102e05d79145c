"""The tables in `data/` name nothing that the installed SDK does not have."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from localcloud.plugins import sdk
from localcloud.plugins.sdk import Array, Map, Object, OneOf, Property, Type

DATA = Path(__file__).parents[3] / "localcloud" / "plugins" / "data"
GENERATED = {"hex", "digits", "alnum", "upper", "letters", "uuid", "ip"}
KNOWN = {"partition", "suffix", "account", "region", "id", "arn", "default"}


def table(name: str) -> Any:
    return json.loads((DATA / name).read_text(encoding="utf-8"))


def resource(token: str) -> sdk.Resource:
    found = sdk.resource(token)
    assert found is not None, token
    return found


def properties(value_type: Type) -> dict[str, Property]:
    match value_type:
        case Object():
            return dict(value_type.properties)
        case Array(item):
            return properties(item)
        case OneOf(options):
            return {name: declared for option in options for name, declared in properties(option).items()}
    return {}


def test_replacements_name_types_and_properties_of_the_sdk() -> None:
    unknown = []
    for token, facts in table("replacements.json").items():
        found = resource(token)
        for path in (*facts.get("replace", ()), *facts.get("conditional", {})):
            level: dict[str, Property] = dict(found.inputs)
            for part in path.removesuffix(".#").split("."):
                if part not in level:
                    unknown.append(f"{token} {path}")
                    break
                here = level[part].type
                level = {} if isinstance(here, Map) else properties(here)
    assert len(unknown) < 30, unknown


def test_conditional_replacements_use_known_words() -> None:
    words = {"add", "remove", "change", "put", "drop", "on", "off", "up", "down"}
    for facts in table("replacements.json").values():
        for changes in facts.get("conditional", {}).values():
            assert all(change in words or ">" in change for change in changes)


def test_names_are_made_for_inputs_that_may_be_absent() -> None:
    overrides = table("overrides.json")
    for token, naming in overrides["names"].items():
        declared = resource(token).inputs[naming.get("property", "name")]
        assert not declared.required, token
        assert naming.get("fifo", declared.name) in resource(token).inputs
    for token in overrides["deleteBeforeReplace"]:
        assert resource(token)
    for token, name in overrides["managedByPulumi"].items():
        assert name in resource(token).inputs, token


@pytest.mark.parametrize(("token", "templates"), list(table("identifiers.json")["types"].items()))
def test_templates_use_inputs_of_their_type(token: str, templates: dict[str, Any]) -> None:
    found = resource(token)
    outputs = templates.get("outputs", {})
    assert set(outputs) <= set(found.outputs)
    for template in (templates["id"], templates.get("arn", ""), *outputs.values()):
        for name in re.findall(r"\{[:/_]?([\w.]+)", template):
            first = name.split(".")[0]
            assert first in GENERATED | KNOWN | set(outputs) or first in found.inputs, f"{template}: {name}"
