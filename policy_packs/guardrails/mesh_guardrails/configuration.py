"""Brings the organisation in the pack's configuration files up to date with the organisation's own file.

    python -m mesh_guardrails.configuration <organisation.yaml> <config>...

The pack does not read that file when it runs: it may be started where there is none, as for another repository.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml


def settings(organisation: Mapping[str, Any]) -> dict[str, Any]:
    """What the control `organisation` needs to know of an organisation file."""
    accounts = organisation["accounts"]
    return {
        "id": organisation["id"],
        "hub": next(name for name, account in accounts.items() if account["kind"] == "governance"),
        "accounts": {name: account["id"] for name, account in accounts.items()},
        "regions": dict(organisation["regions"]),
        "domainTypes": {name: a["domainType"] for name, a in accounts.items() if "domainType" in a},
    }


def updated(config: str, organisation: Mapping[str, Any]) -> str:
    """The text of a configuration file with the organisation as it is; what the file says besides stays."""
    document = json.loads(config)
    document["organisation"] = {**document.get("organisation", {}), **settings(organisation)}
    return json.dumps(document, indent=2) + "\n"


if __name__ == "__main__":
    source, *targets = map(Path, sys.argv[1:])
    read = yaml.safe_load(source.read_text(encoding="utf-8"))
    for target in targets:
        target.write_text(updated(target.read_text(encoding="utf-8"), read), encoding="utf-8")
