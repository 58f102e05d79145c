"""The order of stacks, asked of the program."""

from __future__ import annotations

from pathlib import Path

import pytest

from localcloud.plan import PlanError, planned_stacks, selected
from tests.e2e.conftest import ROOT, copy_program


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
