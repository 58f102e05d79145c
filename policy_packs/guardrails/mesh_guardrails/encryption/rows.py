"""The shape of the encryption table: for each resource type, which properties turn which protection on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from mesh_guardrails.control import Severity
from mesh_guardrails.properties import applies
from mesh_guardrails.resource import UNKNOWN, Resource, plain_path


class Protection(StrEnum):
    """What a property protects; also the key of the finding when it does not."""

    AT_REST = "at-rest"
    CUSTOMER_KEY = "customer-key"
    IN_TRANSIT = "in-transit"


@dataclass(frozen=True)
class Aspect:
    """One property that turns a protection on.

    Attributes:
        protection: which.
        path: of the property, see `resource.values`; `?` marks blocks that may be left out.
        accepted: the values that turn it on; any value when empty.
        default: whether AWS turns it on when the property is absent.
        when: looked at only where this holds, see `properties.applies`.
        unless: not looked at where one of these holds.
    """

    protection: Protection
    path: str
    accepted: tuple[Any, ...] = ()
    default: bool = False
    when: str = ""
    unless: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """What a waiver names it by."""
        return f"{self.protection}:{plain_path(self.path)}"

    def missing(self, resource: Resource) -> Iterator[str]:
        """The concrete paths at which the protection is off; a value not known yet counts as on."""
        for where, value in resource.values(self.path):
            if value is UNKNOWN or (value is None and self.default):
                continue
            wrong = value is None or (self.accepted and value not in self.accepted) or _is_aws_managed(self, value)
            if wrong and applies(resource.props, where, self.when, self.unless):
                yield where


def _is_aws_managed(aspect: Aspect, value: Any) -> bool:
    """Whether a key is one that AWS manages or owns.

    https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html; the last two are how QLDB and Aurora DSQL, and
    Security Lake, name keys that are AWS's own.
    """
    if aspect.protection is not Protection.CUSTOMER_KEY or aspect.accepted or not isinstance(value, str):
        return False
    return not value or "alias/aws/" in value or value in ("AWS_OWNED_KMS_KEY", "S3_MANAGED_KEY")


def at_rest(path: str, *accepted: Any, default: bool = False, when: str = "", unless: tuple[str, ...] = ()) -> Aspect:
    """Stored data is encrypted when the property has one of these values; `True` when none is given."""
    return Aspect(Protection.AT_REST, path, accepted or (True,), default, when, unless)


def customer_key(path: str, *accepted: Any, when: str = "", unless: tuple[str, ...] = ()) -> Aspect:
    """The property names the KMS key, or has one of the values that ask for one."""
    return Aspect(Protection.CUSTOMER_KEY, path, accepted, False, when, unless)


def in_transit(
    path: str, *accepted: Any, default: bool = False, when: str = "", unless: tuple[str, ...] = ()
) -> Aspect:
    """Connections are encrypted when the property has one of these values; `True` when none is given."""
    return Aspect(Protection.IN_TRANSIT, path, accepted or (True,), default, when, unless)


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes:
        types: the resource type, or several of the same inputs.
        what: what they are called, as the subject of a sentence in the plural.
        aspects: what turns protection on.
        severity: of leaving it off.
    """

    types: tuple[str, ...]
    what: str
    aspects: tuple[Aspect, ...]
    severity: Severity


def row(types: str, what: str, *aspects: Aspect, severity: Severity | None = None) -> Row:
    """A line of the table; several types are separated by blanks.

    Leaving data or connections in the clear is worse than leaving them under a key of AWS, unless the line says more.
    """
    clear = any(aspect.protection is not Protection.CUSTOMER_KEY for aspect in aspects)
    return Row(tuple(types.split()), what, aspects, severity or (Severity.HIGH if clear else Severity.MEDIUM))


Exempt = Mapping[str, str]
"""Why no control applies to a type although it has an encryption input, by type."""
