"""The guardrails know the same organisation as the stacks, in every environment that a stack can be for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from stacks.documents import ROOT
from stacks.organisation import load_organisation

CONFIG = ROOT / "policy_packs" / "guardrails" / "config"


@pytest.mark.parametrize("environment", ["dev", "test", "stage", "prod"])
def test_the_organisation_is_the_same(environment: str) -> None:
    known: dict[str, Any] = json.loads((CONFIG / f"{environment}.json").read_text())["organisation"]
    organisation = load_organisation()
    assert known["id"] == organisation.id
    assert known["hub"] == organisation.hub[0]
    assert known["accounts"] == {name: entry.id for name, entry in organisation.accounts.items()}
    assert known["regions"] == organisation.regions.model_dump()
    assert known["domainTypes"] == {name: entry.domain_type for name, entry in organisation.domains.items()}


def test_production_is_held_to_every_control() -> None:
    levels = {
        environment: json.loads((CONFIG / f"{environment}.json").read_text())["all"] for environment in ("dev", "prod")
    }
    assert levels == {"dev": "advisory", "prod": "mandatory"}
