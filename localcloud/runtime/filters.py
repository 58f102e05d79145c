"""Which records of an event source reach the function.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from functools import cache
from typing import Any, cast

from moto.events.models import EventPattern


def matches(criteria: Mapping[str, Any] | None, record: Mapping[str, Any]) -> bool:
    """Whether a record, as `filterable` gives it, matches one of a mapping's patterns; without any, each does."""
    patterns = [found["Pattern"] for found in (criteria or {}).get("Filters") or () if found.get("Pattern")]
    return not patterns or any(_pattern(pattern).matches_event(cast(Any, record)) for pattern in patterns)


def check(criteria: Mapping[str, Any] | None) -> None:
    """
    Raises:
        moto.events.exceptions.InvalidEventPatternException: a pattern is none.
    """
    for found in (criteria or {}).get("Filters") or ():
        if found.get("Pattern"):
            _pattern(found["Pattern"])


def filterable(record: Mapping[str, Any]) -> dict[str, Any]:
    """The record of an SQS, Kinesis or DynamoDB event as patterns see it: message body and stream data are parsed.

    A body that is no JSON object is a text, which patterns for properties do not match.
    """
    if record["eventSource"] == "aws:sqs":
        return {**record, "body": _parsed(record["body"])}
    if record["eventSource"] == "aws:kinesis":
        try:
            data = base64.b64decode(record["kinesis"]["data"], validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            data = ""
        return {**record, **record["kinesis"], "data": _parsed(data)}
    return dict(record)


def _parsed(text: str) -> Any:
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if isinstance(value, dict) else text


@cache
def _pattern(text: str) -> EventPattern:
    return EventPattern.load(text)
