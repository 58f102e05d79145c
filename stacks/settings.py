"""What a stack file may say, and the settings of one stack: its file joined with the organisation."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network
from itertools import combinations
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints, model_validator

from stacks.documents import ROOT, Document, DocumentError, read_yaml, shown, validate
from stacks.organisation import AccountEntry, Environment, Name, Organisation, load_organisation

STACKS = ROOT / "stacks"
NAMESPACE = "mesh:"
RECOVERY_SUFFIX = "-recovery"


class Network(Document):
    """The account's VPC."""

    cidr: IPv4Network = Field(description="address range, between /16 and /20, distinct in the organisation")

    @model_validator(mode="after")
    def _size(self) -> Self:
        if not 16 <= self.cidr.prefixlen <= 20:
            raise ValueError("cidr must be between /16 and /20 so that three zones fit")
        return self


class Partner(Document):
    """Somebody outside who delivers files for one product over SFTP."""

    user: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{2,31}$")] = Field(description="SFTP user name")
    product: str = Field(description="the product whose landing folder the partner may write")
    public_key: Annotated[str, StringConstraints(pattern=r"^(ssh-ed25519|ssh-rsa|ecdsa-sha2-\S+) \S+")] = Field(
        description="OpenSSH public key"
    )


class FileTransfer(Document):
    """The SFTP way in."""

    allowed_networks: tuple[IPv4Network, ...] = Field(
        min_length=1, description="address ranges that may reach the SFTP server"
    )
    partners: tuple[Partner, ...] = ()

    @model_validator(mode="after")
    def _distinct_users(self) -> Self:
        users = [partner.user for partner in self.partners]
        if len(set(users)) != len(users):
            raise ValueError("two partners have the same user name")
        return self


class Retention(Document):
    """How long things are kept, in days."""

    logs: int = Field(default=365, ge=90, le=3653, description="log groups")
    quarantine: int = Field(default=90, ge=7, le=3653, description="rejected rows and files")
    landing: int = Field(default=30, ge=1, le=365, description="delivered files after they were read")


class StackFile(Document):
    """The `mesh:` keys of a file `stacks/Pulumi.<account>-<environment>[-recovery].yaml`."""

    account: Name = Field(description="an account of organisation.yaml")
    environment: Environment = Field(
        description="dev, test, stage or prod; policy_packs/guardrails/config has the levels of each"
    )
    network: Network | None = Field(default=None, description="the VPC; required for a domain's primary stack")
    file_transfer: FileTransfer | None = Field(default=None, description="SFTP server and its partners")
    retention: Retention = Retention()


@dataclass(frozen=True, kw_only=True)
class StackSettings:
    """Everything a blueprint needs to know about its stack."""

    stack: str
    organisation: Organisation
    entry: AccountEntry
    file: StackFile
    recovery: bool

    @property
    def account_id(self) -> str:
        """The AWS account of this stack."""
        return self.entry.ids[self.file.environment]

    @property
    def region(self) -> str:
        """Where this stack deploys."""
        regions = self.organisation.regions
        return regions.recovery if self.recovery else regions.primary

    @property
    def primary_stack(self) -> str:
        """The stack whose pilot light this one is; itself when it is no pilot light."""
        return self.stack.removesuffix(RECOVERY_SUFFIX)

    @property
    def hub_stack(self) -> str:
        """The governance hub's primary stack in the same environment."""
        return f"{self.organisation.hub[0]}-{self.file.environment}"

    @property
    def depends_on(self) -> tuple[str, ...]:
        """The stacks that are deployed before this one: the hub's of the same region, and a pilot light's primary."""
        if self.stack == self.hub_stack:
            return ()
        if self.primary_stack == self.hub_stack:
            return (self.hub_stack,)
        suffix = RECOVERY_SUFFIX if self.recovery else ""
        own = (self.primary_stack,) if self.recovery else ()
        return (*own, f"{self.hub_stack}{suffix}")


def stack_path(stack: str) -> Path:
    """Where a stack's file is."""
    return STACKS / f"Pulumi.{stack}.yaml"


def settings_from(stack: str, config: Mapping[str, Any], organisation: Organisation) -> StackSettings:
    """The settings of a stack.

    Args:
        stack: the stack's name, `<account>-<environment>[-recovery]`.
        config: the stack's `mesh:` configuration, without the prefix.
        organisation: the organisation it is part of.

    Raises:
        DocumentError: naming the stack file, the path in it and what was expected.
    """
    path = stack_path(stack)
    file = validate(StackFile, config, path, prefix="config.mesh:")
    entry = organisation.accounts.get(file.account)
    if entry is None:
        known = ", ".join(organisation.accounts)
        raise DocumentError(
            f"{shown(path)}: config.mesh:account: expected an account of stacks/organisation.yaml ({known}); "
            f"found {file.account!r}"
        )
    if file.environment not in entry.ids:
        raise DocumentError(
            f"{shown(path)}: config.mesh:environment: expected one in which {file.account} has an account by "
            f"stacks/organisation.yaml ({', '.join(entry.ids)}); found {file.environment.value!r}"
        )
    match = re.fullmatch(rf"{file.account}-{file.environment}({RECOVERY_SUFFIX})?", stack)
    if match is None:
        raise DocumentError(
            f"{shown(path)}: config.mesh:account: the stack must be named <account>-<environment>[{RECOVERY_SUFFIX}], "
            f"so {file.account}-{file.environment} for this file; found {stack!r}"
        )
    settings = StackSettings(
        stack=stack, organisation=organisation, entry=entry, file=file, recovery=match.group(1) is not None
    )
    _require_network_where_it_is_used(settings)
    return settings


def _require_network_where_it_is_used(settings: StackSettings) -> None:
    """A domain's primary stack has a network and may take files; what another said of them would go unheard."""
    path, file = shown(stack_path(settings.stack)), settings.file
    if settings.entry.domain_type is not None and not settings.recovery:
        if file.network is None:
            raise DocumentError(f"{path}: config.mesh:network: required for a domain, but missing")
        return
    for key, value in (("network", file.network), ("fileTransfer", file.file_transfer)):
        if value is not None:
            raise DocumentError(f"{path}: config.mesh:{key}: only a domain's primary stack has one; remove it")


def read_settings(stack: str, organisation: Organisation | None = None) -> StackSettings:
    """The settings of a stack straight from its file, with no engine (secrets stay encrypted).

    Raises:
        DocumentError: naming the file, the path in it and what was expected.
    """
    path = stack_path(stack)
    content = read_yaml(path).get("config") or {}
    if not isinstance(content, dict) or not all(isinstance(key, str) for key in content):
        raise DocumentError(f"{shown(path)}: config: expected a mapping of names to values")
    own = {key.removeprefix(NAMESPACE): value for key, value in content.items() if key.startswith(NAMESPACE)}
    return settings_from(stack, own, organisation or load_organisation())


def decode_config(config: Mapping[str, str]) -> dict[str, Any]:
    """The engine's view of the configuration, where each value is text, as the `mesh:` mapping of the stack file."""
    return {
        key.removeprefix(NAMESPACE): json.loads(value) if value[:1] in ("{", "[") else value
        for key, value in config.items()
        if key.startswith(NAMESPACE)
    }


def stack_names() -> list[str]:
    """Every stack that has a file, in the order in which stacks may be deployed.

    Raises:
        DocumentError: a stack file is wrong, reads the exports of a stack that has no file, or has another's
            network.
    """
    names = sorted(path.name.removeprefix("Pulumi.").removesuffix(".yaml") for path in STACKS.glob("Pulumi.*.yaml"))
    organisation = load_organisation()
    settings = {name: read_settings(name, organisation) for name in names}
    _require_distinct_networks(settings.values())
    needs = {name: each.depends_on for name, each in settings.items()}
    for name, wanted in needs.items():
        for other in wanted:
            if other not in needs:
                raise DocumentError(f"{shown(stack_path(name))}: needs stack {other}, which has no file")
    ordered: list[str] = []
    while len(ordered) < len(names):
        ordered += [n for n in names if n not in ordered and all(o in ordered for o in needs[n])]
    return ordered


def _require_distinct_networks(stacks: Iterable[StackSettings]) -> None:
    """Networks of an environment that overlap could never be joined, by peering or a transit gateway."""
    networks = [(each, each.file.network.cidr) for each in stacks if each.file.network is not None]
    for (one, first), (other, second) in combinations(networks, 2):
        if one.file.environment is other.file.environment and first.overlaps(second):
            raise DocumentError(
                f"{shown(stack_path(other.stack))}: config.mesh:network.cidr: expected a range of its own; "
                f"found {second}, which overlaps {first} of {one.stack}"
            )
