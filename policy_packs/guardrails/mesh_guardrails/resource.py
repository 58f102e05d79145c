"""What a control sees: resources as plain Python data, with values that are not known yet marked as such."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any, Final


class Unknown:
    """A value that is set but that only the cloud will know, such as the ARN of a key the same update creates."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()

_IDENTIFIERS: Final = ("id", "arn", "name", "bucket", "url", "clusterIdentifier")
"""Properties by which others refer to a resource."""

Props = Mapping[str, Any]
"""A resource's properties by their camelCase names: None, bool, int, float, str, list, dict or `UNKNOWN`."""


@dataclass(frozen=True)
class Provider:
    """The provider a resource is deployed with; its nested inputs are already decoded from JSON."""

    type: str
    name: str
    urn: str
    props: Props


@dataclass(frozen=True)
class Resource:
    """One resource of a stack: its inputs in a resource control, its outputs in a stack control."""

    type: str
    urn: str
    name: str
    props: Props
    provider: Provider | None = None
    parent: str = ""
    protect: bool = False
    dependencies: Sequence[str] = ()
    property_dependencies: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @cached_property
    def ancestry(self) -> tuple[str, ...]:
        """The types of the components it is part of, outermost first, as its URN tells them."""
        qualified = self.urn.split("::", 3)[2:3]
        return tuple(qualified[0].split("$")[:-1]) if qualified else ()

    def values(self, path: str) -> Iterator[tuple[str, Any]]:
        """The values at a path, see `values`."""
        return values(self.props, path)

    def get(self, path: str) -> Any:
        """The value at a path without lists: None when any step of it is absent, `UNKNOWN` when one is unknown."""
        return next((value for _, value in values(self.props, path)), None)


@dataclass(frozen=True)
class Stack:
    """Every resource of a stack, for controls that look at several at once."""

    resources: Sequence[Resource]

    @cached_property
    def by_urn(self) -> Mapping[str, Resource]:
        """The resources by URN."""
        return {resource.urn: resource for resource in self.resources}

    @cached_property
    def by_type(self) -> Mapping[str, Sequence[Resource]]:
        """The resources by type token."""
        grouped: dict[str, list[Resource]] = {}
        for resource in self.resources:
            grouped.setdefault(resource.type, []).append(resource)
        return grouped

    def of(self, *types: str) -> Iterator[Resource]:
        """The resources of these types."""
        for type_ in types:
            yield from self.by_type.get(type_, ())

    def naming(self, target: Resource, property_: str, *types: str) -> list[Resource]:
        """The resources of these types whose property names the target.

        Either the engine recorded the dependency, or the property's value equals one of the target's identifying
        properties, which is how a program that computes its names refers to things.
        """
        found: dict[str, Resource] = {}
        for type_ in types:
            index = self._references(type_, property_)
            for key in (("urn", target.urn), *(("value", target.props.get(name)) for name in _IDENTIFIERS)):
                if isinstance(key[1], str):
                    found |= {resource.urn: resource for resource in index.get(key, ())}
        return list(found.values())

    def _references(self, type_: str, property_: str) -> Mapping[tuple[str, Any], Sequence[Resource]]:
        """The resources of a type by what their property refers to: a URN it depends on, or its value."""
        known = self._indexes.get((type_, property_))
        if known is None:
            known = self._indexes[type_, property_] = {}
            for resource in self.of(type_):
                for urn in resource.property_dependencies.get(property_, ()):
                    known.setdefault(("urn", urn), []).append(resource)
                if isinstance(value := resource.props.get(property_), str):
                    known.setdefault(("value", value), []).append(resource)
        return known

    @cached_property
    def _indexes(self) -> dict[tuple[str, str], dict[tuple[str, Any], list[Resource]]]:
        return {}


@cache
def _steps(path: str) -> tuple[tuple[str, str], ...]:
    """A path's steps, each with '' for a property, '?' a block one may leave out, '*' a list, '+' a list not empty."""
    steps = []
    for step in path.split("."):
        if step.endswith(("[]", "[+]")):
            steps.append((step[: step.index("[")], "+" if step.endswith("[+]") else "*"))
        elif step.endswith("?"):
            steps.append((step[:-1], "?"))
        else:
            steps.append((step, ""))
    return tuple(steps)


def plain_path(path: str) -> str:
    """A path as the SDK writes it, without the marks for what may be left out and what must not be empty."""
    return path.replace("?", "").replace("[+]", "[]")


def values(props: Props, path: str) -> Iterator[tuple[str, Any]]:
    """The values at a path, each with the concrete path it was found at.

    In `rules[].applyDefault.kmsKeyId` every element of the list `rules` is visited; an absent list has none, but with
    `rules[+]` an absent or empty list counts as one element in which nothing is set. A step that ends in `?` is a block
    one may leave out: when it is absent there is nothing to look at. Every other absent step gives None at the end of
    the path. An unknown step gives `UNKNOWN`, once.
    """
    return _walk(props, _steps(path), 0, "")


def _walk(value: Any, steps: tuple[tuple[str, str], ...], at: int, where: str) -> Iterator[tuple[str, Any]]:
    if at == len(steps) or value is UNKNOWN:
        yield where, value
        return
    name, kind = steps[at]
    value = value.get(name) if isinstance(value, Mapping) else None
    where = f"{where}.{name}" if where else name
    if kind in ("*", "+"):
        if value is UNKNOWN:
            yield where, UNKNOWN
        elif kind == "+" and not value:
            yield from _walk(None, steps, at + 1, f"{where}[0]")
        elif isinstance(value, list):
            for index, element in enumerate(value):
                yield from _walk(element, steps, at + 1, f"{where}[{index}]")
    elif kind != "?" or value is not None:
        yield from _walk(value, steps, at + 1, where)
