"""Quality Result events: the measures of one delivery, for the hub's ledger.

A wide table can have more measures than one event carries, so they come in pieces: `piece` counts from 1 to `pieces`,
and each piece repeats what identifies the run.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from handlers.contracts.rules import Check, Quality
from handlers.contracts.spec import Contract
from handlers.files.outcome import Outcome
from handlers.hub.bus import LIMIT, Event
from handlers.lineage.datasets import product_dataset

DETAIL_TYPE = "Quality Result"
PIECE = LIMIT // 2  # bytes of measures, which leaves as much for what is repeated


def events(contract: Contract, outcome: Outcome, region: str, at: datetime) -> list[Event]:
    pieces = _pieces(_measures(contract, outcome.quality) if outcome.quality else [])
    head = _head(contract, outcome, region, at)
    return [
        Event(
            contract.product.source,
            DETAIL_TYPE,
            {**head, "piece": number, "pieces": len(pieces), "measures": piece},
        )
        for number, piece in enumerate(pieces, 1)
    ]


def _pieces(measures: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Cut measures into lists that fit an event each; one list when there are none."""
    pieces: list[list[dict[str, Any]]] = [[]]
    size = 0
    for measure in measures:
        bytes_ = len(json.dumps(measure).encode())
        if pieces[-1] and size + bytes_ > PIECE:
            pieces.append([])
            size = 0
        pieces[-1].append(measure)
        size += bytes_
    return pieces


def _head(contract: Contract, outcome: Outcome, region: str, at: datetime) -> dict[str, Any]:
    namespace, name = product_dataset(contract.table, region)
    return {
        "format": 1,
        "runId": str(outcome.run_id(contract)),
        "measuredAt": at.isoformat(),
        "dataset": {"namespace": namespace, "name": name},
        "product": {"domain": contract.product.domain, "name": contract.product.name},
        "contract": {"id": contract.contract.id, "version": contract.contract.version},
        "delivery": {"bucket": outcome.delivery.bucket, "key": outcome.delivery.key, "sha256": outcome.sha256},
        "status": outcome.status,
        "reason": outcome.refusal,
        "rows": {"published": outcome.rows, "quarantined": outcome.quarantined},
    }


def _measures(contract: Contract, quality: Quality) -> list[dict[str, Any]]:
    completeness = [
        {"kind": "completeness", "field": f.name, "nulls": quality.nulls[f.name], "share": quality.completeness(f.name)}
        for f in contract.fields
    ]
    return completeness + [_rule(check) for check in quality.checks]


def _rule(check: Check) -> dict[str, Any]:
    return {
        "kind": "rule",
        "name": check.rule.name,
        "type": check.rule.type,
        "fields": list(check.rule.fields),
        "actual": check.actual,
        "unit": check.rule.unit,
        "expected": check.expected,
        "passed": check.passed,
        "severity": check.rule.severity,
    }
