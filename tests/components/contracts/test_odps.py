"""The product model against its standard, transcribed once more and independently as a table."""

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from components.contracts import odps, source
from components.contracts.diagnostics import ContractError

ORDERS = Path(__file__).parents[3] / "domains/sales/orders/product.odps.yaml"

# Kind of mapping -> its keys in ODPS 1.0: `!` required, `[x]` a list of x, otherwise text, a kind, or `any`.
COMMON = {"tags": "[text]", "customProperties": "[Custom]", "authoritativeDefinitions": "[Definition]"}
V1_0: dict[str, dict[str, str]] = {
    "Product": {
        **dict.fromkeys(("name", "version", "domain", "tenant", "productCreatedTs"), "text"),
        "id": "text!",
        "status": "text!",
        "description": "Description",
        "team": "Team",
        "support": "[Support]",
        "inputPorts": "[Input]",
        "outputPorts": "[Output]",
        "managementPorts": "[Management]",
        **COMMON,
    },
    "Description": {
        **dict.fromkeys(("purpose", "limitations", "usage"), "text"),
        **{key: COMMON[key] for key in ("customProperties", "authoritativeDefinitions")},
    },
    "Custom": {"property": "text!", "value": "any!", "description": "text"},
    "Definition": {"type": "text!", "url": "text!", "description": "text"},
    "Input": {"name": "text!", "version": "text!", "contractId": "text!", **COMMON},
    "Output": {
        "name": "text!",
        "version": "text!",
        "contractId": "text",
        "description": "text",
        "type": "text",
        "sbom": "[SBOM]",
        "inputContracts": "[Dependency]",
        **COMMON,
    },
    "SBOM": {"type": "text", "url": "text!"},
    "Dependency": {"id": "text!", "version": "text!"},
    "Management": {
        "name": "text!",
        "content": "text!",
        **dict.fromkeys(("type", "url", "channel", "description"), "text"),
        **COMMON,
    },
    "Support": {
        "channel": "text!",
        "url": "text!",
        **dict.fromkeys(("description", "tool", "scope", "invitationUrl"), "text"),
        **COMMON,
    },
    "Team": {"name": "text", "description": "text", "members": "[Member]", **COMMON},
    "Member": {
        "username": "text!",
        **dict.fromkeys(("name", "description", "role", "dateIn", "dateOut", "replacedByUsername"), "text"),
        **COMMON,
    },
}
NOT_TEXT: list[Any] = [None, 1, 1.5, True, ["a"], {"a": "b"}]


def values(kind: str) -> st.SearchStrategy[Any]:
    if kind.startswith("["):
        return st.lists(st.deferred(lambda: values(kind[1:-1])), max_size=2)
    if kind == "text":
        return st.sampled_from(["", "words", "2024-01-01", "https://a.example"])
    if kind == "any":
        return st.sampled_from([None, 1, "x", [1, {"a": None}], {}])
    keys = V1_0[kind]
    return st.fixed_dictionaries(
        {key: st.deferred(lambda rule=rule: values(rule[:-1])) for key, rule in keys.items() if rule.endswith("!")},
        optional={
            key: st.deferred(lambda rule=rule: values(rule)) for key, rule in keys.items() if not rule.endswith("!")
        },
    )


PRODUCTS = values("Product").map(lambda product: {"apiVersion": "v1.0.0", "kind": "DataProduct", **product})


def load(document: Any) -> odps.Product:
    return odps.product(source.parse(yaml.safe_dump(document, sort_keys=False), "product.yaml"))


def kinds(value: Any, kind: str, at: tuple[Any, ...] = ()) -> list[tuple[tuple[Any, ...], str]]:
    """Every mapping in a product and what kind it is."""
    if kind.startswith("["):
        return [found for index, each in enumerate(value) for found in kinds(each, kind[1:-1], (*at, index))]
    if kind not in V1_0:
        return []
    below = [
        found
        for key, rule in V1_0[kind].items()
        if key in value
        for found in kinds(value[key], rule.rstrip("!"), (*at, key))
    ]
    return [(at, kind), *below]


@settings(max_examples=60, deadline=None)
@given(PRODUCTS)
def test_every_document_of_the_standard_is_taken(document: Any) -> None:
    assert load(document).model.model_dump(exclude_unset=True) == document


@settings(max_examples=150, deadline=None)
@given(PRODUCTS, st.data())
def test_every_deviation_is_refused_by_its_name(document: Any, data: st.DataObject) -> None:
    document = copy.deepcopy(document)
    place, kind = data.draw(st.sampled_from(kinds(document, "Product")))
    mapping = document
    for key in place:
        mapping = mapping[key]
    texts = [key for key, rule in V1_0[kind].items() if rule.startswith("text") and key in mapping]
    required = [key for key, rule in V1_0[kind].items() if rule.endswith("!")]
    match data.draw(st.sampled_from(["unknown"] + ["wrong"] * bool(texts) + ["missing"] * bool(required))):
        case "unknown":
            key = "unheardOf"
            mapping[key] = "x"
        case "wrong":
            key = data.draw(st.sampled_from(texts))
            mapping[key] = data.draw(st.sampled_from(NOT_TEXT))
        case _:
            key = data.draw(st.sampled_from(required))
            del mapping[key]
    with pytest.raises(ContractError) as refused:
        load(document)
    assert any(each.path.endswith(key) for each in refused.value.diagnostics)


NEW_IN_1_1: list[tuple[str, str, Any]] = [
    ("", "type", "aggregate"),
    ("", "type", "a kind of our own"),
    ("", "deprecated", True),
    ("", "synonyms", [{"synonym": "sales", "locale": "en-GB"}]),
    (
        "",
        "context",
        {"instructions": "x", "constraints": [{"constraint": "x"}], "verifiedStatements": [{"question": "x"}]},
    ),
    ("inputPorts", "id", "x"),
    ("inputPorts", "deprecated", False),
    ("outputPorts", "id", "x"),
    ("outputPorts", "deprecated", True),
    ("outputPorts", "synonyms", []),
    ("outputPorts", "context", {}),
    ("managementPorts", "id", "x"),
    ("managementPorts", "deprecated", True),
    ("support", "id", "x"),
    ("customProperties", "id", "x"),
]


@pytest.mark.parametrize(("section", "key", "value"), NEW_IN_1_1)
def test_a_key_of_1_1_belongs_to_1_1_only(section: str, key: str, value: Any) -> None:
    document = source.read(ORDERS).value
    del document["type"]
    (document[section][0] if section else document)[key] = value
    load(document)
    document["apiVersion"] = "v1.0.0"
    with pytest.raises(ContractError, match=f"{key}: is a key since v1.1.0"):
        load(document)


@pytest.mark.parametrize(
    ("section", "key"),
    [("", "status"), ("inputPorts", "version"), ("inputPorts", "contractId"), ("outputPorts", "version")],
)
def test_what_1_1_made_optional_is_required_in_1_0(section: str, key: str) -> None:
    document = source.read(ORDERS).value
    del document["type"]
    del (document[section][0] if section else document)[key]
    load(document)
    document["apiVersion"] = "v1.0.0"
    with pytest.raises(ContractError, match=f"{key}: is missing"):
        load(document)


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("tags: [push]", "tags: push", "inputPorts[0].tags"),
        ("contractId: sales.orders", "contractID: sales.orders", "inputPorts[0].contractID"),
        ("type: sourceAligned", "type: 5", "type"),
        ("kind: DataProduct", "kind: Product", "kind"),
        ("apiVersion: v1.1.0", "apiVersion: v2.0.0", "apiVersion"),
        ("  name: sales-data-team", "  name:", "team.name"),
    ],
)
def test_a_refusal_names_line_and_path(old: str, new: str, path: str) -> None:
    text = ORDERS.read_text()
    assert old in text
    line = text[: text.index(old)].count("\n") + 1
    with pytest.raises(ContractError) as refused:
        odps.product(source.parse(text.replace(old, new, 1), "product.yaml"))
    (first, *_) = refused.value.diagnostics
    assert (first.file, first.line, first.path) == ("product.yaml", line, path)


def test_a_list_is_no_product() -> None:
    with pytest.raises(ContractError, match="expected a mapping, found a list of 1"):
        load(["a"])
