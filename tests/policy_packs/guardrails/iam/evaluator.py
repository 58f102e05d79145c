"""IAM's evaluation of one request, written as plainly as possible and independent of the analysis that it judges.

It decides single requests (IAM user guide, "Policy evaluation logic"); the analysis makes claims about all of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import Any

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Request:
    """One call. Context keys are in lower case; a key that is not there was not sent."""

    action: str
    resource: str = "*"
    context: Mapping[str, str | Sequence[str]] = field(default_factory=dict)


def glob(pattern: str, text: str) -> bool:
    """Whether a text fits a pattern with `*` and `?`, character by character."""
    if not pattern:
        return not text
    if pattern[0] == "*":
        return glob(pattern[1:], text) or (bool(text) and glob(pattern, text[1:]))
    return bool(text) and pattern[0] in ("?", text[0]) and glob(pattern[1:], text[1:])


def decide(policies: Sequence[Document], request: Request, boundary: Document | None = None) -> bool:
    """Whether a principal with these policies, and perhaps a boundary, may make a request."""
    given = [statement for policy in policies for statement in listed(policy["Statement"])]
    ceiling = listed(boundary["Statement"]) if boundary else []
    if any(each["Effect"] == "Deny" and applies(each, request) for each in [*given, *ceiling]):
        return False
    allowed = any(each["Effect"] == "Allow" and applies(each, request) for each in given)
    below = boundary is None or any(each["Effect"] == "Allow" and applies(each, request) for each in ceiling)
    return allowed and below


def applies(statement: Document, request: Request) -> bool:
    """Whether a statement is about a request."""
    actions = listed(statement.get("Action", statement.get("NotAction")))
    named = any(glob(pattern.lower(), request.action.lower()) for pattern in actions)
    if named == ("NotAction" in statement):
        return False
    resources = listed(statement.get("Resource", statement.get("NotResource", [])))
    if resources:
        meant = any(glob(pattern, request.resource) for pattern in resources)
        if meant == ("NotResource" in statement):
            return False
    return all(
        holds(operator, listed(values), request.context.get(key.lower()))
        for operator, tests in statement.get("Condition", {}).items()
        for key, values in tests.items()
    )


def holds(operator: str, values: Sequence[Any], sent: str | Sequence[str] | None) -> bool:
    """Whether one condition holds for what a request sent, None when it sent nothing."""
    qualifier, _, name = operator.rpartition(":")
    wanted = [str(value).lower() if isinstance(value, bool) else str(value) for value in values]
    if name == "Null":
        return (sent is None) == (wanted == ["true"])
    optional = name.endswith("IfExists")
    name = name.removesuffix("IfExists")
    negated = "Not" in name
    if sent is None:
        return optional or qualifier == "ForAllValues" or (negated and not qualifier)

    def fits(one: str) -> bool:
        return any(compare(name.replace("Not", ""), value, one) for value in wanted) != negated

    several = [sent] if isinstance(sent, str) else list(sent)
    if qualifier == "ForAllValues":
        return all(fits(one) for one in several)
    return any(fits(one) for one in several)


def compare(operator: str, value: str, one: str) -> bool:
    """One comparison of a condition's value with one that was sent."""
    if operator in ("ArnEquals", "ArnLike"):
        pattern, arn = value.split(":", 5), one.split(":", 5)
        return len(pattern) == len(arn) == 6 and all(map(glob, pattern, arn))
    if operator == "StringLike":
        return glob(value, one)
    if operator in ("StringEqualsIgnoreCase", "Bool"):
        return value.lower() == one.lower()
    if operator == "IpAddress":
        return ip_address(one) in ip_network(value)
    return value == one


def listed(value: Any) -> list[Any]:
    """What is written once or as a list, as a list."""
    return value if isinstance(value, list) else [] if value is None else [value]
