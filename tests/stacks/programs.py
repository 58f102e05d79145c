"""Every stack's program under mocks, with the exports of the stacks it reads."""

from __future__ import annotations

from functools import cache

from stacks.program import BLUEPRINTS
from stacks.settings import read_settings
from tests.components.harness import Program, run

_KEY = "arn:aws:kms:eu-west-1:{}:key/mrk-{}"
REFERENCES = {
    "governance-prod": {
        "accountId": "111111111111",
        "region": "eu-west-1",
        "keys": {"internal": _KEY.format("111111111111", "internal")},
        "buckets": {"logs": "acme-governance-prod-logs-111111111111-eu-west-1"},
        "catalogId": "111111111111",
        "databases": {"sales": "acme_prod_sales"},
        "bus": "arn:aws:events:eu-west-1:111111111111:event-bus/acme-governance-prod-mesh",
        "tables": {"lineage": "acme-governance-prod-lineage", "quality": "acme-governance-prod-quality"},
    },
    "sales-prod": {
        "accountId": "222222222222",
        "region": "eu-west-1",
        "keys": {each: _KEY.format("222222222222", each) for each in ("internal", "confidential")},
        "buckets": {},
    },
}


@cache
def deployed(stack: str, *, preview: bool = False) -> Program:
    """What the stack's program registers."""
    settings = read_settings(stack)
    blueprint = BLUEPRINTS[settings.entry.kind, settings.recovery]
    return run(lambda: blueprint(settings), preview=preview, stack=stack, references=REFERENCES)
