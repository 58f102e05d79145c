"""What the analysis finds, and what it has to know besides the document."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Concern(StrEnum):
    """What a finding is about; each is a control of the pack, by its id."""

    GRAMMAR = "iam-grammar"
    SPELLING = "iam-action-spelling"
    ADMINISTRATOR = "iam-administrator"
    SERVICE_WILDCARD = "iam-service-wildcard"
    PERMISSIONS_WILDCARD = "iam-permissions-wildcard"
    NEGATION = "iam-negation"
    PERMISSIONS_ON_ALL = "iam-permissions-on-all"
    WRITE_ON_ALL = "iam-write-on-all"
    READ_ON_ALL = "iam-read-on-all"
    PASS_ROLE = "iam-pass-role"
    CONFUSED_DEPUTY = "iam-confused-deputy"
    EXTERNAL_ID = "iam-external-id"
    FEDERATION = "iam-federation"
    ROLES_ACROSS = "iam-roles-across"
    WHOLE_ACCOUNT = "iam-whole-account"
    ENDPOINT_PERIMETER = "iam-endpoint-perimeter"
    RESOURCE_PERIMETER = "iam-resource-perimeter"
    OPEN_BOUNDARY = "iam-open-boundary"


@dataclass(frozen=True)
class Finding:
    """One thing the analysis found wrong with a document.

    Attributes:
        concern: which control reports it.
        key: what a waiver names it by; the statement's Sid, or its number from 1, and what is wrong with it.
        where: the statement, as a message calls it.
        reason: what is wrong with it.
        change: the smallest change that puts it right.
    """

    concern: Concern
    key: str
    where: str
    reason: str
    change: str

    @property
    def message(self) -> str:
        """Statement, reason and change in one sentence."""
        return f"{self.where} {self.reason}; {self.change}"


@dataclass(frozen=True)
class Context:
    """What is known besides the document.

    Attributes:
        organisation: id of AWS Organizations; empty when it is not known.
        members: the account ids of the organisation.
        trusted: account ids that are trusted for good, though they are nobody's here.
        account: the account the document will be in; empty when it is not known.
    """

    organisation: str = ""
    members: frozenset[str] = field(default_factory=frozenset)
    trusted: frozenset[str] = field(default_factory=frozenset)
    account: str = ""


def some(names: list[str], most: int = 4) -> str:
    """The first few of a list of names, for a message."""
    listed = ", ".join(sorted(names)[:most])
    return listed if len(names) <= most else f"{listed} and {len(names) - most} more"
