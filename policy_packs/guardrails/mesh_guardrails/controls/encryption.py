"""One control for each line of the encryption table, and those on data whose protection is spread over resources."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mesh_guardrails.control import Finding, ResourceCheck, ResourceControl
from mesh_guardrails.encryption import ROWS
from mesh_guardrails.encryption.rows import Aspect, Protection, Row
from mesh_guardrails.facts import Facts
from mesh_guardrails.properties import shown
from mesh_guardrails.resource import Resource, plain_path
from mesh_guardrails.tags import classification, needs_own_key

_HOLDS = {
    Protection.AT_REST: "are encrypted at rest",
    Protection.CUSTOMER_KEY: "use a customer-managed key where their data is classified",
    Protection.IN_TRANSIT: "encrypt their connections",
}
_WHY = {
    Protection.AT_REST: "Whoever gets hold of the medium, a snapshot or a copy reads what is not encrypted.",
    Protection.CUSTOMER_KEY: "Only a key of one's own has a policy, a log of its use and a switch that ends access.",
    Protection.IN_TRANSIT: "On the wire, anything that is not encrypted can be read and changed on the way.",
}

_TAKE = "; take the key of the data's classification"


def _check(row: Row) -> ResourceCheck:
    def check(resource: Resource, facts: Facts) -> Iterator[Finding]:
        found: dict[str, Finding] = {}  # by property, which several aspects may be about
        for aspect in row.aspects:
            if aspect.protection is Protection.CUSTOMER_KEY and not needs_own_key(resource, facts):
                continue
            for where in aspect.missing(resource):
                found[where] = Finding(_told(aspect, where, resource), aspect.key)
        yield from found.values()

    return check


def _told(aspect: Aspect, where: str, resource: Resource) -> str:
    if aspect.protection is Protection.CUSTOMER_KEY:
        lacking = f"has to be {shown(*aspect.accepted)} for a" if aspect.accepted else "names no"
        return f"{where} {lacking} customer-managed key, and the data is {classification(resource)}"
    at = "at rest" if aspect.protection is Protection.AT_REST else "on the wire"
    return f"{where} has to be {shown(*aspect.accepted)}, to encrypt data {at}"


def slug(type_: str) -> str:
    """A type token as part of a control's id: aws:dms/s3Endpoint:S3Endpoint gives dms-s3-endpoint."""
    module, name = type_.removeprefix("aws:").split(":")[0].split("/")
    words = re.sub("(?<=[a-z0-9])([A-Z])", r"-\1", name)
    return f"{module}-{words.lower()}"


def _control(row: Row) -> ResourceControl:
    protections = list(dict.fromkeys(aspect.protection for aspect in row.aspects))
    paths = list(dict.fromkeys(plain_path(aspect.path) for aspect in row.aspects))
    return ResourceControl(
        id=f"encryption-{slug(row.types[0])}",
        title=f"{row.what} {' and '.join(_HOLDS[protection] for protection in protections)}",
        severity=row.severity,
        rationale=" ".join(_WHY[protection] for protection in protections),
        remediation=f"Set {', '.join(paths)}{_TAKE if Protection.CUSTOMER_KEY in protections else ''}.",
        family="encryption",
        types=row.types,
        check=_check(row),
    )


CONTROLS = tuple(_control(row) for row in ROWS)
