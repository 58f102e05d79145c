"""Which folders are products of a domain, and what is refused about them."""

import shutil
from pathlib import Path

import pytest

from components.contracts import Context, ContractError, load_products

REPOSITORY = Path(__file__).parents[3]
CONTEXT = Context(catalog_id="111111111111", database="acme_prod_sales", bucket="products")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with the orders product."""
    shutil.copytree(REPOSITORY / "domains/sales/orders", tmp_path / "domains/sales/orders")
    return tmp_path


def refused(root: Path, domain: str = "sales", alignment: str = "sourceAligned") -> list[str]:
    with pytest.raises(ContractError) as error:
        load_products(root, domain, CONTEXT, alignment)
    return [str(each) for each in error.value.diagnostics]


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_products_are_found_by_folder_and_called_by_their_path_from_the_root(root: Path) -> None:
    (product,) = load_products(root, "sales", CONTEXT)
    assert product.product_file == "domains/sales/orders/product.odps.yaml"
    assert product.contract_file == "domains/sales/orders/contract.odcs.yaml"


def test_a_domain_without_a_folder_has_no_product(root: Path) -> None:
    assert load_products(root, "finance", CONTEXT) == ()


def test_a_second_product_is_two_files(root: Path) -> None:
    shutil.copytree(Path(__file__).parent / "second/domains/sales/shipments", root / "domains/sales/shipments")
    assert [each.name for each in load_products(root, "sales", CONTEXT)] == ["orders", "shipments"]


@pytest.mark.parametrize("file", ["contract.odcs.yaml", "product.odps.yaml"])
def test_a_product_without_one_of_its_files_is_refused(root: Path, file: str) -> None:
    (root / "domains/sales/orders" / file).unlink()
    (said,) = refused(root)
    assert said.startswith(f"domains/sales/orders: error: expected {file} in it")


def test_two_products_of_one_name_are_refused(root: Path) -> None:
    shutil.copytree(root / "domains/sales/orders", root / "domains/sales/orders-again")
    told = refused(root)
    assert any("the product name 'orders' is already taken by domains/sales/orders/" in each for each in told)
    assert any("the table name 'orders' is already taken" in each for each in told)
    assert any("the output port name 'orders' is already taken" in each for each in told)
    assert any("expected 'orders-again', the folder's name; found 'orders'" in each for each in told)


def test_a_product_in_another_domain_s_folder_is_refused(root: Path) -> None:
    (root / "domains/sales").rename(root / "domains/finance")
    (said,) = refused(root, "finance")
    assert said.startswith(
        "domains/finance/orders/product.odps.yaml:8: error: domain: expected 'finance', the folder's"
    )


def test_a_product_of_another_alignment_than_its_domain_s_is_refused(root: Path) -> None:
    (said,) = refused(root, alignment="aggregate")
    assert (
        "product.odps.yaml:7: error: type: expected 'aggregate', as the domain sales is; found 'sourceAligned'" in said
    )


def test_a_product_of_odps_1_0_has_no_alignment_to_compare(root: Path) -> None:
    file = root / "domains/sales/orders/product.odps.yaml"
    edit(file, "type: sourceAligned\n", "")
    edit(file, "apiVersion: v1.1.0", "apiVersion: v1.0.0")
    assert load_products(root, "sales", CONTEXT, "aggregate")


def test_everything_wrong_in_a_domain_is_told_at_once(root: Path) -> None:
    shutil.copytree(root / "domains/sales/orders", root / "domains/sales/returns")
    edit(root / "domains/sales/orders/product.odps.yaml", "kind: DataProduct", "kind: Thing")
    edit(root / "domains/sales/orders/contract.odcs.yaml", "logicalType: number", "logicalType: money")
    edit(root / "domains/sales/returns/contract.odcs.yaml", "logicalType: number", "logicalType: money")
    assert [each.split(":")[0] for each in refused(root)] == [
        "domains/sales/orders/product.odps.yaml",
        "domains/sales/orders/contract.odcs.yaml",
        "domains/sales/returns/contract.odcs.yaml",
    ]


def test_files_beside_the_products_are_no_products(root: Path) -> None:
    (root / "domains/sales/README.md").write_text("words")
    (root / "domains/sales/.cache").mkdir()
    assert len(load_products(root, "sales", CONTEXT)) == 1
