"""The generated catalogue, the framework mappings and the committed configuration."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from mesh_guardrails.catalogue import catalogue
from mesh_guardrails.configuration import updated
from mesh_guardrails.controls import CONTROLS
from mesh_guardrails.data import sdk
from mesh_guardrails.data.stores import DATA_STORES
from mesh_guardrails.documents import WHERE
from mesh_guardrails.facts import Organisation
from mesh_guardrails.frameworks import frameworks, mapped, requirements
from mesh_guardrails.waivers import read_waivers

from tests.policy_packs.guardrails.building import sdk_lacks

ROOT = Path(__file__).parents[3]
PACK = ROOT / "policy_packs" / "guardrails"
IDS = {control.id: control for control in CONTROLS}
CONFIGS = sorted((PACK / "config").glob("*.json"))
LEVELS = {"advisory", "mandatory", "remediate", "disabled"}

FORMS = {
    "fsbp": r"[A-Za-z0-9]+\.\d+",
    "cis": r"\d+(\.\d+)+",
    "nist": r"[A-Z]{2}-\d+(\(\d+\))?",
    "pci": r"\d+(\.\d+)+",
    "hipaa": r"164\.3\d\d\([a-z]\)(\(\d\))?(\([ivx]+\))?(\([A-Z]\))?",
}


def test_the_committed_catalogue_is_what_the_pack_generates() -> None:
    committed = (ROOT / "docs" / "controls.md").read_text(encoding="utf-8")
    assert committed == catalogue(), "run: python -m mesh_guardrails.catalogue docs/controls.md"


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.id)
def test_every_control_is_in_the_catalogue_and_mapped_to_frameworks_in_their_form(control: Any) -> None:
    assert f"| `{control.id}` | " in catalogue()
    stated = requirements(control)
    assert {"nist", "pci", "hipaa"} <= stated.keys()
    for framework, ids in stated.items():
        assert all(re.fullmatch(FORMS[framework], each) for each in ids), (framework, ids)


def test_the_mappings_name_only_what_exists() -> None:
    families, controls = mapped()
    assert set(families) == {control.family for control in CONTROLS}
    assert set(controls) - IDS.keys() == set()
    assert [framework.key for framework in frameworks()] == list(FORMS)


def test_the_types_of_controls_exist_in_the_sdk() -> None:
    named = {type_ for control in CONTROLS for type_ in getattr(control, "types", ())}
    of_aws = {type_ for type_ in named | DATA_STORES | WHERE.keys() if type_.startswith("aws:")}
    assert of_aws - sdk.resource_types().keys() == set()


def test_the_list_of_taggable_types_is_current() -> None:
    listed = sdk.TAGGABLE.read_text(encoding="utf-8").split()
    assert listed == sorted(sdk.taggable_types()), "run: python -m mesh_guardrails.data.sdk"


@pytest.mark.parametrize("type_", WHERE, ids=str)
def test_documents_are_in_properties_the_sdk_has(type_: str) -> None:
    assert sdk_lacks(type_, *(path for path, _ in WHERE[type_])) == []


def test_every_document_the_sdk_types_as_a_policy_is_known() -> None:
    typed = {
        type_
        for type_, (_, inputs) in sdk.resource_types().items()
        if any("'PolicyDocumentArgs'" in annotation for annotation in inputs.values())
    }
    assert typed - WHERE.keys() == set()


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_a_configuration_names_controls_levels_and_settings_that_exist(path: Path) -> None:
    config = json.loads(path.read_text(encoding="utf-8"))
    assert config.pop("all") in LEVELS
    for name, value in config.items():
        assert name in IDS, f"{name} is no control"
        given = {"enforcementLevel": value} if isinstance(value, str) else dict(value)
        assert given.pop("enforcementLevel", "mandatory") in LEVELS
        assert given.keys() - IDS[name].settings.keys() == set()
    Organisation.parse(config["organisation"])


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_a_configuration_has_the_organisation_as_it_is(path: Path) -> None:
    organisation = yaml.safe_load((ROOT / "stacks" / "organisation.yaml").read_text(encoding="utf-8"))
    committed = path.read_text(encoding="utf-8")
    command = "python -m mesh_guardrails.configuration ../../stacks/organisation.yaml config/*.json"
    assert committed == updated(committed, organisation), f"in policy_packs/guardrails, run: {command}"


def test_production_is_mandatory_and_development_advisory() -> None:
    levels = {path.stem: json.loads(path.read_text(encoding="utf-8"))["all"] for path in CONFIGS}
    assert levels == {"dev": "advisory", "test": "advisory", "stage": "mandatory", "prod": "mandatory"}


def test_the_committed_waivers_are_complete_and_name_controls() -> None:
    assert {waiver.control for waiver in read_waivers(PACK / "waivers.yaml")} - IDS.keys() == set()
