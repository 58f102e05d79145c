"""Which requirements of public frameworks each control helps to meet; the mappings are data.

`data/securityhub.json` has what AWS publishes: the related requirements of Security Hub controls. Where a control has
such counterparts, their requirements are its own. `data/frameworks.json` names the counterparts; for the rest it has
this project's own assessment, by topic: a control is about the topics of its entry, or else about its family's.
`data/requirements.json` lists every requirement of each framework, in groups, so that a wrong one is found.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any, Final

from mesh_guardrails.control import Control

_DATA: Final = Path(__file__).with_name("data")


@dataclass(frozen=True)
class Framework:
    """A published set of requirements.

    Attributes:
        key: its short name, as in tags and in the catalogue.
        name: its title.
        version: the one that the requirements are of.
        reference: where it is published.
        mapping: where the mapping of controls to it comes from.
        requirements: what counts as one of its requirements.
    """

    key: str
    name: str
    version: str
    reference: str
    mapping: str
    requirements: str


@dataclass(frozen=True)
class Mappings:
    """What the tables name, for tests to compare with what there is.

    Attributes:
        families: each family with its topics.
        controls: each control that has an entry, with its topics; none where its family's apply.
        topics: the topics that are defined.
        counterparts: the Security Hub controls whose related requirements are known.
    """

    families: Mapping[str, Sequence[str]]
    controls: Mapping[str, Sequence[str]]
    topics: Sequence[str]
    counterparts: Sequence[str]


@cache
def _read(name: str) -> Mapping[str, Any]:
    table: Mapping[str, Any] = json.loads((_DATA / f"{name}.json").read_text(encoding="utf-8"))
    return table


@cache
def frameworks() -> Sequence[Framework]:
    """All frameworks, in the order they are shown."""
    return tuple(Framework(key, **about) for key, about in _read("frameworks")["frameworks"].items())


@cache
def groups(framework: str) -> Mapping[str, Sequence[str]]:
    """All requirements of a framework, given by its key, in its own groups and order."""
    return {group: ids.split() for group, ids in _read("requirements")[framework].items()}


def counterparts(control: Control) -> Sequence[str]:
    """The Security Hub controls that check the same, of whichever standard."""
    return _ids(_entry(control), "securityhub")


def published(control: Control) -> Mapping[str, Sequence[str]]:
    """The requirements that AWS relates to the control's counterparts, by framework key."""
    standard = _order("fsbp")
    related = [_read("securityhub")["controls"][each] for each in counterparts(control)]
    found = {"fsbp": [each for each in counterparts(control) if each in standard]}
    for framework in frameworks():
        found.setdefault(framework.key, [each for ids in related for each in _ids(ids, framework.key)])
    return {key: _sorted(key, ids) for key, ids in found.items() if ids}


def requirements(control: Control) -> Mapping[str, Sequence[str]]:
    """The requirements a control helps to meet, by framework key; frameworks without any are left out.

    They are the published ones, or those of its topics where none is published, and what its entry adds.
    """
    entry, related, found = _entry(control), published(control), {}
    topics = [_read("frameworks")["topics"][topic] for topic in _topics(control)]
    for framework in frameworks():
        key = framework.key
        ids = related.get(key) or [each for topic in topics for each in _ids(topic, key)]
        if every := {*ids, *_ids(entry, key)}:
            found[key] = _sorted(key, every)
    return found


def covered(controls: Iterable[Control], framework: str) -> Mapping[str, Sequence[str]]:
    """By group, the requirements of a framework that at least one of the controls helps to meet."""
    met = {each for control in controls for each in requirements(control).get(framework, ())}
    return {group: [each for each in ids if each in met] for group, ids in groups(framework).items()}


def mapped() -> Mappings:
    """Everything the tables name."""
    table = _read("frameworks")
    return Mappings(
        families={family: topics.split() for family, topics in table["families"].items()},
        controls={control: _ids(entry, "topics") for control, entry in table["controls"].items()},
        topics=tuple(table["topics"]),
        counterparts=tuple(_read("securityhub")["controls"]),
    )


def _entry(control: Control) -> Mapping[str, str]:
    entry: Mapping[str, str] = _read("frameworks")["controls"].get(control.id, {})
    return entry


def _topics(control: Control) -> Sequence[str]:
    family: str = _read("frameworks")["families"][control.family]
    return _ids(_entry(control), "topics") or family.split()


def _ids(stated: Mapping[str, str], key: str) -> Sequence[str]:
    return stated.get(key, "").split()


@cache
def _order(framework: str) -> Mapping[str, int]:
    return {each: place for place, each in enumerate(chain.from_iterable(groups(framework).values()))}


def _sorted(framework: str, ids: Iterable[str]) -> Sequence[str]:
    return sorted(set(ids), key=_order(framework).__getitem__)
