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
from stacks.baseline import account_of
from stacks.documents import DocumentError
from stacks.mesh import registrations
from stacks.organisation import Environment, Organisation, load_organisation
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
    crm = organisation.accounts["sales"].model_copy(update={"ids": {Environment.PROD: "333333333333"}})
    grown = organisation.model_copy(update={"accounts": organisation.accounts | {"crm": crm}})
    monkeypatch.setattr(module, "load_organisation", lambda: grown)
    for name, text in committed().items():
        (tmp_path / name).write_text(text)
        (tmp_path / name.replace("sales", "crm")).write_text(text.replace("sales", "crm"))
    monkeypatch.setattr(module, "STACKS", tmp_path)
    with pytest.raises(DocumentError, match=r"network\.cidr: .* found 10\.20\.0\.0/16, which overlaps .* of crm-prod"):
        stack_names()


@pytest.fixture
def with_dev(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Organisation:
    """The organisation with accounts and stacks for dev too; the stack files differ in nothing else."""
    for name, text in committed().items():
        (tmp_path / name).write_text(text)
        (tmp_path / name.replace("-prod", "-dev")).write_text(text.replace("environment: prod", "environment: dev"))
    content = yaml.safe_load((STACKS / "organisation.yaml").read_text())
    content["accounts"]["governance"]["ids"]["dev"] = "111111111112"
    content["accounts"]["sales"]["ids"]["dev"] = "222222222223"
    grown = Organisation.model_validate(content)
    monkeypatch.setattr(module, "load_organisation", lambda: grown)
    monkeypatch.setattr(module, "STACKS", tmp_path)
    return grown


def test_each_environment_is_a_mesh_in_accounts_of_its_own(with_dev: Organisation) -> None:
    names = stack_names()
    assert {"sales-dev", "sales-dev-recovery", "sales-prod", "governance-dev"} <= set(names)
    assert names.index("governance-dev") < names.index("sales-dev")
    settings = read_settings("sales-dev", with_dev)
    assert settings.depends_on == ("governance-dev",)
    account = account_of(settings)
    assert (account.account_id, account.hub_account_id) == ("222222222223", "111111111112")
    assert account_of(read_settings("sales-prod", with_dev)).hub_account_id == "111111111111"


def test_a_hub_makes_room_for_the_domains_of_its_environment(with_dev: Organisation) -> None:
    accounts = with_dev.accounts | {
        "crm": with_dev.accounts["sales"].model_copy(update={"ids": {Environment.PROD: "333333333333"}})
    }
    grown = with_dev.model_copy(update={"accounts": accounts})
    found = {
        stack: {name: each.account.account_id for name, each in registrations(grown, account_of(settings)).items()}
        for stack in ("governance-dev", "governance-prod")
        if (settings := read_settings(stack, grown))
    }
    assert found["governance-dev"] == {"sales": "222222222223"}
    assert found["governance-prod"] == {"sales": "222222222222", "crm": "333333333333"}


def test_a_stack_of_an_environment_without_an_account_is_refused() -> None:
    message = refused({**SALES, "environment": "dev"}, "sales-dev")
    assert "config.mesh:environment: expected one in which sales has an account" in message
    assert "(prod); found 'dev'" in message


@pytest.mark.parametrize(
    ("name", "environment", "account", "expected"),
    [
        ("sales", "dev", "222222222223", "sales is in dev, so governance has to be there too"),
        ("governance", "dev", "222222222222", "an account id is here twice"),
        ("sales", "prod", "111111111111", "an account id is here twice"),
        ("sales", "live", "222222222223", "accounts.sales.ids.live"),
        ("sales", "prod", "12345678901", "accounts.sales.ids.prod"),
        ("sales", "prod", "1234567890123", "accounts.sales.ids.prod"),
        ("sales", "prod", "12345678901x", "accounts.sales.ids.prod"),
        ("sales", "prod", 222222222222, "accounts.sales.ids.prod"),
    ],
)
def test_account_ids_that_do_not_work_are_refused(
    tmp_path: Path, name: str, environment: str, account: object, expected: str
) -> None:
    content = yaml.safe_load((STACKS / "organisation.yaml").read_text())
    content["accounts"][name]["ids"][environment] = account
    path = tmp_path / "organisation.yaml"
    path.write_text(yaml.safe_dump(content))
    with pytest.raises(DocumentError) as caught:
        load_organisation(path)
    assert f"{path}: " in str(caught.value)
    assert expected in str(caught.value)


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
