"""A stack stays in its account and its region, and trusts only its organisation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mesh_guardrails.control import Finding, ResourceControl, Severity
from mesh_guardrails.facts import Facts
from mesh_guardrails.resource import UNKNOWN, Resource

AWS_PROVIDER = "pulumi:providers:aws"
STACK = "pulumi:pulumi:Stack"
# Served from us-east-1 whatever region a provider names: https://docs.aws.amazon.com/general/latest/gr/rande.html
_GLOBAL_REGION = "us-east-1"
# How an engine names the providers it makes by itself: after the version of the plugin.
_DEFAULT = re.compile(r"default(_\d+)*")


def _organisation(resource: Resource, facts: Facts) -> Iterator[Finding]:
    if facts.organisation is None:
        yield Finding("the pack was started without the organisation's accounts and regions", "not-configured")
    elif facts.account_id is None:
        yield Finding(
            "the stack is not named <account>-<environment>[-recovery] after an account of the organisation",
            "unknown-account",
        )


def _pinned(resource: Resource, facts: Facts) -> Iterator[Finding]:
    expected = facts.account_id
    if expected is None:  # reported by the control `organisation`
        return
    allowed = resource.props.get("allowedAccountIds")
    if allowed is UNKNOWN:
        yield Finding("allowedAccountIds is not known yet", "account-ids", undetermined=True)
    elif not isinstance(allowed, list) or [str(account) for account in allowed] != [expected]:
        yield Finding(f"allowedAccountIds has to be exactly the stack's account {expected}", "account-ids")
    for role in _roles(resource.props):
        if role is UNKNOWN:
            yield Finding("the role to assume is not known yet", "assumed-role", undetermined=True)
        elif role.split(":")[4:5] != [expected]:
            yield Finding(f"assumeRoles has to name a role of the stack's account {expected}", "assumed-role")


def _roles(props: Mapping[str, Any]) -> Iterator[Any]:
    roles = props.get("assumeRoles")
    for role in roles if isinstance(roles, list) else [roles] if roles else []:
        arn = role.get("roleArn") if isinstance(role, Mapping) else role
        if arn is not None:
            yield arn


def _provider_region(resource: Resource, facts: Facts) -> Iterator[Finding]:
    organisation = facts.organisation
    if organisation is None:
        return
    region = resource.props.get("region")
    own = organisation.recovery_region if facts.recovery else organisation.primary_region
    if region is not UNKNOWN and region not in (own, _GLOBAL_REGION):
        yield Finding(f"the provider's region has to be {own}, where this stack deploys", "region")


def _region(resource: Resource, facts: Facts) -> Iterator[Finding]:
    organisation = facts.organisation
    region = resource.props.get("region") if resource.type.startswith("aws:") else None
    if organisation is None or region is None or region is UNKNOWN:
        return
    if region not in (*organisation.regions, _GLOBAL_REGION):
        yield Finding(f"region {region} is none of the organisation's ({', '.join(organisation.regions)})", "region")


def _default_provider(resource: Resource, facts: Facts) -> Iterator[Finding]:
    provider = resource.provider
    if resource.type.startswith("aws:") and provider and _DEFAULT.fullmatch(provider.name):
        yield Finding("the resource uses the default provider, which no account is pinned on", "default-provider")


CONTROLS = (
    ResourceControl(
        id="organisation",
        title="The pack knows the organisation and the stack's account in it",
        severity=Severity.HIGH,
        rationale="Without the accounts and regions, no control can tell a stranger from a member.",
        remediation="Start the pack with the configuration file of the environment (--policy-pack-config), add the "
        "account to its setting `organisation`, and name the stack after it.",
        family="accounts",
        types=(STACK,),
        settings={
            "id": {"type": "string", "description": "AWS Organizations id"},
            "hub": {"type": "string", "description": "name of the governance account"},
            "accounts": {"type": "object", "description": "account ids by name"},
            "regions": {"type": "object", "description": "primary and recovery region"},
            "domainTypes": {"type": "object", "description": "sourceAligned, aggregate, consumerAligned by account"},
            "customerKeyFrom": {"type": "string", "enum": ["public", "internal", "confidential", "restricted"]},
        },
        check=_organisation,
    ),
    ResourceControl(
        id="provider-account",
        title="The provider is pinned to the stack's account",
        severity=Severity.CRITICAL,
        rationale="With the wrong credentials at hand, an update would build one account's resources in another.",
        remediation="Give the provider allowed_account_ids=[account id] and a role of that account in assume_roles.",
        family="accounts",
        types=(AWS_PROVIDER,),
        check=_pinned,
    ),
    ResourceControl(
        id="provider-region",
        title="The provider works in the stack's region",
        severity=Severity.HIGH,
        rationale="A pilot light that lands in the primary region survives nothing; data elsewhere breaks residency.",
        remediation="Take the provider's region from the stack's settings.",
        family="accounts",
        types=(AWS_PROVIDER,),
        check=_provider_region,
    ),
    ResourceControl(
        id="provider-explicit",
        title="Every AWS resource is deployed with the pinned provider",
        severity=Severity.HIGH,
        rationale="The default provider takes whatever credentials it finds.",
        remediation="Pass provider= to the component, or set parent= so that it is inherited.",
        family="accounts",
        check=_default_provider,
    ),
    ResourceControl(
        id="region-allowed",
        title="Every resource is in a region of the organisation",
        severity=Severity.HIGH,
        rationale="Other regions have no logging, no guardrails and perhaps another jurisdiction.",
        remediation="Deploy it to the primary or the recovery region.",
        family="accounts",
        check=_region,
    ),
)
