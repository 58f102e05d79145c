"""What a target of an EventBridge rule is given: the event, a part of it, a constant, or a text made from it.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from jsonpath_ng.ext.parser import parse

_PLACEHOLDER = re.compile(r"<([A-Za-z0-9_.-]+)>")


def target_input(target: Mapping[str, Any], event: Mapping[str, Any], rule_name: str, rule_arn: str) -> str:
    """The text that the target receives.

    Args:
        target: its `Input`, `InputPath` or `InputTransformer` decide; the whole event by default.
        event: as EventBridge delivers it.

    Raises:
        ValueError: the transformer makes no JSON.
    """
    if target.get("Input"):
        return str(target["Input"])
    if target.get("InputPath"):
        return json.dumps(_select(target["InputPath"], event))
    transformer = target.get("InputTransformer")
    if not transformer:
        return json.dumps(event)
    values = {name: _select(path, event) for name, path in (transformer.get("InputPathsMap") or {}).items()}
    values |= {
        "aws.events.rule-arn": rule_arn,
        "aws.events.rule-name": rule_name,
        "aws.events.event": {name: value for name, value in event.items() if name != "detail"},
        "aws.events.event.json": event,
        "aws.events.event.ingestion-time": event["time"],
    }
    return transformed(transformer["InputTemplate"], values)


def transformed(template: str, values: Mapping[str, Any]) -> str:
    """The template with each `<name>` replaced: by plain text within a JSON string, by JSON outside of one.

    A template that is no JSON object or array is a text, and comes out as a JSON string.
    """
    if template.lstrip()[:1] not in ("{", "[", '"'):
        template = f'"{template}"'
    pieces, inside, at = [], False, 0
    for match in _PLACEHOLDER.finditer(template):
        pieces.append(template[at : match.start()])
        inside ^= _quotes(pieces[-1])
        at = match.end()
        if match.group(1) in values:
            pieces.append(_quoted_part(values[match.group(1)]) if inside else json.dumps(values[match.group(1)]))
        else:
            pieces.append(match.group())
    text = "".join([*pieces, template[at:]])
    json.loads(text)
    return text


def _quotes(text: str) -> bool:
    """Whether a text holds an odd number of unescaped quotation marks."""
    return len(re.findall(r'(?<!\\)"', text)) % 2 == 1


def _quoted_part(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return json.dumps(text)[1:-1]


def _select(path: str, event: Mapping[str, Any]) -> Any:
    """The first value at a JSON path; null when there is none."""
    found = _parsed(path).find(event)
    return found[0].value if found else None


@cache
def _parsed(path: str) -> Any:
    # EventBridge's own examples hold names with a hyphen, such as $.detail-type, which JSONPath wants quoted.
    return parse(re.sub(r"\.([A-Za-z0-9_]*-[A-Za-z0-9_-]*)", r"['\1']", path))
