"""What the policy pack is told of the organisation: its configuration files repeat `stacks/organisation.yaml`.

The pack reads nothing beside its own directory, as it may judge the previews of other repositories too.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from stacks.documents import ROOT, DocumentError, shown
from stacks.organisation import Organisation

LEVELS = ROOT / "policy_packs" / "guardrails" / "config"
KEY = "organisation"


def settings(organisation: Organisation, environment: str) -> dict[str, Any]:
    """What the control `organisation` needs to know in an environment. The accounts of the others are strangers."""
    accounts = organisation.ids(environment)
    return {
        "id": organisation.id,
        "hub": organisation.hub[0],
        "accounts": accounts,
        "regions": organisation.regions.model_dump(),
        "domainTypes": {name: entry.domain_type for name, entry in organisation.domains.items() if name in accounts},
    }


def outdated(organisation: Organisation) -> dict[Path, dict[str, Any]]:
    """The configuration files that know another organisation, as they should be; what they say besides stays.

    Raises:
        DocumentError: one is no JSON object.
    """
    found = {}
    for path in sorted(LEVELS.glob("*.json")):
        try:
            document = dict(json.loads(path.read_text(encoding="utf-8")))
        except ValueError as error:
            raise DocumentError(f"{shown(path)}: expected a JSON object: {error}") from None
        current = {**document, KEY: {**document.get(KEY, {}), **settings(organisation, path.stem)}}
        if current != document:
            found[path] = current
    return found


def require_current(organisation: Organisation) -> None:
    """Raise DocumentError unless the pack knows this organisation; it would call its accounts strangers."""
    if paths := [shown(path) for path in outdated(organisation)]:
        raise DocumentError(
            f"stacks/organisation.yaml: {', '.join(paths)} know another organisation; "
            "run `make organisation` and commit what it writes"
        )


def write(organisation: Organisation) -> list[Path]:
    """Bring the configuration files up to date; returns those that were not."""
    changed = outdated(organisation)
    for path, document in changed.items():
        path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    return list(changed)
