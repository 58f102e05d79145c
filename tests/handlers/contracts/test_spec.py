"""The validator document: what the compiler emits is what the handlers read, and nothing else is taken."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from components.contracts import Context, load_products
from handlers.contracts.spec import Contract, load

ROOT = Path(__file__).parents[3]


def test_every_compiled_product_is_read() -> None:
    context = Context(catalog_id="111111111111", database="acme_prod_sales", bucket="products")
    domains = [folder.name for folder in (ROOT / "domains").iterdir() if folder.is_dir()]
    products = [product for domain in domains for product in load_products(ROOT, domain, context)]
    read = {product.name: Contract.model_validate_json(json.dumps(product.validator)) for product in products}
    assert read["orders"].field("amount").precision == 10
    assert read["orders"].partitions[0].transform == "month"


def test_the_document_is_found_beside_the_code(tmp_path: Path, document: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "contract.json").write_text(json.dumps(document()))
    monkeypatch.setenv("LAMBDA_TASK_ROOT", str(tmp_path))
    monkeypatch.setenv("MESH_CONTRACT", "contract.json")
    assert load().product.source == "mesh.sales.orders"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": 2}, "format"),
        ({"surprise": 1}, "surprise"),
        ({"file": {"encoding": "klingon"}}, "'klingon' is no encoding"),
        ({"file": {"encoding": "idna"}}, "'idna' is no encoding"),
        ({"file": {"quote": ","}}, "delimiter and quote are both ','"),
        ({"rules": [{"name": "r", "type": "duplicateValues", "mustBe": 0}]}, "r: duplicateValues needs fields"),
        (
            {"rules": [{"name": "r", "type": "invalidValues", "fields": ["amount"], "mustBe": 0}]},
            "needs validValues or a pattern",
        ),
        ({"file": {"delimiter": "||"}}, "delimiter"),
        ({"file": {"delimiter": "§"}}, "delimiter is '§'; expected one ASCII character"),
        ({"file": {"quote": "\n"}}, "quote"),
        ({"fields": []}, "fields"),
        ({"fields": [{"name": "a", "source": "a", "type": "money"}]}, "type"),
        ({"fields": [{"name": "a", "source": "a", "type": "decimal", "scale": 2}]}, "a: a decimal needs a precision"),
        ({"fields": [{"name": "a", "source": x, "type": "int32"} for x in "xy"]}, "two fields have one name"),
        ({"primaryKey": ["id"]}, "unknown field id; expected one of customer_id"),
        ({"partitions": [{"name": "m", "field": "amount", "transform": "week"}]}, "transform"),
    ],
)
def test_another_document_is_refused(document: Any, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Contract.model_validate(document(**changes))
