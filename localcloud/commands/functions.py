"""`invoke` and `logs`: run a deployed function by name, read what it wrote; and wait until triggered work is done."""

from __future__ import annotations

import json
import time
from typing import Any
from urllib.request import urlopen

from localcloud.cloud.process import Cloud
from localcloud.console import complain, say
from localcloud.plan import planned_stacks
from localcloud.workspace import Workspace

FUNCTION = "aws:lambda/function:Function"


def deployed_functions(workspace: Workspace) -> dict[str, tuple[str, str]]:
    """Account and region of every deployed function by name."""
    engine = workspace.engine("", workspace.cloud())
    deployed = set(engine.stacks())
    return {
        resource["outputs"]["name"]: (stack.account, stack.region)
        for stack in planned_stacks(workspace.root)
        if stack.name in deployed
        for resource in engine.export(stack.name)["deployment"].get("resources") or []
        if resource["type"] == FUNCTION
    }


def invoke(workspace: Workspace, name: str, payload: str) -> int:
    """Run a function and print its answer as JSON; exit code 1 when it failed."""
    try:
        json.loads(payload)
    except json.JSONDecodeError as error:
        complain(f"the payload is not JSON: {error}")
        return 1
    client = _client(workspace, "lambda", name)
    if client is None:
        return 1
    answer = client.invoke(FunctionName=name, Payload=payload.encode())
    say(json.dumps(json.loads(answer["Payload"].read() or "null"), indent=2))
    return 1 if answer.get("FunctionError") else 0


def logs(workspace: Workspace, name: str, last: int) -> int:
    """Print the end of a function's log group."""
    client = _client(workspace, "logs", name)
    if client is None:
        return 1
    pages = client.get_paginator("filter_log_events").paginate(logGroupName=f"/aws/lambda/{name}")
    events = sorted((e for page in pages for e in page["events"]), key=lambda e: int(e["timestamp"]))
    for event in events[-last:]:
        say(event["message"].rstrip("\n"))
    return 0


def _client(workspace: Workspace, service: str, name: str) -> Any:
    cloud = workspace.cloud()
    if cloud is None:
        complain("the local cloud is not running; start it with `make up`")
        return None
    functions = deployed_functions(workspace)
    if name not in functions:
        complain(f"unknown function {name}; deployed are: {', '.join(sorted(functions)) or 'none'}")
        return None
    return cloud.client(service, *functions[name])


def settle(cloud: Cloud, seconds: float = 300) -> bool:
    """Wait until every trigger has run and no function is at work; False when that took longer than `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with urlopen(f"{cloud.api}/_localcloud/idle", timeout=30) as response:
            if json.load(response)["idle"]:
                return True
        time.sleep(0.1)
    return False
