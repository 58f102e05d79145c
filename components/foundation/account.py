"""Which account, environment and region a stack builds. Everything that is named or tagged starts from here."""

import re
from dataclasses import dataclass, replace
from typing import Self

# Parts are joined by hyphens into S3 bucket names, the strictest of all AWS names.
_PART = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_ACCOUNT_ID = re.compile(r"\d{12}")
# https://docs.aws.amazon.com/organizations/latest/APIReference/API_Organization.html, "Id"
_ORGANISATION_ID = re.compile(r"o-[a-z0-9]{10,32}")
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")


@dataclass(frozen=True, kw_only=True)
class Account:
    """One AWS account in one environment, seen from one region.

    Raises ValueError naming the field whose value AWS could not accept.
    """

    organisation: str
    """Prefix of every physical name, e.g. "acme"."""
    organisation_id: str
    """The AWS Organizations id, e.g. "o-acme000001"; trust never reaches beyond it."""
    name: str
    """The account's name within the organisation, e.g. "sales"."""
    environment: str
    """e.g. "prod"."""
    account_id: str
    """Twelve digits."""
    region: str
    """Where this stack deploys."""
    primary_region: str
    recovery_region: str
    hub_account_id: str
    """The governance hub's account: catalog, lineage, log archive."""
    hub_name: str = "governance"
    owner: str
    """Who answers for the account: a team's mail address or name. Becomes a tag."""
    cost_centre: str
    business_unit: str
    partition: str = "aws"

    def __post_init__(self) -> None:
        for field in ("organisation", "name", "environment", "hub_name"):
            _require(field, getattr(self, field), _PART, "lower-case words of letters and digits joined by hyphens")
        for field in ("account_id", "hub_account_id"):
            _require(field, getattr(self, field), _ACCOUNT_ID, "12 digits")
        for field in ("region", "primary_region", "recovery_region"):
            _require(field, getattr(self, field), _REGION, "an AWS region such as eu-west-1")
        _require("organisation_id", self.organisation_id, _ORGANISATION_ID, '"o-" and 10 to 32 letters or digits')
        if self.primary_region == self.recovery_region:
            raise ValueError(f"recovery_region: {self.recovery_region!r} is the primary region as well")
        if self.region not in (self.primary_region, self.recovery_region):
            raise ValueError(f"region: {self.region!r} is neither the primary nor the recovery region")

    @property
    def is_recovery(self) -> bool:
        """Whether this stack is the account's pilot light."""
        return self.region == self.recovery_region

    @property
    def is_hub(self) -> bool:
        """Whether this is the governance hub's own account."""
        return self.account_id == self.hub_account_id

    @property
    def hub(self) -> Self:
        """The governance hub in the same environment and region, for names and ARNs of what it owns."""
        return self.peer(self.hub_name, self.hub_account_id)

    @property
    def root_arn(self) -> str:
        """The account as an IAM principal."""
        return f"arn:{self.partition}:iam::{self.account_id}:root"

    def peer(self, name: str, account_id: str) -> Self:
        """Another account of the organisation in the same environment and region."""
        return replace(self, name=name, account_id=account_id)

    def in_region(self, region: str) -> Self:
        """The same account seen from another of its two regions."""
        return replace(self, region=region)


def _require(field: str, value: str, pattern: re.Pattern[str], expected: str) -> None:
    if not pattern.fullmatch(value):
        raise ValueError(f"{field}: {value!r} is not {expected}")
