"""A wrong stack or organisation file is refused with the file, the path and the expectation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from stacks import settings as module
from stacks.__main__ import main, schemas
from stacks.documents import DocumentError
from stacks.organisation import load_organisation
from stacks.settings import STACKS, decode_config, read_settings, settings_from, stack_names

SALES: dict[str, Any] = {"account": "sales", "environment": "prod", "network": {"cidr": "10.20.0.0/16"}}


def refused(config: dict[str, Any], stack: str = "sales-prod") -> str:
    with pytest.raises(DocumentError) as caught:
        settings_from(stack, config, load_organisation())
    return str(caught.value)


def committed() -> dict[str, str]:
    """The stack files of the repository."""
    return {path.name: path.read_text() for path in STACKS.glob("Pulumi.*.yaml")}


def test_every_committed_stack_file_is_accepted_and_primaries_come_first() -> None:
    names = stack_names()
    assert {"governance-prod", "governance-prod-recovery", "sales-prod", "sales-prod-recovery"} <= set(names)
    for name in names:
        assert all(names.index(other) < names.index(name) for other in read_settings(name).depends_on)


def test_recovery_stack_deploys_in_the_second_region() -> None:
    assert read_settings("sales-prod").region == "eu-west-1"
    recovery = read_settings("sales-prod-recovery")
    assert (recovery.region, recovery.depends_on) == ("eu-central-1", ("sales-prod", "governance-prod-recovery"))


def test_unknown_key_is_named() -> None:
    message = refused({**SALES, "netwrok": {}})
    assert (
        message == "stacks/Pulumi.sales-prod.yaml: config.mesh:netwrok: unknown key; remove it or correct its spelling"
    )


def test_nested_path_is_named() -> None:
    partner = {"user": "Retail", "product": "orders", "publicKey": "ssh-ed25519 AAAA"}
    message = refused({**SALES, "fileTransfer": {"allowedNetworks": ["203.0.113.0/24"], "partners": [partner]}})
    assert "config.mesh:fileTransfer.partners[0].user" in message
    assert "'Retail'" in message


def test_every_problem_is_reported_at_once() -> None:
    assert len(refused({"account": "sales", "environment": "live", "x": 1}).splitlines()) == 2


def test_network_that_cannot_hold_three_zones_is_refused() -> None:
    assert "between /16 and /20" in refused({**SALES, "network": {"cidr": "10.20.0.0/24"}})


def test_domain_without_network_is_refused() -> None:
    assert "config.mesh:network: required" in refused({"account": "sales", "environment": "prod"})


def test_unknown_account_lists_the_known_ones() -> None:
    assert "governance, sales" in refused({**SALES, "account": "salse"}, "salse-prod")


def test_stack_name_must_agree_with_the_file() -> None:
    assert "must be named" in refused(SALES, "sales-dev")


@pytest.mark.parametrize("stack", ["sales-prod-recovery", "governance-prod"])
@pytest.mark.parametrize("key", ["network", "fileTransfer"])
def test_what_a_stack_has_no_use_for_is_refused(stack: str, key: str) -> None:
    given = {"network": SALES["network"], "fileTransfer": {"allowedNetworks": ["203.0.113.0/24"]}}[key]
    message = refused({"account": stack.split("-")[0], "environment": "prod", key: given}, stack)
    assert f"{stack}.yaml: config.mesh:{key}: only a domain's primary stack" in message


def test_networks_that_overlap_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    organisation = load_organisation()
    crm = organisation.accounts["sales"].model_copy(update={"id": "333333333333"})
    grown = organisation.model_copy(update={"accounts": organisation.accounts | {"crm": crm}})
    monkeypatch.setattr(module, "load_organisation", lambda: grown)
    for name, text in committed().items():
        (tmp_path / name).write_text(text)
        (tmp_path / name.replace("sales", "crm")).write_text(text.replace("sales", "crm"))
    monkeypatch.setattr(module, "STACKS", tmp_path)
    with pytest.raises(DocumentError, match=r"network\.cidr: .* found 10\.20\.0\.0/16, which overlaps .* of crm-prod"):
        stack_names()


def test_a_second_environment_in_an_account_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in committed().items():
        (tmp_path / name).write_text(text)
        (tmp_path / name.replace("-prod", "-dev")).write_text(text.replace("environment: prod", "environment: dev"))
    monkeypatch.setattr(module, "STACKS", tmp_path)
    with pytest.raises(DocumentError, match=r"governance is in dev \(governance-dev\); found 'prod'"):
        stack_names()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"config: {mesh:account: a}\nconfig: {}", "the key 'config' is here twice"),
        (b"config: [1]", "config: expected a mapping"),
        (b"config: {1: 2}", "config: expected a mapping"),
        (b"config: {? [a] : b}", "not valid YAML"),
        (b"config: \xff\xfe\xfa", "not valid YAML"),
        (None, "cannot be read: Is a directory"),
    ],
)
def test_a_file_that_is_no_stack_file_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None, expected: str
) -> None:
    path = tmp_path / "Pulumi.sales-prod.yaml"
    path.mkdir() if content is None else path.write_bytes(content)
    monkeypatch.setattr(module, "STACKS", tmp_path)
    with pytest.raises(DocumentError, match=expected):
        stack_names()


@pytest.mark.parametrize("wrong", ["12345678901", "1234567890123", "12345678901x", 222222222222])
def test_account_id_of_the_wrong_shape_is_refused(tmp_path: Path, wrong: object) -> None:
    content = yaml.safe_load((STACKS / "organisation.yaml").read_text())
    content["accounts"]["sales"]["id"] = wrong
    path = tmp_path / "organisation.yaml"
    path.write_text(yaml.safe_dump(content))
    with pytest.raises(DocumentError) as caught:
        load_organisation(path)
    assert f"{path}: accounts.sales.id: " in str(caught.value)


def test_two_accounts_with_one_id_are_refused(tmp_path: Path) -> None:
    content = yaml.safe_load((STACKS / "organisation.yaml").read_text())
    content["accounts"]["sales"]["id"] = content["accounts"]["governance"]["id"]
    path = tmp_path / "organisation.yaml"
    path.write_text(yaml.safe_dump(content))
    with pytest.raises(DocumentError, match="two accounts have the same id"):
        load_organisation(path)


def test_configuration_from_the_engine_equals_the_file() -> None:
    content = yaml.safe_load((STACKS / "Pulumi.sales-prod.yaml").read_text())["config"]
    engine = {k: v if isinstance(v, str) else json.dumps(v) for k, v in content.items()}
    decoded = settings_from("sales-prod", decode_config(engine), load_organisation())
    assert decoded == read_settings("sales-prod")


def test_generated_schemas_are_current_and_accept_the_committed_files() -> None:
    for name, content in schemas().items():
        assert (STACKS / name).read_text() == content, "run: python -m stacks schema"
    schema = json.loads(schemas()["stack.schema.json"])
    for name in stack_names():
        jsonschema.validate(yaml.safe_load((STACKS / f"Pulumi.{name}.yaml").read_text()), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"config": {"mesh:account": "sales", "mesh:environment": "prod", "mesh:x": 1}}, schema)


def test_command_line_reports_a_wrong_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "Pulumi.sales-prod.yaml").write_text("config: {mesh:account: sales}")
    monkeypatch.setattr(module, "STACKS", tmp_path)
    assert main(["order"]) == 1
    assert "config.mesh:environment: required, but missing" in capsys.readouterr().err
