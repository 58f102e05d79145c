"""`graph`: the deployed mesh as a Mermaid diagram, drawn from the states of the stacks."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

from localcloud.console import complain, say
from localcloud.plan import PlannedStack, planned_stacks
from localcloud.workspace import Workspace

MARKED = re.compile(r"(<!-- graph -->\n).*?(<!-- /graph -->)", re.DOTALL)
ROOT_TYPE = "pulumi:pulumi:Stack"
PRODUCT_TYPE = "mesh:domain:DataProduct"
Resources = list[dict[str, Any]]


def show(workspace: Workspace, into: Path | None) -> int:
    """Print the diagram of what is deployed, or put it between the marks of a Markdown file.

    The exit code is 1 when nothing is deployed or the file has no marks.
    """
    engine = workspace.engine("", workspace.cloud())
    deployed = set(engine.stacks())
    stacks = [stack for stack in planned_stacks(workspace.root, workspace.environment) if stack.name in deployed]
    if not stacks:
        complain("nothing is deployed; run `make up` first")
        return 1
    exports = {stack.name: engine.export(stack.name)["deployment"].get("resources") or [] for stack in stacks}
    drawn = diagram(stacks, exports)
    if into is None:
        say(drawn)
        return 0
    if not into.is_file():
        complain(f"{into}: no such file")
        return 1
    text = into.read_text(encoding="utf-8")
    if not MARKED.search(text):
        complain(f"{into}: expected the lines <!-- graph --> and <!-- /graph -->; the diagram goes between them")
        return 1
    into.write_text(MARKED.sub(lambda mark: f"{mark[1]}```mermaid\n{drawn}\n```\n{mark[2]}", text), encoding="utf-8")
    return 0


def diagram(stacks: list[PlannedStack], exports: dict[str, Resources]) -> str:
    """A Mermaid flowchart.

    Args:
        stacks: in deployment order; each becomes a box with its components in it.
        exports: per stack, the resources of its exported deployment.

    Returns:
        The chart: per stack its components with how many cloud resources each has, an arrow from each component to
        those that it needs, and a dotted arrow for each stack that reads another's exports. What every account begins
        with (keys, log bucket, alarms, boundary) is one box without arrows: nearly everything needs it.
    """
    lines = ["flowchart LR"]
    for stack in stacks:
        resources = exports[stack.name]
        own = components(resources)
        lines.append(f'  subgraph {_id(stack.name)}["{stack.name}<br/>account {stack.account}, {stack.region}"]')
        lines += [
            f'    {_id(urn)}["{_title(urn)}<br/>{size} resources"]' for urn, size in own.items() if not _base(urn)
        ]
        if base := {urn: size for urn, size in own.items() if _base(urn)}:
            names = ", ".join(dict.fromkeys(_title(urn) for urn in base))
            lines.append(f'    {_id(stack.name)}_base["{names}<br/>{sum(base.values())} resources"]')
        lines.append("  end")
        lines += [f"  {_id(a)} --> {_id(b)}" for a, b in needs(resources, [urn for urn in own if not _base(urn)])]
    lines += [f"  {_id(stack.name)} -.-> {_id(other)}" for stack in stacks for other in stack.depends_on]
    return "\n".join(lines)


def components(resources: Resources) -> dict[str, int]:
    """URN of each component directly below its stack and of each data product, with the number of cloud resources
    inside."""
    parents = _parents(resources)
    tops = [
        resource["urn"]
        for resource in resources
        if resource["type"] == PRODUCT_TYPE
        or (resource["type"].startswith("mesh:") and f"::{ROOT_TYPE}::" in parents[resource["urn"]])
    ]
    sizes = Counter(_top(r["urn"], parents, tops) for r in resources if r.get("custom"))
    return {urn: sizes[urn] for urn in sorted(tops) if sizes[urn]}


def needs(resources: Resources, tops: list[str]) -> list[tuple[str, str]]:
    """Pairs of components in which a resource of the first depends on one of the second."""
    parents = _parents(resources)
    pairs = {
        (_top(resource["urn"], parents, tops), _top(dependency, parents, tops))
        for resource in resources
        for dependency in resource.get("dependencies") or []
    }
    return sorted((a, b) for a, b in pairs if a and b and a != b)


def _parents(resources: Resources) -> dict[str, str]:
    return {resource["urn"]: resource.get("parent", "") for resource in resources}


def _top(urn: str, parents: dict[str, str], tops: list[str]) -> str:
    while urn and urn not in tops:
        urn = parents.get(urn, "")
    return urn


def _base(urn: str) -> bool:
    """Whether a component is what every account begins with. The network is not: only some accounts have one."""
    return ":foundation:" in urn.split("::")[2] and not urn.split("::")[2].endswith(":Network")


def _title(urn: str) -> str:
    *_, kind, name = urn.split("::")
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind.split(":")[-1])
    return words.capitalize() if _base(urn) else f"<b>{name}</b><br/>{words}"


def _id(text: str) -> str:
    return re.sub(r"[^a-zA-Z0-9]", "_", text.removeprefix("urn:pulumi:"))
