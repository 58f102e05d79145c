"""LF-Tags: what Lake Formation's access expressions say about a product's table and its columns.

A column inherits the table's tags and may override them with values of its own (Lake Formation developer guide,
"Lake Formation tag-based access control"). Keys and values are lower case there.
"""

from __future__ import annotations

from collections.abc import Mapping

from components.contracts.table import Table
from components.foundation.classification import Classification

CLASSIFICATION, DOMAIN, PRODUCT = "classification", "domain", "product"


def table_tags(domain: str, product: str, classification: Classification) -> Mapping[str, str]:
    """The tags of a product's table."""
    return {DOMAIN: domain.lower(), PRODUCT: product.lower(), CLASSIFICATION: str(classification)}


def column_tags(table: Table, inherited: Classification) -> Mapping[str, Mapping[str, str]]:
    """By column, the tags in which it differs from the table. A partition key shows its field's values, so it has its
    field's tags."""
    own = {
        field.name: field.classification
        for field in table.fields
        if field.classification is not None and field.classification is not inherited
    }
    keys = {each.name: own[each.field] for each in table.partitions if each.field in own}
    return {name.lower(): {CLASSIFICATION: str(value)} for name, value in {**own, **keys}.items()}
