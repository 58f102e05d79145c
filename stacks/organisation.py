"""The organisation: its accounts, regions and domain types, read from `stacks/organisation.yaml`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from components.foundation.classification import Classification
from stacks.documents import ROOT, Document, read_yaml, validate

ORGANISATION_FILE = ROOT / "stacks" / "organisation.yaml"

AccountId = Annotated[str, StringConstraints(pattern=r"^\d{12}$")]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]{1,14}$")]
Region = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")]


class Environment(StrEnum):
    """A mesh of its own, in accounts of its own; `policy_packs/guardrails/config` has the levels of each."""

    DEV = "dev"
    TEST = "test"
    STAGE = "stage"
    PROD = "prod"


class Kind(StrEnum):
    """What an account is for; it selects the blueprint."""

    GOVERNANCE = "governance"
    DOMAIN = "domain"


class DomainType(StrEnum):
    """Whose data a domain serves (the `type` of ODPS 1.1)."""

    SOURCE_ALIGNED = "sourceAligned"
    AGGREGATE = "aggregate"
    CONSUMER_ALIGNED = "consumerAligned"


class Regions(Document):
    """Where the mesh runs, and where its pilot light waits."""

    primary: Region = Field(description="AWS region of every primary stack")
    recovery: Region = Field(description="AWS region of every -recovery stack")

    @model_validator(mode="after")
    def _differ(self) -> Self:
        if self.primary == self.recovery:
            raise ValueError("the recovery region must differ from the primary region")
        return self


class AccountEntry(Document):
    """What an account is for, and the AWS account that it is in each environment."""

    ids: dict[Environment, AccountId] = Field(
        min_length=1, description="AWS account ids, 12 digits in quotes, by environment: dev, test, stage, prod"
    )
    kind: Kind = Field(description="which blueprint the account's stacks use")
    domain_type: DomainType | None = Field(default=None, description="required for a domain")
    owner: str = Field(min_length=1, description="team that owns the account (tag Owner)")
    cost_centre: str = Field(min_length=1, description="who pays (tag CostCentre)")
    business_unit: str = Field(min_length=1, description="tag BusinessUnit")
    keeps: tuple[Classification, ...] = Field(
        default=(), description="classifications of data that outlives its products: their keys stay"
    )

    @model_validator(mode="after")
    def _domains_have_a_type(self) -> Self:
        if (self.kind is Kind.DOMAIN) != (self.domain_type is not None):
            raise ValueError("domainType is required for kind domain, and only there")
        return self


class Organisation(Document):
    """All accounts of the mesh."""

    name: Name = Field(description="prefix of every physical name")
    id: Annotated[str, StringConstraints(pattern=r"^o-[a-z0-9]{10,32}$")] = Field(
        description="AWS Organizations id, the condition of every cross-account grant"
    )
    regions: Regions
    accounts: dict[Name, AccountEntry]

    @model_validator(mode="after")
    def _one_hub_and_distinct_ids(self) -> Self:
        hubs = [name for name, account in self.accounts.items() if account.kind is Kind.GOVERNANCE]
        if len(hubs) != 1:
            raise ValueError(f"exactly one account of kind governance is expected, found {len(hubs)}")
        ids = [each for account in self.accounts.values() for each in account.ids.values()]
        if len(set(ids)) != len(ids):
            raise ValueError("an account id is here twice; every account and environment needs its own")
        hub, entry = self.hub
        for name, account in self.accounts.items():
            if missing := account.ids.keys() - entry.ids.keys():
                raise ValueError(f"{name} is in {', '.join(sorted(missing))}, so {hub} has to be there too")
        return self

    def ids(self, environment: str) -> dict[str, str]:
        """The account ids of one environment, by name."""
        return {
            name: account.ids[Environment(environment)]
            for name, account in self.accounts.items()
            if environment in account.ids
        }

    @property
    def hub(self) -> tuple[str, AccountEntry]:
        """Name and entry of the governance hub."""
        return next((name, entry) for name, entry in self.accounts.items() if entry.kind is Kind.GOVERNANCE)

    @property
    def domains(self) -> dict[str, AccountEntry]:
        """The domain accounts by name."""
        return {name: entry for name, entry in self.accounts.items() if entry.kind is Kind.DOMAIN}


def load_organisation(path: Path = ORGANISATION_FILE) -> Organisation:
    """Read and check the organisation file.

    Raises:
        stacks.documents.DocumentError: naming the file, the path in it and what was expected.
    """
    return validate(Organisation, read_yaml(path), path)
