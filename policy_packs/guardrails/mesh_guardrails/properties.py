"""What a control may expect of a property, so that a simple control is one line of a table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from mesh_guardrails.control import Finding, Fix, Path, ResourceCheck, ResourceControl, Severity
from mesh_guardrails.facts import Facts
from mesh_guardrails.resource import UNKNOWN, Props, Resource, plain_path, values


@dataclass(frozen=True)
class Expectation:
    """What a property has to be.

    Attributes:
        path: of the property, see `resource.values`.
        says: how the expectation goes on after the path, such as "has to be true".
        test: whether a value that is set and known is right.
        default: whether AWS does the right thing when the property is absent.
        when: looked at only where this holds: `property`, or `property=value|pattern*`; see `applies`.
        unless: not looked at where one of these holds.
        good: a value that is right.
        bad: a value that is wrong; None when being absent is what is wrong.
    """

    path: str
    says: str
    test: Callable[[Any], bool]
    default: bool
    when: str
    unless: tuple[str, ...]
    good: Any
    bad: Any

    @property
    def key(self) -> str:
        """What a waiver names it by."""
        return plain_path(self.path)

    def wrong(self, resource: Resource) -> Iterator[str]:
        """The concrete paths at which the property is wrong; a value not known yet counts as right."""
        for where, value in resource.values(self.path):
            if value is UNKNOWN or (self.default if value is None else self.test(value)):
                continue
            if applies(resource.props, where, self.when, self.unless):
                yield where


def applies(props: Props, where: str, when: str, unless: Sequence[str]) -> bool:
    """Whether the property at a concrete path is looked at: `when` holds, if there is one, and none of `unless` does.

    A condition on a property of the same list is about the same element: of `origins[1].originAccessControlId`, that
    `origins[].s3OriginConfig` is set counts in the second origin only. Where it is not known yet whether a condition
    holds, the property is looked at once it is.
    """
    near = _beside(props, where)
    return (not when or _holds(when, near)) and not any(_holds(each, near, unknown=True) for each in unless)


def _beside(props: Props, where: str) -> Props:
    """The properties with each list on the way to a concrete path cut down to the element the path goes through."""
    step, _, rest = where.partition(".")
    name, bracket, index = step.partition("[")
    value = props.get(name)
    if bracket and isinstance(value, list) and value:
        element = value[int(index.rstrip("]"))]
        return {**props, name: [_beside(element, rest) if isinstance(element, Mapping) else element]}
    return {**props, name: _beside(value, rest)} if rest and isinstance(value, Mapping) else props


def _holds(condition: str, props: Props, *, unknown: bool = False) -> bool:
    path, _, wanted = condition.partition("=")
    found = [value for _, value in values(props, path) if value is not None]
    if not wanted:
        return any(value is UNKNOWN or value not in ("", [], {}) for value in found)
    return any(
        unknown if value is UNKNOWN else any(fnmatchcase(str(value), each) for each in wanted.split("|"))
        for value in found
    )


def is_(path: str, *values: Any, default: bool = False, when: str = "", unless: tuple[str, ...] = ()) -> Expectation:
    """The property is one of these values; true when none is given."""
    accepted = values or (True,)
    bad = not accepted[0] if isinstance(accepted[0], bool) else "else"
    says = f"has to be {shown(*accepted)}"
    return Expectation(path, says, lambda v: v in accepted, default, when, unless, accepted[0], bad)


def is_not(path: str, *values: Any, default: bool = True, when: str = "", unless: tuple[str, ...] = ()) -> Expectation:
    """The property is none of these values; when AWS does the wrong thing by default, it has to be given."""
    says = f"{'must not be' if default else 'has to be set, and not to'} {shown(*values)}"
    return Expectation(path, says, lambda v: v not in values, default, when, unless, "else", values[0])


def is_set(path: str, *, when: str = "", unless: tuple[str, ...] = ()) -> Expectation:
    """The property is given, and not empty."""
    return Expectation(path, "has to be set", lambda v: v not in ("", [], {}), False, when, unless, "set", None)


def is_absent(path: str, *, when: str = "", unless: tuple[str, ...] = ()) -> Expectation:
    """The property is not given."""
    return Expectation(path, "must not be set", lambda v: v in ("", [], {}), True, when, unless, None, "set")


def at_least(
    path: str, least: int, *, default: bool = False, when: str = "", unless: tuple[str, ...] = ()
) -> Expectation:
    """The property is a number no smaller than this."""
    says = f"has to be at least {least}"
    return Expectation(path, says, lambda v: _number(v) >= least, default, when, unless, least, least - 1)


def at_most(
    path: str, most: int, *, default: bool = False, when: str = "", unless: tuple[str, ...] = ()
) -> Expectation:
    """The property is a number no greater than this."""
    says = f"has to be at most {most}"
    return Expectation(path, says, lambda v: _number(v, "inf") <= most, default, when, unless, most, most + 1)


def several(path: str, least: int, *, unless: tuple[str, ...] = ()) -> Expectation:
    """The list has at least so many elements."""
    says = f"has to have at least {least} elements"
    good, bad = [f"element-{number}" for number in range(least)], ["alone"]
    return Expectation(path, says, lambda v: isinstance(v, list) and len(v) >= least, False, "", unless, good, bad)


def includes(path: str, *values: str, when: str = "", unless: tuple[str, ...] = ()) -> Expectation:
    """The list has all of these."""
    says = f"has to include {', '.join(values)}"
    return Expectation(
        path,
        says,
        lambda v: isinstance(v, list) and all(value in v for value in values),
        False,
        when,
        unless,
        list(values),
        [],
    )


def excludes(path: str, *values: str, when: str = "", unless: tuple[str, ...] = ()) -> Expectation:
    """The list has none of these."""
    says = f"must not include {' or '.join(values)}"
    return Expectation(
        path,
        says,
        lambda v: not isinstance(v, list) or not any(value in v for value in values),
        True,
        when,
        unless,
        [],
        [values[0]],
    )


def shown(*values: Any) -> str:
    """Values as messages write them, of which one will do."""
    return " or ".join(dict.fromkeys(str(value).lower() if isinstance(value, bool) else str(value) for value in values))


def _number(value: Any, otherwise: str = "-inf") -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return float(otherwise)


def _check(expectations: Sequence[Expectation]) -> ResourceCheck:
    def check(resource: Resource, facts: Facts) -> Iterator[Finding]:
        for expectation in expectations:
            for where in expectation.wrong(resource):
                yield Finding(f"{where} {expectation.says}", expectation.key)

    return check


def setting(expectation: Expectation, *path: str | int) -> Fix:
    """The remedy that sets a property to what is expected of it, where it is wrong."""

    def fix(resource: Resource, facts: Facts) -> Mapping[Path, Any]:
        return {path: expectation.good} if any(expectation.wrong(resource)) else {}

    return fix


@dataclass(frozen=True, kw_only=True)
class PropertyControl(ResourceControl):
    """A control that is nothing but expectations; each is a finding of its own, with the path as its key."""

    expectations: tuple[Expectation, ...]


def expect(
    id_: str,
    title: str,
    severity: Severity,
    types: str,
    *expectations: Expectation,
    why: str,
    fix: str,
    family: str,
    remedy: Fix | None = None,
) -> PropertyControl:
    """A control over the types named, separated by blanks, whose inputs share the properties expected."""
    return PropertyControl(
        id=id_,
        title=title,
        severity=severity,
        rationale=why,
        remediation=fix,
        family=family,
        types=tuple(types.split()),
        check=_check(expectations),
        fix=remedy,
        expectations=expectations,
    )
