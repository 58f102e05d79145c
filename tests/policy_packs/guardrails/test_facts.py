"""What a stack's name and the pack's configuration tell."""

from __future__ import annotations

from typing import Any

import pytest
from mesh_guardrails.facts import Facts, Organisation

from tests.policy_packs.guardrails.building import ORGANISATION, ORGANISATION_SETTINGS


@pytest.mark.parametrize(
    ("stack", "account", "environment", "recovery", "account_id"),
    [
        ("sales-prod", "sales", "prod", False, "222222222222"),
        ("governance-dev-recovery", "governance", "dev", True, "111111111111"),
        ("billing-prod", "billing", "prod", False, None),
        ("sales", "", "", False, None),
        ("sales-prod-backup", "", "", False, None),
        ("", "", "", False, None),
    ],
)
def test_a_stacks_name(stack: str, account: str, environment: str, recovery: bool, account_id: str | None) -> None:
    facts = Facts(stack=stack, organisation=ORGANISATION)
    assert (facts.account, facts.environment, facts.recovery, facts.account_id) == (
        account,
        environment,
        recovery,
        account_id,
    )


def test_the_hub_is_known_by_its_account() -> None:
    assert Facts(stack="governance-prod", organisation=ORGANISATION).is_hub
    assert not Facts(stack="sales-prod", organisation=ORGANISATION).is_hub
    assert not Facts(stack="governance-prod").is_hub


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"id": "acme"}, r"organisation\.id"),
        ({"id": None}, r"organisation\.id"),
        ({"accounts": {}}, r"organisation\.accounts"),
        ({"accounts": {"sales": 222222222222}}, r"organisation\.accounts\.sales: expected 12 digits in quotes"),
        ({"accounts": {"sales": "22222222222"}}, r"organisation\.accounts\.sales"),
        ({"hub": "nobody"}, r"organisation\.hub"),
        ({"regions": {"primary": "eu-west-1"}}, r"organisation\.regions"),
    ],
)
def test_a_malformed_organisation_is_refused_by_field(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Organisation.parse({**ORGANISATION_SETTINGS, **changes})
