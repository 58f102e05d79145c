"""An account refuses values that AWS would refuse, by field."""

import pytest

from components.foundation.classification import Classification
from components.foundation.provider import account_provider
from components.foundation.tags import data_tags
from tests.components.harness import make_account, run


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("organisation", "Acme"),
        ("organisation_id", "acme"),
        ("name", "sales_eu"),
        ("environment", ""),
        ("account_id", "22222222222"),
        ("hub_account_id", "11111111111x"),
        ("region", "us-east-1"),
        ("region", "Ireland"),
        ("primary_region", "eu-west"),
        ("recovery_region", "eu-west-1"),
    ],
)
def test_a_value_aws_would_refuse_is_refused_by_name(field: str, value: str) -> None:
    with pytest.raises(ValueError, match=rf"^{field}: "):
        make_account(**{field: value})


def test_the_pilot_light_is_the_same_account_elsewhere() -> None:
    recovery = make_account().in_region("eu-central-1")
    assert recovery.is_recovery
    assert not make_account().is_recovery
    assert recovery.account_id == make_account().account_id


def test_the_hub_is_named_from_any_account() -> None:
    hub = make_account().hub
    assert (hub.name, hub.account_id, hub.is_hub) == ("governance", "111111111111", True)
    assert not make_account().is_hub


def test_classifications_are_ordered_by_sensitivity() -> None:
    assert sorted(Classification, reverse=True) == [
        Classification.RESTRICTED,
        Classification.CONFIDENTIAL,
        Classification.INTERNAL,
        Classification.PUBLIC,
    ]
    assert max(Classification.PUBLIC, Classification.INTERNAL) is Classification.INTERNAL


def test_data_tags_say_only_what_is_known() -> None:
    assert data_tags() == {}
    assert data_tags(Classification.INTERNAL, "sales/orders") == {
        "Classification": "internal",
        "DataProduct": "sales/orders",
    }


def test_the_provider_can_reach_no_other_account() -> None:
    made = run(lambda: account_provider(make_account()))
    provider = made.registrations[0]
    assert provider.document("allowedAccountIds") == ["222222222222"]
    assert provider.document("assumeRoles") == [
        {"roleArn": "arn:aws:iam::222222222222:role/acme-deploy", "sessionName": "acme-sales-prod-deploy"}
    ]
    assert provider.inputs["region"] == "eu-west-1"
    assert provider.document("defaultTags")["tags"] | {"Owner": "x"} == {
        "Organisation": "acme",
        "Account": "sales",
        "Owner": "x",
        "CostCentre": "4711",
        "BusinessUnit": "sales",
        "Environment": "prod",
    }
