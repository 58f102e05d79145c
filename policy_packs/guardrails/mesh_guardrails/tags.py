"""The tags a resource will carry, and the classification of the data in it that they state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mesh_guardrails.facts import Facts
from mesh_guardrails.resource import UNKNOWN, Resource, Unknown

CLASSIFICATIONS: Final = ("public", "internal", "confidential", "restricted")
"""From the least to the most sensitive."""

CLASSIFICATION_TAG: Final = "Classification"


def effective_tags(resource: Resource) -> Mapping[str, Any] | Unknown:
    """The provider's default tags overlaid with the resource's own; `UNKNOWN` when either is."""
    defaults: Any = resource.provider.props.get("defaultTags") if resource.provider else None
    inherited = defaults.get("tags") if isinstance(defaults, Mapping) else defaults
    tags: dict[str, Any] = {}
    for stated in (inherited, resource.props.get("tags")):
        if isinstance(stated, Unknown):
            return UNKNOWN
        tags |= stated if isinstance(stated, Mapping) else {}
    return tags


def classification(resource: Resource) -> str:
    """The classification of a resource's data: its tag, else internal, which is what data is until somebody decides."""
    tags = effective_tags(resource)
    stated = tags.get(CLASSIFICATION_TAG) if isinstance(tags, Mapping) else None
    return stated if stated in CLASSIFICATIONS else "internal"


def needs_own_key(resource: Resource, facts: Facts) -> bool:
    """Whether data of this classification has to be under a key of the customer.

    The least such classification is the setting `customerKeyFrom` of the control `organisation`.
    """
    least = facts.setting("organisation", "customerKeyFrom", "internal")
    return CLASSIFICATIONS.index(classification(resource)) >= CLASSIFICATIONS.index(least)
