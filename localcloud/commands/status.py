"""`status`: which engine and cloud run, and what each stack has."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from localcloud.cloud.materialise import KINDS
from localcloud.cloud.process import Cloud
from localcloud.console import command, say
from localcloud.plan import planned_stacks
from localcloud.workspace import DEFAULT_ENVIRONMENT, Workspace


@dataclass(frozen=True, kw_only=True)
class StackStatus:
    """One deployed stack."""

    stack: str
    domain: str
    """Name of the account."""
    environment: str
    account: str
    region: str
    resources: int
    """Custom resources in the state, providers not counted."""
    materialised: int
    """How many of them exist in the local cloud; the others live in the state alone."""
    outputs: dict[str, Any]


def statuses(workspace: Workspace) -> list[StackStatus]:
    """The deployed stacks in deployment order."""
    engine = workspace.engine("", workspace.cloud())
    deployed = set(engine.stacks())
    rows = []
    for planned in planned_stacks(workspace.root):
        if planned.name in deployed:
            types = custom_types(engine.export(planned.name))
            rows.append(
                StackStatus(
                    stack=planned.name,
                    domain=planned.account_name,
                    environment=planned.environment,
                    account=planned.account,
                    region=planned.region,
                    resources=len(types),
                    materialised=sum(kind in KINDS for kind in types),
                    outputs=engine.outputs(planned.name),
                )
            )
    return rows


def custom_types(exported: dict[str, Any]) -> list[str]:
    """The type of every cloud resource in an exported deployment, providers and stack references left out."""
    resources = exported["deployment"].get("resources") or []
    return [r["type"] for r in resources if r.get("custom") and not r["type"].startswith("pulumi:")]


def status(workspace: Workspace, *, as_json: bool) -> int:
    """Print the engine, the endpoint and the stacks; exit code 1 when the local cloud does not run."""
    cloud = workspace.cloud()
    engine = workspace.engine("", cloud)
    if as_json:
        document = {
            "engine": {"name": engine.name, "version": engine.version},
            "running": cloud is not None,
            "endpoint": cloud.endpoint if cloud else None,
            "api": cloud.api if cloud else None,
            "stacks": [asdict(row) for row in statuses(workspace)] if cloud else [],
        }
        say(json.dumps(document, indent=2))
    elif cloud is None:
        say("the local cloud is not running; start it with `make up`")
    else:
        say(f"engine: {engine.name} {engine.version}")
        overview(workspace, cloud)
    return 0 if cloud else 1


def overview(workspace: Workspace, cloud: Cloud) -> None:
    """Print what exists and where to look."""
    say()
    say(f"AWS endpoint {cloud.endpoint}    APIs {cloud.api}")
    say(f"{'stack':28} {'account':14} {'region':14} {'resources':>9} {'in the cloud':>13}")
    products: list[tuple[StackStatus, str, dict[str, Any]]] = []
    for row in statuses(workspace):
        say(f"{row.stack:28} {row.account:14} {row.region:14} {row.resources:>9} {row.materialised:>13}")
        products += [(row, name, product) for name, product in row.outputs.get("products", {}).items()]
    for row, name, product in products:
        said = "" if row.environment == DEFAULT_ENVIRONMENT else f" in {row.environment}"
        say(f"data product {row.domain}/{name} {product['version']}{said}")
        say(f"  table      {product['database']}.{product['table']} at {product['location']}")
        say(f"  deliver    {product['landing']}")
        say(f"  rejected   {product['quarantine']}")
    say("look further:")
    if products:
        row, name, _ = products[0]
        table = name if name.isidentifier() else f'\\"{name}\\"'
        where = "" if row.environment == DEFAULT_ENVIRONMENT else f" --environment {row.environment}"
        say(f'  {command()} query{where} "SELECT * FROM {row.domain}.{table} LIMIT 5"')
    say(f"  {command()} status --json     {command()} --help")
