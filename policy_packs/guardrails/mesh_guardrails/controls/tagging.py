"""Tags say who owns a resource, who pays and how sensitive its data is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path as File
from typing import Any, Final

from mesh_guardrails.control import Finding, Path, ResourceControl, Severity
from mesh_guardrails.data.stores import DATA_STORES
from mesh_guardrails.facts import Facts
from mesh_guardrails.resource import UNKNOWN, Resource
from mesh_guardrails.tags import CLASSIFICATION_TAG, CLASSIFICATIONS, effective_tags

REQUIRED: Final = ("Owner", "CostCentre", "BusinessUnit", "Environment")


@cache
def taggable() -> frozenset[str]:
    """The types of pulumi-aws that take tags; `mesh_guardrails.data.sdk` writes the list."""
    listed = File(__file__).parent.parent / "data" / "taggable.txt"
    return frozenset(listed.read_text(encoding="utf-8").split())


def _missing(resource: Resource, facts: Facts) -> Sequence[str]:
    """The required tags a resource lacks; a tag that is set but unknown is not missing."""
    tags = effective_tags(resource)
    if resource.type not in taggable() or not isinstance(tags, Mapping):
        return ()
    return [tag for tag in facts.setting("required-tags", "tags", REQUIRED) if not tags.get(tag)]


def _required(resource: Resource, facts: Facts) -> Iterator[Finding]:
    if resource.type in taggable() and effective_tags(resource) is UNKNOWN:
        yield Finding("the tags are not known yet", "tags", undetermined=True)
    for tag in _missing(resource, facts):
        yield Finding(f"the tag {tag} is missing", tag)


def _add_tags(resource: Resource, facts: Facts) -> Mapping[Path, Any]:
    """The missing tags whose values the stack's name or the configuration tells."""
    known = {"Environment": facts.environment, **facts.setting("required-tags", "values", {})}
    return {("tags", tag): known[tag] for tag in _missing(resource, facts) if known.get(tag)}


def _classified(resource: Resource, facts: Facts) -> Iterator[Finding]:
    tags = effective_tags(resource)
    if not isinstance(tags, Mapping):
        yield Finding("the tags are not known yet", CLASSIFICATION_TAG, undetermined=True)
        return
    stated = tags.get(CLASSIFICATION_TAG)
    if stated is not UNKNOWN and stated not in CLASSIFICATIONS:
        yield Finding(f"the tag {CLASSIFICATION_TAG} has to be one of {', '.join(CLASSIFICATIONS)}", CLASSIFICATION_TAG)


CONTROLS = (
    ResourceControl(
        id="required-tags",
        title="Every resource says who owns it, who pays and which environment it is",
        severity=Severity.MEDIUM,
        rationale="In an incident the first question is whose it is; in a review, what it costs and for whom.",
        remediation="Set the tags once, as default_tags of the account's provider.",
        family="accounts",
        settings={
            "tags": {"type": "array", "items": {"type": "string"}, "description": "the tags every resource carries"},
            "values": {"type": "object", "description": "what remediation sets where a tag is missing"},
        },
        check=_required,
        fix=_add_tags,
    ),
    ResourceControl(
        id="data-classified",
        title="Every data store says how sensitive its data is",
        severity=Severity.MEDIUM,
        rationale="The classification decides the key, the access and the retention; without it all three are guesses.",
        remediation=f"Set the tag {CLASSIFICATION_TAG} to {', '.join(CLASSIFICATIONS[:-1])} or {CLASSIFICATIONS[-1]}.",
        family="mesh",
        types=tuple(sorted(DATA_STORES & taggable())),
        check=_classified,
    ),
)
