"""The product as a whole: orders, a second one of another kind, and what keeps a pair of files from being a product."""

from pathlib import Path

import pytest

from components.contracts import Context, ContractError, DataProduct, load_products, odcs, odps, source
from components.contracts.product import compile_product

REPOSITORY = Path(__file__).parents[3]
CONTEXT = Context(catalog_id="111111111111", database="acme_prod_sales", bucket="acme-sales-prod-products")
ORDERS = REPOSITORY / "domains/sales/orders"


@pytest.fixture(scope="module")
def orders() -> DataProduct:
    (product,) = [
        each for each in load_products(REPOSITORY, "sales", CONTEXT, "sourceAligned") if each.name == "orders"
    ]
    return product


@pytest.fixture(scope="module")
def shipments() -> DataProduct:
    (product,) = load_products(Path(__file__).parent / "second", "sales", CONTEXT, "sourceAligned")
    return product


def test_orders_is_what_its_files_say(orders: DataProduct) -> None:
    assert (orders.domain, orders.version, orders.owner, orders.type) == (
        "sales",
        "1.0.0",
        "sales-data-team",
        "sourceAligned",
    )
    assert orders.classification == "confidential"
    assert orders.location == "s3://acme-sales-prod-products/orders/v1/"
    assert orders.service_levels["retention"] == "7 y"
    assert [port.connector for port in orders.input_ports] == ["sftp"]
    assert [(port.name, port.contract_id) for port in orders.output_ports] == [("orders", "sales.orders")]
    assert {each.severity for each in orders.diagnostics} <= {"notice"}


def test_orders_table(orders: DataProduct) -> None:
    table = orders.table
    assert [(column.name, column.type) for column in table.columns] == [
        ("customer_id", "string"),
        ("order_date", "date"),
        ("quantity", "int"),
        ("amount", "decimal(10,2)"),
    ]
    assert all(column.comment for column in (*table.columns, *table.partition_keys))
    assert [(column.name, column.type) for column in table.partition_keys] == [("order_month", "string")]
    assert table.parameters["classification"] == "parquet"
    assert table.parameters["contract.version"] == "1.0.0"
    assert table.parameters["sla.latency"] == "1 h"


def test_orders_tags(orders: DataProduct) -> None:
    assert orders.lf_tags == {"domain": "sales", "product": "orders", "classification": "confidential"}
    internal = {"classification": "internal"}
    assert orders.column_lf_tags == {
        "order_date": internal,
        "quantity": internal,
        "amount": internal,
        "order_month": internal,
    }


def test_orders_validator_knows_the_real_file(orders: DataProduct) -> None:
    validator = orders.validator
    assert validator["product"] == {
        "domain": "sales",
        "name": "orders",
        "version": "1.0.0",
        "owner": "sales-data-team",
        "classification": "confidential",
    }
    assert validator["file"]["whitespace"] is True
    assert {field["source"]: (field["name"], field["type"], field["format"]) for field in validator["fields"]} == {
        "customer_id": ("customer_id", "string", None),
        "date": ("order_date", "date", "%Y%m%d"),
        "number_of_cds": ("quantity", "int32", None),
        "dollar_value": ("amount", "decimal", None),
    }
    amount = validator["fields"][3]
    assert (amount["precision"], amount["scale"], amount["minimum"], amount["exclusiveMinimum"]) == (10, 2, 0, None)
    assert validator["primaryKey"] == []
    assert validator["partitions"] == [{"name": "order_month", "field": "order_date", "transform": "month"}]
    assert [(rule["name"], rule["type"]) for rule in validator["rules"]] == [
        ("file_is_not_empty", "rowCount"),
        ("every_order_has_a_customer", "missingValues"),
    ]


def test_orders_ruleset_has_the_rules_of_the_set_too(orders: DataProduct) -> None:
    assert "RowCount > 0" in orders.ruleset
    assert "COUNT(DISTINCT customer_id, order_date, quantity, amount)" in orders.ruleset
    assert 'ColumnValues "amount" >= 0' in orders.ruleset


def test_a_second_product_needs_two_files_and_no_code(shipments: DataProduct) -> None:
    assert [(column.name, column.type) for column in shipments.table.columns] == [
        ("leg", "int"),
        ("parcel_id", "bigint"),
        ("carrier", "string"),
        ("postcode", "string"),
        ("weight_kg", "decimal(9,3)"),
        ("distance_km", "double"),
        ("insured", "boolean"),
        ("due", "date"),
        ("packed_at", "timestamp"),
        ("handed_over_at", "timestamp"),
    ]
    assert [column.name for column in shipments.table.partition_keys] == ["handed_over_day", "carrier_identity"]
    validator = shipments.validator
    assert validator["primaryKey"] == ["parcel_id", "leg"]
    assert validator["table"]["prefix"] == "shipments/v2/"
    assert validator["file"] == {
        "format": "delimited",
        "delimiter": ";",
        "whitespace": False,
        "header": True,
        "encoding": "iso-8859-1",
        "quote": "'",
        "nullValues": ["", "NULL"],
        "finalLineEnd": "optional",
    }
    fields = {field["name"]: field for field in validator["fields"]}
    assert (fields["leg"]["minimum"], fields["leg"]["maximum"]) == (1, 255)
    assert (fields["due"]["format"], fields["due"]["minimum"]) == ("%d/%m/%Y", "2020-01-01")
    assert (fields["packed_at"]["type"], fields["handed_over_at"]["type"]) == ("timestamp", "timestamptz")
    assert fields["handed_over_at"]["timezone"] == "Europe/Berlin"
    assert [name for name, field in fields.items() if not field["required"]] == [
        "postcode",
        "weight_kg",
        "distance_km",
        "insured",
        "due",
        "packed_at",
    ]
    assert {field["classification"] for field in fields.values()} == {"restricted"}
    assert 'IsPrimaryKey "parcel_id" "leg"' in shipments.ruleset
    assert [each.severity for each in shipments.diagnostics] == ["warning", "warning"]


def compile_changed(product: tuple[str, str] = ("", ""), contract: tuple[str, str] = ("", "")) -> DataProduct:
    """Orders with one text replaced in either file."""
    texts = []
    for file, (old, new) in (("product.odps.yaml", product), ("contract.odcs.yaml", contract)):
        text = (ORDERS / file).read_text()
        assert old in text
        texts.append(source.parse(text.replace(old, new), file))
    return compile_product(odps.product(texts[0]), odcs.contract(texts[1]), CONTEXT)


@pytest.mark.parametrize(
    ("change", "file", "said"),
    [
        ({"product": ("name: orders\n", "name: Orders!\n")}, "product", "lower-case words joined by hyphens"),
        ({"product": ("version: 1.0.0", "version: latest")}, "product", "expected a semantic version"),
        ({"contract": ("version: 1.0.0", "version: '1'")}, "contract", "expected a semantic version"),
        ({"product": ("domain: sales\n", "")}, "product", "expected the domain that owns"),
        (
            {"product": ("domain: sales\n", "domain: hr\n")},
            "product",
            "but the contract contract.odcs.yaml says 'sales'",
        ),
        ({"product": ("contractId: sales.orders", "contractId: other")}, "product", "found 'other'"),
        ({"contract": ("version: 1.0.0", "version: 1.1.0")}, "product", "has version '1.1.0'"),
        ({"product": ("value: confidential", "value: internal")}, "contract", "customer_id is confidential, above"),
        ({"product": ("value: confidential", "value: secret")}, "product", "found 'secret'"),
        ({"product": ("value: delimited", "value: xlsx")}, "product", "expected one of delimited as the file's format"),
        ({"product": ("value: utf-8", "value: utf-99")}, "product", "the name of a text encoding"),
        ({"product": ("value: utf-8", "value: base64")}, "product", "the name of a text encoding"),
        (
            {"product": ("property: whitespace\n        value: true", "property: delimiter\n        value: tab")},
            "product",
            "one ASCII character",
        ),
        (
            {"product": ("property: whitespace\n        value: true", "property: delimiter\n        value: '§'")},
            "product",
            "one ASCII character",
        ),
        (
            {"product": ("property: whitespace\n        value: true", "property: delimiter\n        value: '\"'")},
            "product",
            "a delimiter and a quote that differ",
        ),
        ({"product": ("value: utf-8", "value: idna")}, "product", "the name of a text encoding"),
        (
            {"product": ("property: encoding\n        value: utf-8", "property: finalLineEnd\n        value: never")},
            "product",
            "expected one of optional, required as the file's finalLineEnd, found 'never'",
        ),
        (
            {"contract": ("physicalName: orders", "physicalName: the orders")},
            "contract",
            "letters, digits and underscores",
        ),
        (
            {"contract": ("logicalType: string\n        physicalType: string", "physicalType: blob")},
            "contract",
            "expected a logicalType",
        ),
        (
            {
                "contract": (
                    "      - name: customer_id",
                    "      - {name: labels, logicalType: array, items: {logicalType: string}, required: true}\n"
                    "      - name: customer_id",
                )
            },
            "contract",
            "cannot deliver a array<string>, and the column is required",
        ),
    ],
)
def test_what_is_no_product_is_refused_in_its_file(change: dict[str, tuple[str, str]], file: str, said: str) -> None:
    with pytest.raises(ContractError) as refused:
        compile_changed(**change)
    assert any(
        each.file.startswith(file) and said in each.message and each.line for each in refused.value.diagnostics
    ), refused.value


def test_a_contract_without_an_object_is_no_product() -> None:
    text = (ORDERS / "contract.odcs.yaml").read_text()
    document = source.parse(text[: text.index("schema:")], "contract.odcs.yaml")
    with pytest.raises(ContractError, match="expected an object that becomes the product's table"):
        compile_product(odps.load(ORDERS / "product.odps.yaml"), odcs.contract(document), CONTEXT)


def test_a_product_without_a_rule_is_warned_of_the_guardrail() -> None:
    text = """
apiVersion: v3.1.0
kind: DataContract
id: sales.orders
version: 1.0.0
status: active
schema:
  - {name: orders, properties: [{name: note, logicalType: string}]}
"""

    def warnings(text: str) -> list[str]:
        product = odps.load(ORDERS / "product.odps.yaml")
        compiled = compile_product(product, odcs.contract(source.parse(text, "contract.odcs.yaml")), CONTEXT)
        return [each.message for each in compiled.diagnostics if each.severity == "warning"]

    assert any("product-quality" in message for message in warnings(text))
    assert warnings(text.replace("logicalType: string", "logicalType: string, required: true")) == []


def test_a_product_without_any_classification_is_refused_and_one_column_s_is_enough() -> None:
    bare = "  - property: classification\n    value: confidential\n"
    text = (ORDERS / "product.odps.yaml").read_text()
    assert bare in text
    line = next(line for line in text.splitlines(True) if "it chooses the key" in line)
    product = odps.product(source.parse(text.replace(bare + line, ""), "product.odps.yaml"))
    contract = (ORDERS / "contract.odcs.yaml").read_text()
    derived = compile_product(product, odcs.contract(source.parse(contract, "c")), CONTEXT)
    assert derived.classification == "confidential"
    silent = "\n".join(line for line in contract.splitlines() if "classification:" not in line)
    with pytest.raises(ContractError, match="expected a custom property classification"):
        compile_product(product, odcs.contract(source.parse(silent, "c")), CONTEXT)


def test_a_second_object_is_said_not_to_be_compiled() -> None:
    text = (ORDERS / "contract.odcs.yaml").read_text()
    more = "schema:\n  - name: returns\n    properties: [{name: a, logicalType: date}]\n"
    contract = odcs.contract(source.parse(text.replace("schema:\n", more, 1), "contract.odcs.yaml"))
    product = compile_product(odps.load(ORDERS / "product.odps.yaml"), contract, CONTEXT)
    assert product.table.name == "orders"
    assert ["is not compiled" in each.message for each in product.diagnostics if each.severity == "warning"] == [True]


def test_an_optional_nested_column_stays_empty_and_is_said_to() -> None:
    nested = "    properties:\n      - {name: labels, logicalType: array, items: {logicalType: string}}\n"
    product = compile_changed(
        contract=("    properties:\n      - name: customer_id", nested + "      - name: customer_id")
    )
    assert product.table.columns[0].type == "array<string>"
    assert "labels" not in {field["name"] for field in product.validator["fields"]}
    assert any("the column stays empty" in each.message for each in product.diagnostics)


def test_a_port_with_another_contract_is_said_not_to_be_deployed() -> None:
    other = "outputPorts:\n  - {name: summary, version: 1.0.0, contractId: sales.summary}\n"
    product = compile_changed(product=("outputPorts:\n", other))
    (warning,) = [each for each in product.diagnostics if each.severity == "warning"]
    assert warning.path == "outputPorts[0].contractId"
    assert "'sales.summary' is not the contract beside the product" in warning.message


def test_files_come_in_through_one_port() -> None:
    port = "name: x, version: 1.0.0, contractId: a, customProperties: [{property: connector, value: sftp}]"
    more = f"inputPorts:\n  - {{{port}}}\n"
    with pytest.raises(ContractError, match="a product takes files through one port; this is a second one"):
        compile_changed(product=("inputPorts:\n", more))


@pytest.mark.parametrize(
    ("change", "path", "said"),
    [
        (
            {"product": ("property: classification", "property: clasification")},
            "customProperties[0].property",
            "did you mean 'classification'?",
        ),
        (
            {"product": ("property: whitespace", "property: whitespaces")},
            "inputPorts[0].customProperties[2].property",
            "did you mean 'whitespace'?",
        ),
        (
            {"contract": ("property: partitionName", "property: partionName")},
            "schema[0].properties[1].customProperties[1].property",
            "did you mean 'partitionName'?",
        ),
        ({"product": ("value: sftp", "value: pigeon")}, "inputPorts[0]", "no connector 'pigeon' is deployed"),
    ],
)
def test_a_word_that_is_almost_read_is_a_warning(change: dict[str, tuple[str, str]], path: str, said: str) -> None:
    (warning,) = [each for each in compile_changed(**change).diagnostics if each.severity == "warning"]
    assert warning.path == path
    assert said in warning.message


def test_a_port_is_declared_once() -> None:
    twice = "outputPorts:\n  - {name: orders, version: 1.0.0, contractId: sales.orders}\n"
    with pytest.raises(ContractError, match="is already outputPorts"):
        compile_changed(product=("outputPorts:\n", twice))


def test_service_levels_of_one_kind_are_told_apart_by_their_element() -> None:
    more = "slaProperties:\n  - {property: retention, value: 30, unit: d, element: orders.amount}\n"
    levels = compile_changed(contract=("slaProperties:\n", more)).service_levels
    assert (levels["retention.orders.amount"], levels["retention.orders.order_date"]) == ("30 d", "7 y")
    assert levels["latency"] == "1 h"
