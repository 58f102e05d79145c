"""The generated catalogue, the framework mappings and the committed configuration."""

import json
import re
from functools import cache
from itertools import chain
from pathlib import Path

import pytest
from mesh_guardrails.catalogue import catalogue
from mesh_guardrails.control import Control
from mesh_guardrails.controls import CONTROLS
from mesh_guardrails.data import sdk
from mesh_guardrails.data.stores import DATA_STORES
from mesh_guardrails.documents import WHERE
from mesh_guardrails.facts import Organisation
from mesh_guardrails.frameworks import counterparts, covered, frameworks, groups, mapped, published, requirements
from mesh_guardrails.waivers import read_waivers

from tests.policy_packs.guardrails.building import sdk_lacks

ROOT = Path(__file__).parents[3]
PACK = ROOT / "policy_packs" / "guardrails"
IDS = {control.id: control for control in CONTROLS}
CONFIGS = sorted((PACK / "config").glob("*.json"))
LEVELS = {"advisory", "mandatory", "remediate", "disabled"}

FORMS = {
    "fsbp": r"[A-Za-z0-9]+\.\d+",
    "cis": r"[1-5]\.\d+(\.\d+)?",
    "nist": r"[A-Z]{2}-\d+(\(\d+\))?",
    "pci": r"\d+(\.\d+){2,4}",
    "hipaa": r"164\.3\d\d\([a-z]\)(\(\d\))?(\([ivx]+\))?(\([A-Z]\))?",
}
# What each has in the version stated. NIST counts 1,189 controls and enhancements, of which 182 are withdrawn.
SIZES = {"fsbp": 365, "cis": 63, "nist": 1007, "pci": 250, "hipaa": 66}
TABLES = {
    name: json.loads((PACK / "mesh_guardrails" / "data" / f"{name}.json").read_text(encoding="utf-8"))
    for name in ("frameworks", "securityhub")
}
DEFINED = {framework: list(chain.from_iterable(groups(framework).values())) for framework in FORMS}


@cache
def page() -> str:
    return catalogue()


def test_the_committed_catalogue_is_what_the_pack_generates() -> None:
    committed = (ROOT / "docs" / "controls.md").read_text(encoding="utf-8")
    assert committed == page(), "run: python -m mesh_guardrails.catalogue docs/controls.md"


def test_the_readme_counts_the_controls() -> None:
    assert f"[{len(CONTROLS)} controls](docs/controls.md)" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.id)
def test_every_control_is_in_the_catalogue_and_mapped_to_requirements_that_exist(control: Control) -> None:
    assert f"| `{control.id}` | " in page()
    for framework, ids in requirements(control).items():
        assert set(ids) <= set(DEFINED[framework]), framework


@pytest.mark.parametrize("framework", FORMS)
def test_the_requirements_of_a_framework_are_listed_whole_and_in_their_form(framework: str) -> None:
    defined = DEFINED[framework]
    assert [each for each in defined if not re.fullmatch(FORMS[framework], each)] == []
    assert len(defined) == len(set(defined)) == SIZES[framework]
    for group, ids in groups(framework).items():
        assert all(re.match(re.escape(group) + r"\W", each, re.IGNORECASE) for each in ids), group


def test_the_mappings_name_only_what_exists() -> None:
    names = mapped()
    assert set(names.families) == {control.family for control in CONTROLS}
    assert set(names.controls) - IDS.keys() == set()
    used = {*chain.from_iterable(names.families.values()), *chain.from_iterable(names.controls.values())}
    assert used == set(names.topics)
    assert {each for control in CONTROLS for each in counterparts(control)} == set(names.counterparts)
    assert [framework.key for framework in frameworks()] == list(FORMS)


@pytest.mark.parametrize("name", TABLES)
def test_the_tables_name_only_requirements_that_exist(name: str) -> None:
    stated = [*TABLES[name]["controls"].values(), *TABLES[name].get("topics", {}).values()]
    assert {key for entry in stated for key in entry} <= {*FORMS, "securityhub", "topics"}
    for framework in FORMS:
        named = {each for entry in stated for each in entry.get(framework, "").split()}
        assert named - set(DEFINED[framework]) == set(), framework


def test_what_aws_publishes_comes_before_the_own_assessment() -> None:
    assert published(IDS["table-recovery"])["nist"] == ["CP-6(2)", "CP-9", "CP-10", "SC-5(2)", "SI-12", "SI-13(5)"]
    for control in CONTROLS:
        for framework, ids in published(control).items():
            added = set(TABLES["frameworks"]["controls"][control.id].get(framework, "").split())
            assert set(requirements(control)[framework]) == {*ids, *added}, (control.id, framework)


def test_the_catalogue_tells_published_requirements_from_assessed_ones_and_counts_both() -> None:
    of_two = catalogue([IDS["key-rotation"], IDS["bucket-keys"]])
    told = "cis 3.6; nist SC-12, SC-12(2), SC-28(3); pci 3.7.4; hipaa 164.312(a)(2)(iv)†"
    assert f"| Security Hub KMS.4; {told} |\n" in of_two
    assert "| cis | 3 | 1 of 9 | 3.6 |\n| cis | 4 | 0 of 16 |  |\n" in of_two
    assert "| 3 of 1007 | the catalogue's controls" in of_two


@pytest.mark.parametrize("framework", FORMS)
def test_a_requirement_is_covered_by_the_controls_that_help_to_meet_it(framework: str) -> None:
    met = {each for control in CONTROLS for each in requirements(control).get(framework, ())}
    assert met
    listed = list(chain.from_iterable(covered(CONTROLS, framework).values()))
    assert listed == [each for each in DEFINED[framework] if each in met]


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
    if config["organisation"]["accounts"] or path.stem == "prod":  # an environment may be still to come
        Organisation.parse(config["organisation"])


def test_production_is_mandatory_and_development_advisory() -> None:
    levels = {path.stem: json.loads(path.read_text(encoding="utf-8"))["all"] for path in CONFIGS}
    assert levels == {"dev": "advisory", "test": "advisory", "stage": "mandatory", "prod": "mandatory"}


def test_the_committed_waivers_are_complete_and_name_controls() -> None:
    assert {waiver.control for waiver in read_waivers(PACK / "waivers.yaml")} - IDS.keys() == set()
