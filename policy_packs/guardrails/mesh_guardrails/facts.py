"""What the controls know besides the resource: the stack, the organisation it belongs to, and their own settings."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any, Self

from mesh_guardrails.waivers import Waiver

_STACK = re.compile(r"(?P<account>[a-z][a-z0-9]*)-(?P<environment>[a-z0-9]+)(?P<recovery>-recovery)?")
_ACCOUNT_ID = re.compile(r"\d{12}")


@dataclass(frozen=True)
class Organisation:
    """The organisation as the pack's configuration states it (settings of the control `organisation`).

    Attributes:
        id: of AWS Organizations, such as o-acme000001.
        accounts: account ids by account name.
        hub: name of the governance account.
        primary_region: where primary stacks deploy.
        recovery_region: where `-recovery` stacks deploy.
        domain_types: sourceAligned, aggregate or consumerAligned by account name.
    """

    id: str
    accounts: Mapping[str, str]
    hub: str
    primary_region: str
    recovery_region: str
    domain_types: Mapping[str, str]

    @classmethod
    def parse(cls, settings: Mapping[str, Any]) -> Organisation:
        """From the settings of the control `organisation`.

        Raises:
            ValueError: naming the setting that is missing or malformed.
        """
        accounts, regions = settings.get("accounts"), settings.get("regions")
        if not isinstance(settings.get("id"), str) or not settings["id"].startswith("o-"):
            raise ValueError("organisation.id: expected the AWS Organizations id, o-…")
        if not isinstance(accounts, Mapping) or not accounts:
            raise ValueError("organisation.accounts: expected account ids by name")
        for name, account in accounts.items():
            if not isinstance(account, str) or not _ACCOUNT_ID.fullmatch(account):
                raise ValueError(f"organisation.accounts.{name}: expected 12 digits in quotes")
        if settings.get("hub") not in accounts:
            raise ValueError("organisation.hub: expected the name of one of organisation.accounts")
        if not isinstance(regions, Mapping) or not {"primary", "recovery"} <= regions.keys():
            raise ValueError("organisation.regions: expected primary and recovery")
        return cls(
            id=settings["id"],
            accounts=dict(accounts),
            hub=settings["hub"],
            primary_region=regions["primary"],
            recovery_region=regions["recovery"],
            domain_types=dict(settings.get("domainTypes") or {}),
        )

    @cached_property
    def account_ids(self) -> frozenset[str]:
        """The ids of all accounts."""
        return frozenset(self.accounts.values())

    @property
    def regions(self) -> Sequence[str]:
        """Every region the organisation uses."""
        return (self.primary_region, self.recovery_region)


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What a control may know besides its resource.

    Attributes:
        stack: its name, `<account>-<environment>[-recovery]`.
        organisation: None when the pack's configuration does not say; the control `organisation` then reports it.
        settings: the configuration of each control, by control id.
        waivers: every waiver that is declared.
        waivers_used: those that covered a finding, known once the other controls have run.
        today: the day by which waivers expire.
    """

    stack: str = ""
    organisation: Organisation | None = None
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    waivers: Sequence[Waiver] = ()
    waivers_used: frozenset[Waiver] = frozenset()
    today: date = date.min

    def of_stack(self, stack: str) -> Self:
        """The same about another stack."""
        return replace(self, stack=stack)

    def configured(self, organisation: Organisation | None, settings: Mapping[str, Mapping[str, Any]]) -> Self:
        """The same with what the pack's configuration says."""
        return replace(self, organisation=organisation, settings=settings)

    @cached_property
    def _named(self) -> re.Match[str] | None:
        return _STACK.fullmatch(self.stack)

    @property
    def account(self) -> str:
        """Name of the stack's account, empty when the stack's name does not say."""
        return self._named["account"] if self._named else ""

    @property
    def account_id(self) -> str | None:
        """Id of the stack's account, None when the organisation has no such account."""
        return self.organisation.accounts.get(self.account) if self.organisation else None

    @property
    def environment(self) -> str:
        """dev, test, stage or prod; empty when the stack's name does not say."""
        return self._named["environment"] if self._named else ""

    @property
    def recovery(self) -> bool:
        """Whether the stack is the pilot light of another."""
        return bool(self._named and self._named["recovery"])

    @property
    def is_hub(self) -> bool:
        """Whether the stack belongs to the governance account."""
        return self.organisation is not None and self.account == self.organisation.hub

    def setting(self, control: str, name: str, default: Any) -> Any:
        """One configuration property of a control, or its default."""
        return self.settings.get(control, {}).get(name, default)
