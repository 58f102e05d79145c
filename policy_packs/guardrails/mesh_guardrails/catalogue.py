"""Writes the catalogue of controls, docs/controls.md: `python -m mesh_guardrails.catalogue <file>`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from mesh_guardrails.control import Control, ResourceControl
from mesh_guardrails.controls import CONTROLS
from mesh_guardrails.encryption import EXEMPT
from mesh_guardrails.frameworks import counterparts, covered, frameworks, groups, published, requirements

_FAMILIES = {
    "accounts": "Accounts, regions and tags",
    "encryption": "Encryption",
    "encryption-keys": "Keys and secrets",
    "transport": "Transport",
    "iam": "Identity and access",
    "exposure": "Exposure",
    "logging": "Logging",
    "durability": "Durability",
    "upkeep": "Upkeep",
    "mesh": "The mesh",
    "waivers": "Waivers",
}
_MOST_TYPES = 4
_USE = """
Run it with either engine, or over the state of a stack that is deployed already:

```
pulumi preview --policy-pack policy_packs/guardrails --policy-pack-config policy_packs/guardrails/config/prod.json
pulumi policy analyze --stack sales-prod --policy-pack policy_packs/guardrails --policy-pack-config …/config/prod.json
```

**Levels.** `config/<environment>.json` sets the level of all controls (`advisory` in dev, `mandatory` in prod) and, by
id, of single ones: `advisory`, `mandatory`, `remediate` or `disabled`. `remediate` changes the resource where the
control can (tags, key rotation, bucket keys) and is mandatory otherwise. A name that is no control's, or a setting a
control does not have, stops the engine. When the organisation changes, its accounts and regions get into the files by
`make organisation`.

**Reports.** A finding has a key, told as `(finding …)`. What depends on a value that is not known before the update is
reported as undetermined, and judged at the update. A value that is set but unknown counts as set. A control that breaks
blocks, whatever its level. Values of properties are not repeated, as they may be secrets.

**Waivers.** An entry in `waivers.yaml` accepts one finding of one control on named resources of one stack and type,
with reason, owner, ticket and a last day at most a year ahead. Every use is reported. An expired or over-broad waiver
does not count, and an unused one is a violation.

**A new control** is a line in one of the tables (`encryption/`, or `expect(…)` in a module of `controls/`) or a small
function over plain data, with cases of what it accepts and what it refuses in `tests/policy_packs/guardrails/cases`.
Its counterparts in Security Hub, or else its topics, go into `data/frameworks.json`; without an entry it has the topics
of its family.
"""
_OWN = "†"
_MAPPINGS = f"""
A control helps to meet its requirements; few are met by one control alone, and many ask for people and procedures, of
which a program decides nothing. A requirement as such is one that AWS relates to the control's counterparts in Security
Hub. One marked {_OWN} is this project's own assessment: where AWS relates none to them, where there is no counterpart,
or where the control does more. A control with no requirement of a framework helps to meet none. The AWS pages were read
in their state of September 2026.
"""


def catalogue(controls: Sequence[Control] = CONTROLS) -> str:
    """The whole page."""
    return "\n".join(_page(controls)) + "\n"


def _page(controls: Sequence[Control]) -> Iterator[str]:
    yield "# Controls of the policy pack"
    yield ""
    yield (
        f"Generated from the pack by `python -m mesh_guardrails.catalogue`: {len(controls)} controls. "
        "A control's id is its name in configuration, in waivers and in reports."
    )
    yield _USE
    yield from _frameworks(controls)
    yield from _settings(controls)
    for family, heading in _FAMILIES.items():
        yield from _family(heading, [control for control in controls if control.family == family])
    yield from _coverage(controls)
    yield from _exempt()


def _frameworks(controls: Sequence[Control]) -> Iterator[str]:
    yield "## Frameworks"
    yield _MAPPINGS
    yield "| key | framework | version | mapped by | covered | of |"
    yield "|---|---|---|---|---|---|"
    for framework in frameworks():
        link = f"[{framework.name}]({framework.reference})"
        share = f"{_size(covered(controls, framework.key))} of {_size(groups(framework.key))}"
        cells = (framework.key, link, framework.version, framework.mapping, share, framework.requirements)
        yield f"| {' | '.join(cells)} |"


def _size(grouped: Mapping[str, Sequence[str]]) -> int:
    return sum(map(len, grouped.values()))


def _coverage(controls: Sequence[Control]) -> Iterator[str]:
    yield ""
    yield "## Coverage"
    yield ""
    yield "The requirements that at least one control helps to meet."
    yield ""
    yield "| framework | group | covered | requirements |"
    yield "|---|---|---|---|"
    for framework in frameworks():
        for group, met in covered(controls, framework.key).items():
            share = f"{len(met)} of {len(groups(framework.key)[group])}"
            yield f"| {framework.key} | {group} | {share} | {', '.join(met)} |"


def _settings(controls: Sequence[Control]) -> Iterator[str]:
    yield ""
    yield "## Settings"
    yield ""
    yield "| control | setting | type | what it is |"
    yield "|---|---|---|---|"
    for control in controls:
        for name, schema in control.settings.items():
            about = schema.get("description") or ", ".join(schema.get("enum", ()))
            yield f"| `{control.id}` | {name} | {schema['type']} | {_cell(about)} |"


def _family(heading: str, controls: Sequence[Control]) -> Iterator[str]:
    yield ""
    yield f"## {heading}"
    yield ""
    yield "| id | what holds | severity | looks at | why | how to fix | frameworks |"
    yield "|---|---|---|---|---|---|---|"
    for control in controls:
        cells = (
            f"`{control.id}`",
            control.title,
            control.severity,
            _scope(control),
            control.rationale,
            control.remediation,
            _requirements(control),
        )
        yield f"| {' | '.join(_cell(cell) for cell in cells)} |"


def _scope(control: Control) -> str:
    if not isinstance(control, ResourceControl):
        return "the stack"
    if not control.types:
        return "every resource"
    names = [type_[4:].partition(":")[0] if type_.startswith("aws:") else type_ for type_ in control.types]
    more = f" and {len(names) - _MOST_TYPES} more" if len(names) > _MOST_TYPES else ""
    return ", ".join(names[:_MOST_TYPES]) + more


def _requirements(control: Control) -> str:
    related = published(control)
    beside = [each for each in counterparts(control) if each not in related.get("fsbp", ())]
    listed = [f"Security Hub {', '.join(beside)}"] if beside else []
    for key, ids in requirements(control).items():
        told = (each if each in related.get(key, ()) else each + _OWN for each in ids)
        listed.append(f"{key} {', '.join(told)}")
    return "; ".join(listed)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _exempt() -> Iterator[str]:
    yield ""
    yield "## Types without an encryption control"
    yield ""
    yield "They have an encryption input, but no control applies."
    yield ""
    yield "| type | why |"
    yield "|---|---|"
    for type_, reason in sorted(EXEMPT.items()):
        yield f"| `{type_}` | {_cell(reason)} |"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(catalogue(), encoding="utf-8")
