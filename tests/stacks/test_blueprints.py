"""What every stack must be, whatever its account is for, and what each blueprint adds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pulumi
import pytest

from components.contracts.succession import published
from components.foundation.classification import Classification
from stacks import domain, mesh
from stacks.baseline import account_of
from stacks.documents import DocumentError
from stacks.domain import build
from stacks.exports import AccountExports, GovernanceExports, read, write
from stacks.mesh import domain_products, registrations
from stacks.organisation import load_organisation
from stacks.settings import read_settings, settings_from, stack_names
from tests.components.harness import UNKNOWN, Program, run
from tests.stacks.programs import REFERENCES, deployed

STACKS = stack_names()
DOCUMENTS = ("policy", "assumeRolePolicy", "accessPolicy", "repositoryPolicy")
"""Inputs that hold IAM documents in the types the mesh uses."""


def documents(stack: str) -> Iterator[tuple[str, Any]]:
    for each in deployed(stack, preview=True).registrations:
        for name in DOCUMENTS:
            if name in each.inputs:
                yield f"{each.kind} {each.name} {name}", each.inputs[name]


@pytest.mark.parametrize("stack", STACKS)
def test_no_policy_document_is_unknown_at_preview(stack: str) -> None:
    found = list(documents(stack))
    assert len(found) >= 8
    for where, text in found:
        assert UNKNOWN not in text, where
        assert json.loads(text)["Statement"], where


@pytest.mark.parametrize("stack", STACKS)
def test_every_resource_has_the_accounts_one_provider(stack: str) -> None:
    settings, made = read_settings(stack), deployed(stack)
    (provider,) = [each for each in made.registrations if each.type == "pulumi:providers:aws"]
    assert json.loads(provider.inputs["allowedAccountIds"]) == [settings.account_id]
    (assumed,) = json.loads(provider.inputs["assumeRoles"])
    assert assumed["roleArn"] == f"arn:aws:iam::{settings.account_id}:role/acme-deploy"
    assert provider.inputs["region"] == settings.region
    for each in made.registrations:
        if each.type.startswith("aws:"):
            assert each.provider.startswith(provider.urn), each.urn


@pytest.mark.parametrize("stack", STACKS)
def test_every_stack_has_keys_and_buckets_in_its_region(stack: str) -> None:
    made, region = deployed(stack), read_settings(stack).region
    keys = made.of("kms.ReplicaKey") if stack.endswith("-recovery") else made.of("kms.Key")
    assert keys
    buckets = made.of("s3.Bucket")
    assert buckets
    assert all(each.inputs["bucket"].endswith(region) for each in buckets)
    assert all(each.protect for each in [*keys, *buckets])


@pytest.mark.parametrize("stack", [name for name in STACKS if not name.endswith("-recovery")])
def test_roles_wait_for_the_permissions_boundary(stack: str) -> None:
    made = deployed(stack)
    boundary = made.one("iam.Policy", "boundary")
    roles = made.of("iam.Role")
    assert roles
    for role in roles:
        assert role.inputs["permissionsBoundary"].endswith(f":policy/{boundary.inputs['name']}")
        assert boundary.urn in role.dependencies, role.name


def test_a_domain_holds_its_contracts_against_those_it_deployed() -> None:
    settings = read_settings("sales-prod")
    (product,) = domain_products(settings.organisation, account_of(settings))

    def made(**exports: str) -> Program:
        own = {"products": {name: {"version": "1.0.0", "contract": text} for name, text in exports.items()}}
        return run(lambda: build(settings), references=REFERENCES | {"sales-prod": REFERENCES["sales-prod"] | own})

    same = made(orders=published(product.contract)).one("domain.PublishedContracts")
    assert same.inputs == {"versions": {"orders": "1.0.0"}, "refused": []}

    wider = published(product.contract).replace('"maximum": 1000', '"maximum": 2000')
    program = made(orders=wider)
    contracts = program.one("domain.PublishedContracts")
    (refusal,) = contracts.inputs["refused"]
    assert (refusal["product"], refusal["path"]) == ("orders", "schema[0].properties[2]")
    assert "orders.quantity.maximum: limit narrowed (2000 → 1000)" in refusal["message"]
    assert program.one("domain.DataProduct").parent == contracts.urn


@pytest.mark.parametrize(("status", "protected"), [("active", True), ("deprecated", True), ("retired", False)])
def test_a_product_lets_go_of_its_table_once_it_may_be_removed(
    monkeypatch: pytest.MonkeyPatch, status: str, protected: bool
) -> None:
    settings = read_settings("sales-prod")
    (product,) = domain_products(settings.organisation, account_of(settings))
    model = product.contract.model.model_copy(update={"status": status})
    changed = replace(product, contract=replace(product.contract, model=model))
    monkeypatch.setattr(domain, "domain_products", lambda *_: (changed,))
    made = run(lambda: build(settings), references=REFERENCES)
    assert made.one("glue.CatalogTable").protect is protected


def test_the_key_of_data_that_outlives_its_products_stays() -> None:
    settings = read_settings("sales-prod")
    kept = settings.entry.model_copy(update={"keeps": (Classification.RESTRICTED,)})
    made = run(lambda: build(replace(settings, entry=kept)), references=REFERENCES)
    assert [each.name for each in made.of("kms.Key")] == ["confidential", "internal", "restricted"]

    accounts = settings.organisation.accounts | {"sales": kept}
    organisation = settings.organisation.model_copy(update={"accounts": accounts})
    hub = account_of(read_settings("governance-prod"))
    assert registrations(organisation, hub)["sales"].classifications == {
        Classification.CONFIDENTIAL,
        Classification.RESTRICTED,
    }


def test_a_folder_of_no_domain_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("sales", "salse"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr(mesh, "DOMAINS", tmp_path)
    with pytest.raises(DocumentError, match=r"salse: expected a domain of stacks/organisation\.yaml \(sales\)"):
        registrations(load_organisation(), account_of(read_settings("governance-prod")))


def test_what_lake_formation_adds_up_is_revoked_before_it_is_granted_anew() -> None:
    grants = [
        each
        for stack in ("governance-prod", "sales-prod")
        for kind in ("lakeformation.Permissions", "lakeformation.ResourceLfTags")
        for each in deployed(stack).of(kind)
    ]
    assert len(grants) > 8
    assert [each.urn for each in grants if not each.delete_first] == []


def test_what_an_older_release_exported_is_not_compared() -> None:
    settings = read_settings("sales-prod")
    older = REFERENCES["sales-prod"] | {"products": {"orders": {"version": "1.0.0"}}}
    program = run(lambda: build(settings), references=REFERENCES | {"sales-prod": older})
    assert program.one("domain.PublishedContracts").inputs["refused"] == []


def test_the_hub_makes_room_for_a_domain_that_is_not_deployed() -> None:
    made = deployed("governance-prod")
    assert made.one("glue.CatalogDatabase").inputs["name"] == "acme_prod_sales"
    location = made.one("lakeformation.Resource", "catalog-sales").inputs["arn"]
    assert location == "arn:aws:s3:::acme-sales-prod-products-222222222222-eu-west-1"
    tags = {each.inputs["key"]: each.inputs["values"] for each in made.of("lakeformation.LfTag")}
    assert tags["domain"] == ["sales"]
    assert "orders" in tags["product"]
    assert tags["classification"] == ["public", "internal", "confidential", "restricted"]
    grants = [each.inputs for each in made.of("lakeformation.Permissions")]
    assert grants
    assert all(each["principal"] == "222222222222" for each in grants)


@pytest.mark.parametrize(("stack", "account"), [("governance-prod", "111111111111"), ("sales-prod", "222222222222")])
def test_new_tables_are_not_open_to_iam(stack: str, account: str) -> None:
    settings = deployed(stack).one("lakeformation.DataLakeSettings").inputs
    for name in ("createDatabaseDefaultPermissions", "createTableDefaultPermissions"):
        assert [each["principal"] for each in settings[name]] == [f"arn:aws:iam::{account}:role/acme-deploy"]


def test_the_hub_keeps_no_product_data() -> None:
    purposes = {each.name for each in deployed("governance-prod").of("s3.Bucket")}
    assert purposes == {"logs", "log-archive"}


def test_the_table_of_a_product_is_in_the_hubs_catalog_over_the_domains_bucket() -> None:
    made = deployed("sales-prod")
    table = made.one("glue.CatalogTable", "orders").inputs
    assert (table["catalogId"], table["databaseName"]) == ("111111111111", "acme_prod_sales")
    location = table["storageDescriptor"]["location"]
    assert location == "s3://acme-sales-prod-products-222222222222-eu-west-1/orders/v1/"
    assert [each["name"] for each in table["partitionKeys"]] == ["order_month"]
    assert all(each["comment"] for each in table["storageDescriptor"]["columns"])


def test_a_domain_makes_its_tables_with_rights_it_was_granted() -> None:
    made = deployed("sales-prod")
    rights = [made.one("lakeformation.Permissions", f"sales-{what}") for what in ("tables", "location")]
    assert {each.inputs["principal"] for each in rights} == {"arn:aws:iam::222222222222:role/acme-deploy"}
    assert {each.inputs["catalogId"] for each in rights} == {"111111111111"}
    assert rights[0].inputs["database"] == {"catalogId": "111111111111", "name": "acme_prod_sales"}
    assert {each.urn for each in rights} <= set(made.one("glue.CatalogTable").dependencies)


def test_ingest_gets_the_compiled_contract_and_may_do_only_its_own_product() -> None:
    made = deployed("sales-prod")
    function = made.one("lambda.Function", "orders-ingest").inputs
    contract = json.loads(function["code"]["assets"]["contract.json"]["text"])
    assert contract["product"]["name"] == "orders"
    assert function["environment"]["variables"]["MESH_CONTRACT"] == "contract.json"
    (policy,) = [each for each in made.of("iam.RolePolicy") if each.name == "orders-ingest"]
    statements = policy.document("policy")["Statement"]
    buckets = {
        resource
        for statement in statements
        for resource in ([statement["Resource"]] if isinstance(statement["Resource"], str) else statement["Resource"])
        if resource.startswith("arn:aws:s3:::") and "/" in resource
    }
    assert {each.split("/", 1)[1] for each in buckets} == {"orders/*", "orders/v1/*"}


def test_partners_write_their_folder_and_read_nothing() -> None:
    made = deployed("sales-prod")
    actions = {
        action
        for statement in made.one("iam.RolePolicy", "sftp-retail-pos").document("policy")["Statement"]
        for action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
    }
    assert "s3:PutObject" in actions
    assert not {"s3:GetObject", "s3:DeleteObject"} & actions
    user = made.one("transfer.User").inputs
    assert user["homeDirectoryMappings"] == [
        {"entry": "/", "target": "/acme-sales-prod-landing-222222222222-eu-west-1/orders"}
    ]


def test_only_partners_networks_reach_the_sftp_server() -> None:
    made = deployed("sales-prod")
    (rule,) = made.one("ec2.SecurityGroup", "sftp").inputs["ingress"]
    assert (rule["fromPort"], rule["toPort"], rule["cidrBlocks"]) == (22, 22, ["203.0.113.0/24"])


def test_the_pilot_light_replicates_every_bucket_of_the_domain() -> None:
    made = deployed("sales-prod-recovery")
    sources = {each.inputs["bucket"] for each in made.of("s3.BucketReplicationConfig") if "region" in each.inputs}
    primary = {each.inputs["bucket"] for each in deployed("sales-prod").of("s3.Bucket") if each.name != "logs"}
    assert sources == primary
    (key,) = [each for each in made.of("kms.ReplicaKey") if each.name == "confidential"]
    assert key.inputs["primaryKeyArn"] == REFERENCES["sales-prod"]["keys"]["confidential"]  # type: ignore[index]


def test_the_hubs_pilot_light_replicates_the_ledger() -> None:
    tables = {
        each.inputs["globalTableArn"] for each in deployed("governance-prod-recovery").of("dynamodb.TableReplica")
    }
    assert tables == {
        f"arn:aws:dynamodb:eu-west-1:111111111111:table/acme-governance-prod-{each}" for each in ("lineage", "quality")
    }


def test_a_partner_of_an_unknown_product_is_refused_before_anything_is_registered() -> None:
    content = read_settings("sales-prod").file.model_dump(mode="json", by_alias=True)
    content["fileTransfer"]["partners"][0]["product"] = "returns"
    settings = settings_from("sales-prod", content, load_organisation())
    with pytest.raises(DocumentError, match=r"partners\[0\]\.product: expected a product of domains/sales \(orders"):
        run(lambda: build(settings), references=REFERENCES)


def test_exports_that_do_not_fit_name_the_stack_and_the_field() -> None:
    def program() -> None:
        pulumi.export("hub", read("sales-prod", GovernanceExports))

    with pytest.raises(Exception, match=r"stack sales-prod does not export .*catalogId"):
        run(program, references=REFERENCES)


def test_a_missing_export_is_refused_at_the_writer() -> None:
    with pytest.raises(ValueError, match=r"missing .*region"):
        write({"account_id": "1", "keys": {}, "buckets": {}}, AccountExports)
