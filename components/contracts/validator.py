"""The document that the handlers run: everything a delivered file is checked against and where its rows go.

Handlers import no component, so this is plain JSON. Keys are camelCase; what is absent in the contract is null.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from components.contracts.delivery import FileFormat
from components.contracts.quality import Rule
from components.contracts.table import Field, Partition, Table
from components.contracts.values import held
from components.foundation.classification import Classification

FORMAT = 1
"""Raised when a handler that knows the old document would misread the new one."""

Json = dict[str, Any]


def validator(
    *,
    product: Mapping[str, str],
    contract: Mapping[str, str],
    file: FileFormat | None,
    place: Mapping[str, str],
    table: Table,
) -> Json:
    """The validator of a product.

    `product` has domain, name, version, owner and classification, `contract` id and version, `place` catalogId,
    database, name, bucket and prefix. `file` is None when the product takes no files.
    """
    classification = Classification(product["classification"])
    fields = [each for each in table.fields if each.type.value is not None]
    names = {each.name for each in fields}
    return {
        "format": FORMAT,
        "product": dict(product),
        "contract": dict(contract),
        "file": file.as_json() if file else None,
        "table": dict(place),
        "fields": [_field(each, classification) for each in fields],
        "primaryKey": list(table.primary_key),
        "partitions": [_partition(each) for each in table.partitions],
        "rules": [
            *(_unique(each, table) for each in fields if each.unique and table.primary_key != (each.name,)),
            *(_rule(each, table) for each in table.rules if isinstance(each, Rule) and names.issuperset(each.fields)),
        ],
    }


def _field(field: Field, inherited: Classification) -> Json:
    return {
        "name": field.name,
        "source": field.source,
        "type": field.type.value,
        "format": field.format,
        "required": field.required,
        "precision": field.type.precision,
        "scale": field.type.scale,
        "timezone": field.timezone,
        "minLength": field.min_length,
        "maxLength": field.max_length,
        "pattern": field.pattern,
        "minimum": field.least,
        "maximum": field.greatest,
        "exclusiveMinimum": field.exclusive_minimum,
        "exclusiveMaximum": field.exclusive_maximum,
        "enum": None if field.enum is None else list(field.enum),
        "classification": str(field.classification or inherited),
    }


def _partition(partition: Partition) -> Json:
    return {"name": partition.name, "field": partition.field, "transform": partition.transform}


def _unique(field: Field, table: Table) -> Json:
    name = f"{field.name}_is_unique"
    return _rule(Rule(name=name, metric="duplicateValues", fields=(field.name,), conditions={"mustBe": 0}), table)


def _rule(rule: Rule, table: Table) -> Json:
    return {
        "name": rule.name,
        "type": rule.metric,
        "fields": list(rule.fields),
        **rule.conditions,
        "unit": rule.unit,
        "severity": rule.severity,
        "arguments": {name: _argument(value, rule, table) for name, value in rule.arguments.items()},
    }


def _argument(value: Any, rule: Rule, table: Table) -> Any:
    return list(held(table.field(rule.fields[0]), value)) if isinstance(value, list) else value
