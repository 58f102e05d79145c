"""The picture of the mesh: components in their stacks, arrows for what needs what."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from localcloud.commands import graph
from localcloud.commands.graph import diagram
from localcloud.plan import PlannedStack
from localcloud.workspace import Workspace

STACK = PlannedStack(
    name="sales-prod",
    account="222222222222",
    account_name="sales",
    region="eu-west-1",
    environment="prod",
    depends_on=("governance-prod",),
)
ROOT = "urn:pulumi:sales-prod::mesh::pulumi:pulumi:Stack::mesh-sales-prod"


def component(kind: str, name: str) -> dict[str, Any]:
    return {"urn": f"urn:pulumi:sales-prod::mesh::{kind}::{name}", "type": kind, "parent": ROOT}


def resource(parent: dict[str, Any], kind: str, name: str, *needs: dict[str, Any]) -> dict[str, Any]:
    urn = f"urn:pulumi:sales-prod::mesh::{parent['type']}${kind}::{name}"
    return {
        "urn": urn,
        "type": kind,
        "parent": parent["urn"],
        "custom": True,
        "dependencies": [n["urn"] for n in needs],
    }


DOMAIN = component("mesh:domain:DataDomain", "sales")
CONTRACTS = component("mesh:domain:PublishedContracts", "contracts")
PRODUCT = component("mesh:domain:DataProduct", "orders") | {"parent": CONTRACTS["urn"]}
KEY = component("mesh:foundation:Key", "internal")
BUCKET = resource(DOMAIN, "aws:s3/bucket:Bucket", "landing")
FUNCTION = resource(PRODUCT, "aws:lambda/function:Function", "ingest", BUCKET)
RESOURCES = [DOMAIN, CONTRACTS, PRODUCT, KEY, BUCKET, FUNCTION, resource(KEY, "aws:kms/key:Key", "internal")]


def test_components_are_boxes_with_their_resources_counted() -> None:
    lines = diagram([STACK], {"sales-prod": RESOURCES}).splitlines()
    assert any("<b>orders</b><br/>Data Product<br/>1 resources" in line for line in lines)
    assert any("sales-prod<br/>account 222222222222, eu-west-1" in line for line in lines)
    assert not any("Published Contracts" in line for line in lines)


def test_a_component_points_at_what_it_needs() -> None:
    arrows = [line.split() for line in diagram([STACK], {"sales-prod": RESOURCES}).splitlines() if " --> " in line]
    ((source, _, target),) = arrows
    assert source.endswith("DataProduct__orders")
    assert target.endswith("DataDomain__sales")


def test_what_every_account_has_is_one_box_and_stacks_point_at_what_they_read() -> None:
    text = diagram([STACK], {"sales-prod": RESOURCES})
    assert 'sales_prod_base["Key<br/>1 resources"]' in text
    assert "sales_prod -.-> governance_prod" in text


def test_a_file_without_marks_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Engine:
        def stacks(self) -> list[str]:
            return ["sales-prod"]

        def export(self, stack: str) -> dict[str, Any]:
            return {"deployment": {"resources": RESOURCES}}

    monkeypatch.setattr(graph, "planned_stacks", lambda root, environment: [STACK])
    monkeypatch.setattr(Workspace, "engine", lambda *arguments: Engine())
    unmarked, marked = tmp_path / "a.md", tmp_path / "b.md"
    unmarked.write_text("# Title\n")
    assert graph.show(Workspace(home=tmp_path), unmarked) == 1
    assert unmarked.read_text() == "# Title\n"
    assert "<!-- graph -->" in capsys.readouterr().err
    assert graph.show(Workspace(home=tmp_path), tmp_path / "none.md") == 1
    assert "none.md: no such file" in capsys.readouterr().err
    marked.write_text("# Title\n<!-- graph -->\nold\n<!-- /graph -->\nend\n")
    assert graph.show(Workspace(home=tmp_path), marked) == 0
    assert "old" not in marked.read_text()
    assert marked.read_text().startswith("# Title\n<!-- graph -->\n```mermaid\nflowchart LR\n")
    assert marked.read_text().endswith("```\n<!-- /graph -->\nend\n")
