"""The order of stacks, asked of the program."""

from __future__ import annotations

from pathlib import Path

import pytest

from localcloud.plan import PlanError, planned_stacks, selected
from tests.e2e.conftest import ROOT, add_environment, copy_program


def test_a_stack_comes_with_what_it_depends_on_and_after_it() -> None:
    names = [stack.name for stack in selected(planned_stacks(ROOT), ["sales-prod-recovery"])]
    assert set(names) == {"governance-prod", "governance-prod-recovery", "sales-prod", "sales-prod-recovery"}
    assert names[0] == "governance-prod"
    assert names[-1] == "sales-prod-recovery"


def test_an_unknown_stack_is_answered_with_the_known_ones() -> None:
    with pytest.raises(PlanError, match="unknown stack sales-dev; the stacks are governance-prod"):
        selected(planned_stacks(ROOT), ["sales-dev"])


def test_what_the_program_refuses_is_passed_on(tmp_path: Path) -> None:
    root = copy_program(tmp_path / "mesh")
    (root / "stacks" / "Pulumi.sales-prod.yaml").write_text("config: {mesh:account: sales}")
    with pytest.raises(PlanError, match=r"stacks/Pulumi\.sales-prod\.yaml: config\.mesh:environment: required"):
        planned_stacks(root)


def test_an_environment_has_stacks_of_its_own(tmp_path: Path) -> None:
    root = copy_program(tmp_path / "mesh")
    add_environment(root, "dev")
    assert {stack.name.split("-")[1] for stack in planned_stacks(root)} == {"dev", "prod"}
    dev = planned_stacks(root, "dev")
    assert {stack.environment for stack in dev} == {"dev"}
    assert {stack.account for stack in dev} == {"111111111112", "222222222223"}


def test_an_environment_without_stacks_is_answered_with_those_that_have_some() -> None:
    with pytest.raises(PlanError, match="no stack is of the environment dev; expected prod"):
        planned_stacks(ROOT, "dev")
