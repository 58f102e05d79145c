"""Checks a resource's inputs and fills in what the real provider fills in: names, region, tags, descriptions."""

from dataclasses import dataclass

from localcloud.engine.values import Props, Secret, bare, has_secret, has_unknown, without_outputs
from localcloud.plugins.checking import Failure, documents_as_json, failures
from localcloud.plugins.configuration import Configuration
from localcloud.plugins.facts import facts
from localcloud.plugins.naming import DEFAULTS, Autonaming, named
from localcloud.plugins.sdk import Resource

DESCRIPTION = "Managed by Pulumi"
TAGS, ALL_TAGS = "tags", "tagsAll"


@dataclass(frozen=True)
class Checked:
    """Inputs that are complete, and what is wrong with them."""

    inputs: Props
    failures: list[Failure]


def check(
    resource: Resource,
    configuration: Configuration,
    name: str,
    seed: bytes,
    news: Props,
    olds: Props,
    autonaming: Autonaming,
) -> Checked:
    """Check `news`, the inputs the program gives, for a resource whose inputs were `olds`, empty for a new one."""
    given = {key: value for key, value in news.items() if value is not None and key not in _made(resource)}
    wrong = failures(resource.inputs, given)
    inputs = documents_as_json(resource.inputs, without_outputs(given))
    made, refusal = named(facts(resource).naming, name, seed, inputs, olds, autonaming)
    return Checked(
        {
            **inputs,
            **_filled_in(resource, inputs, made),
            **_placed(resource, inputs, configuration),
            **_tagged(resource, inputs, configuration),
        },
        wrong + ([refusal] if refusal else []),
    )


def _made(resource: Resource) -> set[str]:
    """Inputs that are the provider's own, and come back when the engine checks what it was given before."""
    return {DEFAULTS} | ({ALL_TAGS} if resource.inputs.get(ALL_TAGS) is None else set())


def _filled_in(resource: Resource, inputs: Props, name: str | None) -> Props:
    known, filled = facts(resource), Props()
    if name is not None and known.naming is not None:
        filled[known.naming.property] = name
    if known.described is not None and known.described not in inputs:
        filled[known.described] = DESCRIPTION
    return {**filled, DEFAULTS: sorted(filled)} if filled else {}


def _placed(resource: Resource, inputs: Props, configuration: Configuration) -> Props:
    return {"region": configuration.region} if "region" in resource.inputs and "region" not in inputs else {}


def _tagged(resource: Resource, inputs: Props, configuration: Configuration) -> Props:
    """All tags, which the real provider makes an input too, so that a change of default tags shows as a change."""
    if ALL_TAGS not in resource.outputs or TAGS not in resource.inputs:
        return {}
    own = inputs.get(TAGS, {})
    plain = bare(own)
    if has_unknown(plain) or not isinstance(plain, dict):
        return {ALL_TAGS: own}
    merged = configuration.tags(plain)
    return {ALL_TAGS: Secret(merged) if has_secret(own) else merged}
