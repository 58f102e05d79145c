"""The catalogue of ways to more rights, and how each is opened and closed."""

from __future__ import annotations

import pytest
from mesh_guardrails.iam.escalation import Way, catalogue, open_ways
from mesh_guardrails.iam.grammar import Condition, Statement
from mesh_guardrails.iam.permissions import PASS_ROLE
from mesh_guardrails.iam.reference import expand
from mesh_guardrails.iam.rights import Attached, Rights

WAYS = catalogue()


def rights(*statements: Statement) -> Rights:
    return Rights((Attached("policy", statements),))


def allow(*actions: str, on: str = "*", when: tuple[Condition, ...] = ()) -> Statement:
    return Statement(0, True, actions, resources=(on,), conditions=when)


def test_the_public_catalogue_is_covered() -> None:
    public = [way for way in WAYS if way.source == f"https://pathfinding.cloud/paths/{way.id}"]
    assert len(public) >= 60
    assert len({way.id for way in WAYS}) == len(WAYS) >= 100


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.id)
def test_each_way_is_told_in_full(way: Way) -> None:
    assert all({action.name for action in expand(each)} == {each} for each in way.actions)
    assert way.kind in ("self", "principal", "pass", "existing")
    assert (way.kind == "pass") == (way.actions[0] == PASS_ROLE) == bool(way.services)
    assert way.what
    assert way.needs
    assert way.source.startswith("https://")


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.id)
def test_each_way_is_open_with_its_actions_and_closed_without_any_of_them(way: Way) -> None:
    found = {other.id for other, _ in open_ways(rights(allow(*way.actions)))}
    assert way.id in found or any(way.extends(other) for other in WAYS if other.id in found)
    for missing in way.actions:
        rest = [action for action in way.actions if action != missing]
        still = [other for other, _ in open_ways(rights(allow(*rest)))] if rest else []
        assert way not in still
        assert all(missing not in other.actions for other in still)


@pytest.mark.parametrize("way", [way for way in WAYS if way.services], ids=lambda way: way.id)
def test_a_role_passed_to_another_service_closes_the_way(way: Way) -> None:
    def passing(service: str) -> Rights:
        limit = Condition("StringEquals", "iam:passedtoservice", (service,))
        return rights(allow(PASS_ROLE, when=(limit,)), allow(*way.actions[1:]))

    def all_that_pass(service: str) -> list[Way]:
        return [other for other, _ in open_ways(passing(service)) if other.services]

    assert any(way == other or way.extends(other) for other in all_that_pass(way.services[0]))
    assert all_that_pass("nobody.amazonaws.com") == []
