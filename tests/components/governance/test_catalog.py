"""The catalog's tags and registrations, as far as they are decided without a cloud."""

from __future__ import annotations

import pytest

from components.foundation.classification import Classification
from components.governance.catalog import LF_TAG_VALUES_LIMIT, DomainRegistration, domain_tag_values, lf_tags
from tests.components.harness import make_account


def registration(**changes: object) -> DomainRegistration:
    return DomainRegistration(account=make_account(), **changes)  # type: ignore[arg-type]


def test_a_domain_may_give_its_own_name_its_products_and_any_classification() -> None:
    values = domain_tag_values("sales", registration(products=["returns", "orders"]))
    assert values["domain"] == ("sales",)
    assert values["product"] == ("orders", "returns")
    assert values["classification"] == ("public", "internal", "confidential", "restricted")


def test_a_domain_without_products_adds_no_empty_tag() -> None:
    assert "product" not in domain_tag_values("sales", registration())


def test_tags_of_all_domains_are_merged_without_repeats() -> None:
    both = lf_tags({"sales": registration(products=["orders"]), "shop": registration(products=["orders", "visits"])})
    assert both["domain"] == ("sales", "shop")
    assert both["product"] == ("orders", "visits")


def test_more_values_than_lake_formation_takes_are_refused() -> None:
    many = [f"product{number}" for number in range(LF_TAG_VALUES_LIMIT + 1)]
    with pytest.raises(ValueError, match="1001 values of LF-Tag 'product'"):
        lf_tags({"sales": registration(products=many)})


def test_the_hub_reads_under_every_key_the_domain_has_used() -> None:
    grant = registration(classifications=[Classification.CONFIDENTIAL, Classification.RESTRICTED]).reading
    aliases = {
        value
        for statement in grant.statements
        for condition in statement.conditions
        if condition.key == "kms:ResourceAliases"
        for value in condition.values
    }
    assert aliases == {"alias/acme-sales-prod-confidential", "alias/acme-sales-prod-restricted"}
    actions = {action for statement in grant.statements for action in statement.actions}
    assert not {action for action in actions if "Put" in action or "Delete" in action}
