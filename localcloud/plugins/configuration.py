"""The aws provider's configuration: which account and region it works in, and the tags it puts on everything."""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from localcloud.engine.values import UNKNOWN, Props, bare
from localcloud.plugins import sdk
from localcloud.plugins.checking import Failure, failures, suggestion
from localcloud.plugins.errors import RefusedError
from localcloud.plugins.sdk import STRING, Property

BASE_ACCOUNT = "123456789012"
"""The account of a caller that has assumed no role: moto's."""

_ACCOUNT_ID = re.compile(r"\d{12}")
_ROLE_ARN = re.compile(r"arn:[\w-]+:iam::(\d{12}):role/.+")
_ENGINES_OWN = {"version", "pluginDownloadURL"}
_ACCOUNT_LISTS = ("allowedAccountIds", "forbiddenAccountIds")


class ConfigurationError(RefusedError):
    """The provider cannot work with this configuration."""


@dataclass(frozen=True)
class Partition:
    """A part of AWS with regions and host names of its own."""

    name: str
    suffix: str


@dataclass(frozen=True)
class Configuration:
    """What a provider is configured with."""

    account: str
    region: str
    default_tags: Mapping[str, str] = field(default_factory=dict)
    ignored_tags: frozenset[str] = frozenset()
    ignored_tag_prefixes: tuple[str, ...] = ()

    def tags(self, own: Mapping[str, str]) -> dict[str, str]:
        """All tags of a resource with these of its own."""
        return {
            key: value
            for key, value in {**self.default_tags, **own}.items()
            if key not in self.ignored_tags and not key.startswith(self.ignored_tag_prefixes)
        }


def partition(region: str) -> Partition:
    """The partition a region belongs to; the commercial one for a region that botocore does not know."""
    return _partitions().get(region, Partition("aws", "amazonaws.com"))


def regions(name: str = "aws") -> list[str]:
    """The regions of a partition."""
    return sorted(region for region, found in _partitions().items() if found.name == name and region != "aws-global")


def is_region(region: str) -> bool:
    """Whether botocore knows the region."""
    return region in _partitions()


def problems(news: Props) -> list[Failure]:
    """Everything wrong with a provider's configuration, by key."""
    known = sdk.provider()
    values = {key: _parsed(known.get(key), value) for key, value in news.items() if key not in _ENGINES_OWN}
    found = [
        Failure(key, f"unknown configuration key '{key}'{suggestion(key, known)}")
        for key in values
        if key not in known and not key.startswith("__")
    ]
    found += failures(known, {key: value for key, value in values.items() if key in known})
    if not found:
        found += _account_problems(values)
        found += _region_problems(values)
    return found


def configuration(args: Props) -> Configuration:
    """The configuration in `args`, whose nested values are JSON texts.

    Raises:
        ConfigurationError: what is configured is no account or region, or an account that must not be used.
    """
    known = sdk.provider()
    values = {key: _parsed(known.get(key), value) for key, value in args.items()}
    wrong = [failure for failure in problems(args) if failure.path]
    if wrong:
        raise ConfigurationError("; ".join(failure.reason for failure in wrong))
    region = values.get("region") or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    if not region:
        raise ConfigurationError('missing required configuration key "aws:region": the region to deploy into')
    roles = values.get("assumeRoles") or ()
    account = _account(roles[-1]["roleArn"]) if roles and roles[-1].get("roleArn") else BASE_ACCOUNT
    allowed, forbidden = (values.get(key) or () for key in _ACCOUNT_LISTS)
    if (allowed and account not in allowed) or account in forbidden:
        raise ConfigurationError(f"AWS account ID not allowed: {account}")
    ignored = values.get("ignoreTags") or {}
    return Configuration(
        account=account,
        region=region,
        default_tags=(values.get("defaultTags") or {}).get("tags") or {},
        ignored_tags=frozenset(ignored.get("keys") or ()),
        ignored_tag_prefixes=tuple(ignored.get("keyPrefixes") or ()),
    )


def _account_problems(values: Props) -> list[Failure]:
    found = [
        Failure(f"{key}[{index}]", f"'{account}' in {key} is no AWS account ID, which has 12 digits")
        for key in _ACCOUNT_LISTS
        for index, account in enumerate(_list(values.get(key)))
        if account is not UNKNOWN and not _ACCOUNT_ID.fullmatch(account)
    ]
    for index, role in enumerate(_list(values.get("assumeRoles"))):
        arn = role.get("roleArn") if isinstance(role, dict) else None
        if arn not in (None, UNKNOWN) and not _ROLE_ARN.fullmatch(arn):
            found.append(
                Failure(f"assumeRoles[{index}].roleArn", f"'{arn}' is no ARN of an IAM role in an AWS account")
            )
    return found


def _region_problems(values: Props) -> list[Failure]:
    region = values.get("region")
    if region in (None, UNKNOWN) or values.get("skipRegionValidation") is True or is_region(region):
        return []
    return [Failure("region", f"invalid AWS Region: {region}{suggestion(region, _partitions())}")]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _account(role_arn: str) -> str:
    match = _ROLE_ARN.fullmatch(role_arn)
    assert match
    return match[1]


def _parsed(declared: Property | None, value: Any) -> Any:
    """A configured value; all but strings come as JSON."""
    value = bare(value)
    if not isinstance(value, str) or declared is None or sdk.element(declared.type) == STRING:
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


@cache
def _partitions() -> Mapping[str, Partition]:
    spec = find_spec("botocore")
    assert spec is not None
    assert spec.origin is not None
    data = json.loads((Path(spec.origin).parent / "data" / "partitions.json").read_text(encoding="utf-8"))
    return {
        region: Partition(found["id"], found["outputs"]["dnsSuffix"])
        for found in data["partitions"]
        for region in found["regions"]
    }
