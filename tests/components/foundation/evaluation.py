"""Just enough of IAM's evaluation to ask a policy what it says of one request: the operators that foundation uses."""

import json
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any


def matching(policy: str, context: Mapping[str, str], *, action: str, resource: str = "*") -> list[str]:
    """Effect and Sid of every statement that applies to the request."""
    found = []
    for statement in json.loads(policy)["Statement"]:
        if (
            _any(statement["Action"], action)
            and (resource == "*" or _any(statement["Resource"], resource))
            and all(
                _holds(operator, key, _listed(values), context)
                for operator, block in statement.get("Condition", {}).items()
                for key, values in block.items()
            )
        ):
            found.append(f"{statement['Effect']} {statement.get('Sid', '')}".strip())
    return found


def _any(patterns: Any, value: str) -> bool:
    return any(fnmatchcase(value, pattern) for pattern in _listed(patterns))


def _listed(values: Any) -> list[str]:
    return values if isinstance(values, list) else [values]


def _holds(operator: str, key: str, values: list[str], context: Mapping[str, str]) -> bool:
    """IAM user guide, "IAM JSON policy elements: Condition operators": a negated operator holds for an absent key."""
    present = context.get(key)
    if operator == "Null":
        return (present is None) == (values == ["true"])
    if operator.endswith("IfExists"):
        return present is None or _holds(operator.removesuffix("IfExists"), key, values, context)
    if operator in ("StringNotEquals", "ArnNotLike"):
        positive = {"StringNotEquals": "StringEquals", "ArnNotLike": "ArnLike"}[operator]
        return present is None or not _holds(positive, key, values, context)
    if present is None:
        return False
    compare = {
        "Bool": lambda value: present == value,
        "StringEquals": lambda value: present == value,
        "ForAnyValue:StringEquals": lambda value: present == value,
        "StringLike": lambda value: fnmatchcase(present, value),
        "ArnLike": lambda value: fnmatchcase(present, value),
        "ArnEquals": lambda value: fnmatchcase(present, value),
        "NumericLessThan": lambda value: float(present) < float(value),
    }[operator]
    return any(compare(value) for value in values)
