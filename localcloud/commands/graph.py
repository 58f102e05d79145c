"""`graph`: the deployed mesh as a Mermaid diagram, drawn from the states of the stacks."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from localcloud.console import complain, say
from localcloud.plan import PlannedStack, planned_stacks
from localcloud.workspace import Workspace

STACK = "pulumi:pulumi:Stack"
REFERENCE = "pulumi:pulumi:StackReference"


def show(workspace: Workspace) -> int:
    """Print the diagram of what is deployed; exit code 1 when nothing is."""
    engine = workspace.engine("", workspace.cloud())
    deployed = set(engine.stacks())
    stacks = [stack for stack in planned_stacks(workspace.root) if stack.name in deployed]
    if not stacks:
        complain("nothing is deployed; run `make up` first")
        return 1
    exports = {stack.name: engine.export(stack.name)["deployment"].get("resources") or [] for stack in stacks}
    say(diagram(stacks, exports))
    return 0


def diagram(stacks: list[PlannedStack], exports: dict[str, list[dict[str, Any]]]) -> str:
    """A Mermaid flowchart.

    Args:
        stacks: in deployment order; each becomes a box with its components in it.
        exports: per stack, the resources of its exported deployment.

    Returns:
        The chart: per stack its mesh components with how many cloud resources each has below it, an arrow for each
        component that uses another, and a dotted arrow for each stack that reads another's exports.
    """
    lines = ["flowchart LR"]
    for stack in stacks:
        resources = exports[stack.name]
        boxes = components(resources)
        lines.append(f'  subgraph {_id(stack.name)}["{stack.name} · account {stack.account} · {stack.region}"]')
        for urn, size in boxes.items():
            lines.append(f'    {_id(urn)}["{_title(urn)}<br/>{size} resources"]')
        lines.append("  end")
        for source, target in uses(resources, list(boxes)):
            lines.append(f"  {_id(source)} --> {_id(target)}")
        lines += [f"  {_id(stack.name)} -. reads exports .-> {_id(other)}" for other in stack.depends_on]
    return "\n".join(lines)


def components(resources: list[dict[str, Any]]) -> dict[str, int]:
    """URN of each component directly below its stack, with the number of cloud resources inside."""
    parents = {resource["urn"]: resource.get("parent", "") for resource in resources}
    tops = [r["urn"] for r in resources if r["type"].startswith("mesh:") and f"::{STACK}::" in r.get("parent", "")]
    sizes = Counter(_top(urn, parents, tops) for urn in (r["urn"] for r in resources if r.get("custom")))
    return {urn: sizes[urn] for urn in tops if sizes[urn]}


def uses(resources: list[dict[str, Any]], tops: list[str]) -> list[tuple[str, str]]:
    """Pairs of components in which a resource of the first depends on one of the second."""
    parents = {resource["urn"]: resource.get("parent", "") for resource in resources}
    pairs = {
        (_top(resource["urn"], parents, tops), _top(dependency, parents, tops))
        for resource in resources
        for dependency in resource.get("dependencies") or []
    }
    return sorted((a, b) for a, b in pairs if a and b and a != b)


def _top(urn: str, parents: dict[str, str], tops: list[str]) -> str:
    while urn and urn not in tops:
        urn = parents.get(urn, "")
    return urn


def _title(urn: str) -> str:
    *_, kind, name = urn.split("::")
    return f"{kind.split(':')[-1]} {name}"


def _id(text: str) -> str:
    return re.sub(r"[^a-zA-Z0-9]", "_", text.removeprefix("urn:pulumi:"))
