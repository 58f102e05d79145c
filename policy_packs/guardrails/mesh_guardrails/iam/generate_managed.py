"""Writes the table of AWS's managed policies, data/managed.txt: `python -m mesh_guardrails.iam.generate_managed`.

moto keeps the policies' documents; the policies of service-linked roles, which nobody can attach, are left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import metadata
from typing import Any

from moto.iam.aws_managed_policies import aws_managed_policies_data

from mesh_guardrails.documents import Kind
from mesh_guardrails.iam.escalation import catalogue
from mesh_guardrails.iam.grammar import parse
from mesh_guardrails.iam.managed import TABLE
from mesh_guardrails.iam.permissions import PASS_ROLE
from mesh_guardrails.iam.rights import Attached, Rights


def attachable() -> dict[str, Rights]:
    """The rights that each managed policy gives by itself, by its name."""
    policies: dict[str, dict[str, Any]] = json.loads(aws_managed_policies_data)
    return {
        name: Rights((Attached(name, parse(json.dumps(policy["Document"]), Kind.IDENTITY).statements),))
        for name, policy in sorted(policies.items())
        if not policy["Path"].startswith("/aws-service-role/")
    }


def table() -> str:
    """The whole table, from the moto that is installed."""
    header = f"# AWS managed policies, from moto {metadata.version('moto')} (Apache License 2.0)"
    return "\n".join([header, *_lines()]) + "\n"


def _lines() -> Iterator[str]:
    actions = sorted({action for way in catalogue() for action in way.actions})
    services = sorted({service for way in catalogue() for service in way.services})
    for name, rights in attachable().items():
        broad = [each for each in actions if any(grant.broad for grant in rights.of(each))]
        narrow = [each for each in actions if rights.of(each) and each not in broad]
        passing = [grant for grant in rights.of(PASS_ROLE) if grant.broad]
        passed = [each for each in services if any(grant.passes_to([each]) for grant in passing)]
        broad = [each for each in broad if each != PASS_ROLE]
        if broad or narrow or passed:
            yield " ".join([name, *(",".join(part) or "-" for part in (broad, narrow, passed))])


if __name__ == "__main__":
    TABLE.write_text(table(), encoding="utf-8")
