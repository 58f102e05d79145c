"""Which contracts may take the place of the deployed ones."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from components.contracts import Context, DataProduct, load_products, odcs, source
from components.contracts.changes import changes
from components.contracts.succession import Deployed, Refusal, published, refusals

CONTEXT = Context(catalog_id="111111111111", database="acme_prod_sales", bucket="products")
CONTRACT, PRODUCT = "domains/sales/orders/contract.odcs.yaml", "domains/sales/orders/product.odps.yaml"

Edit = Callable[..., tuple[DataProduct, ...]]


@pytest.fixture
def edit(repository: Path, tmp_path: Path) -> Edit:
    """`edit((old, new)...)`: the sales domain with texts replaced in both files of orders."""
    shutil.copytree(repository / "domains", tmp_path / "domains")

    def edited(*edits: tuple[str, str]) -> tuple[DataProduct, ...]:
        texts = {file: (tmp_path / file).read_text() for file in (CONTRACT, PRODUCT)}
        for old, new in edits:
            assert any(old in text for text in texts.values()), old
            texts = {file: text.replace(old, new) for file, text in texts.items()}
        for file, text in texts.items():
            (tmp_path / file).write_text(text)
        return load_products(tmp_path, "sales", CONTEXT)

    return edited


def deployed(products: tuple[DataProduct, ...]) -> dict[str, Deployed]:
    return {
        product.name: Deployed(
            version=product.version, contract=published(product.contract), file=product.validator["file"]
        )
        for product in products
    }


def found(products: tuple[DataProduct, ...], before: dict[str, Deployed]) -> list[Refusal]:
    return list(refusals("sales", products, before))


def test_what_is_published_is_the_whole_contract(edit: Edit) -> None:
    (product,) = edit()
    again = odcs.contract(source.parse_json(published(product.contract), "again"))
    assert again.document.value == product.contract.document.value
    assert again.model == product.contract.model
    assert changes(product.contract, again) == changes(again, product.contract) == ()


def test_nothing_deployed_and_nothing_changed_refuse_nothing(edit: Edit) -> None:
    products = edit()
    assert found(products, {}) == []
    assert found(products, deployed(products)) == []


def test_a_breaking_change_names_file_line_path_and_the_version_it_needs(edit: Edit) -> None:
    before = deployed(edit())
    (refusal,) = found(edit(("maximum: 1000", "maximum: 500")), before)
    assert refusal.product == "orders"
    assert refusal.diagnostic.file == CONTRACT
    assert refusal.diagnostic.path == "schema[0].properties[2]"
    lines = Path(CONTRACT).read_text().splitlines()
    assert lines[refusal.diagnostic.line - 1].strip() == "- name: quantity"
    assert "has to be 2.0.0, found 1.0.0" in refusal.diagnostic.message


def test_a_major_version_announces_a_breaking_change(edit: Edit) -> None:
    before = deployed(edit())
    assert found(edit(("maximum: 1000", "maximum: 500"), ("version: 1.0.0", "version: 2.0.0")), before) == []


def test_an_optional_column_needs_no_major_version(edit: Edit) -> None:
    before = deployed(edit())
    column = "      - {name: channel, logicalType: string}\n"
    products = edit(("      - name: quantity\n", column + "      - name: quantity\n"))
    assert "channel" in published(products[0].contract)
    assert found(products, before) == []


def test_an_older_version_does_not_replace_a_newer_one(edit: Edit) -> None:
    before = deployed(edit(("version: 1.0.0", "version: 1.1.0")))
    (refusal,) = found(edit(("version: 1.1.0", "version: 1.0.0")), before)
    assert refusal.diagnostic.path == "version"
    assert "1.1.0 is already published" in refusal.diagnostic.message


@pytest.mark.parametrize(
    ("status", "stages"),
    [
        ("active", "with status: deprecated and then with status: retired"),
        ("draft", "with status: deprecated and then with status: retired"),
        ("deprecated", "deploy it with status: retired"),
    ],
)
def test_a_product_is_not_just_removed(edit: Edit, status: str, stages: str) -> None:
    before = deployed(edit(("status: active", f"status: {status}")))
    (refusal,) = found((), before)
    assert refusal.diagnostic.file == "domains/sales/orders"
    assert f"version 1.0.0 is deployed as {status}" in refusal.diagnostic.message
    assert stages in refusal.diagnostic.message


def test_a_deprecated_contract_retires_under_its_version(edit: Edit) -> None:
    active, deprecated = deployed(edit()), deployed(edit(("status: active", "status: deprecated")))
    assert found(edit(), active) == []
    retired = edit(("status: deprecated", "status: retired"))
    assert found(retired, deprecated) == []
    (refusal,) = found(retired, active)
    assert "nobody was told by a deprecated version" in refusal.diagnostic.message


def test_a_retired_product_can_be_removed(edit: Edit) -> None:
    assert found((), deployed(edit(("status: active", "status: retired")))) == []


def test_a_product_before_its_first_major_version_can_be_removed(edit: Edit) -> None:
    assert found((), deployed(edit(("version: 1.0.0", "version: 0.9.0")))) == []


def test_a_deployed_contract_that_cannot_be_read_is_not_passed_over(edit: Edit) -> None:
    products = edit()
    before = deployed(products)["orders"]
    (refusal,) = found(products, {"orders": replace(before, contract="{")})
    assert refusal.diagnostic.file == CONTRACT
    assert "the deployed contract of sales/orders" in refusal.diagnostic.message
    other = json.dumps(json.loads(before.contract) | {"apiVersion": "v9.0.0"})
    (refusal,) = found(products, {"orders": replace(before, contract=other)})
    assert "apiVersion" in refusal.diagnostic.message


def test_another_form_of_the_files_breaks_partners(edit: Edit) -> None:
    before = deployed(edit())
    blanks = "      - property: whitespace\n        value: true\n"
    (refusal,) = found(edit((blanks, "      - property: whitespace\n        value: false\n")), before)
    assert (refusal.diagnostic.file, refusal.diagnostic.path) == (PRODUCT, "inputPorts")
    assert "file.whitespace: file changed (True → False)" in refusal.diagnostic.message
    assert "has to be 2.0.0, found 1.0.0" in refusal.diagnostic.message
    assert found(edit(("version: 1.0.0", "version: 2.0.0")), before) == []


def test_files_that_are_no_longer_taken_break_partners(edit: Edit) -> None:
    before = deployed(edit())
    (refusal,) = found(edit(("value: sftp", "value: none")), before)
    assert "files refused" in refusal.diagnostic.message


@pytest.mark.parametrize(("was", "now", "breaks"), [("optional", "required", 1), ("required", "optional", 0)])
def test_a_demand_on_files_may_be_dropped(edit: Edit, was: str, now: str, breaks: int) -> None:
    products = edit()
    before, after = deployed(products)["orders"], products[0].validator["file"]
    assert before.file is not None
    changed = replace(products[0], validator=products[0].validator | {"file": after | {"finalLineEnd": now}})
    earlier = replace(before, file={**before.file, "finalLineEnd": was})
    assert len(found((changed,), {"orders": earlier})) == breaks


def test_a_setting_that_an_older_release_did_not_know_breaks_nobody(edit: Edit) -> None:
    products = edit()
    before = deployed(products)["orders"]
    assert found(products, {"orders": replace(before, file={"header": True})}) == []
    assert found(products, {"orders": replace(before, file=None)}) == []
