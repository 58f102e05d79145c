"""What changed about a contract's quality rules, service levels, servers and roles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from open_data_contract_standard.model import OpenDataContractStandard, ServiceLevelAgreementProperty

from components.contracts.change import CONSUMER, PRODUCER, Change
from components.contracts.quality import Rule, SqlRule

_AT_LEAST = ("mustBeGreaterThan", "mustBeGreaterOrEqualTo")
_AT_MOST = ("mustBeLessThan", "mustBeLessOrEqualTo")

_MORE_IS_BETTER = frozenset({"availability", "throughput", "retention", "endOfSupport", "endOfLife"})
_LESS_IS_BETTER = frozenset(
    {"latency", "frequency", "errorRate", "timeToDetect", "timeToNotify", "timeToRepair", "generalAvailability"}
)
"""The properties of ODCS service-level-agreement.md. A frequency is the time between two deliveries."""

_SECONDS = {
    **dict.fromkeys(("s", "sec", "second", "seconds"), 1),
    **dict.fromkeys(("min", "minute", "minutes"), 60),
    **dict.fromkeys(("h", "hr", "hour", "hours"), 3_600),
    **dict.fromkeys(("d", "day", "days"), 86_400),
    **dict.fromkeys(("w", "week", "weeks"), 604_800),
    **dict.fromkeys(("mo", "month", "months"), 2_629_800),  # A twelfth of a Julian year
    **dict.fromkeys(("y", "yr", "year", "years"), 31_557_600),
}


def rule_changes(path: str, old: tuple[Rule | SqlRule, ...], new: tuple[Rule | SqlRule, ...]) -> Iterator[Change]:
    """Rules are told apart by name, and by order where two share one."""
    before, after = _by_name(old), _by_name(new)
    for name in [each for each in before if each not in after]:
        reason = "readers rely on what the rule guaranteed"
        yield Change("quality_rule_removed", f"{path}.{name}", reason, (CONSUMER,), name, None, ("schema",))
    for name in [each for each in after if each not in before]:
        breaks = (PRODUCER,) if after[name].severity == "error" else ()
        reason = "deliveries that passed can fail" if breaks else "its failure is reported and stops nothing"
        yield Change("quality_rule_added", f"{path}.{name}", reason, breaks, None, name, ("schema",))
    for name in [each for each in before if each in after]:
        yield from _rule(f"{path}.{name}", before[name], after[name])


def _by_name(rules: tuple[Rule | SqlRule, ...]) -> dict[str, Rule | SqlRule]:
    named: dict[str, Rule | SqlRule] = {}
    for rule in rules:
        count = sum(name == rule.name or name.startswith(f"{rule.name}#") for name in named)
        named[f"{rule.name}#{count + 1}" if count else rule.name] = rule
    return named


def _rule(path: str, old: Rule | SqlRule, new: Rule | SqlRule) -> Iterator[Change]:
    if old == new:
        return
    direction = _direction(old.conditions, new.conditions) if _subject(old) == _subject(new) else None
    shown = (_shown(old.conditions), _shown(new.conditions))
    if direction == 0:
        reason = "the rule checks the same"
        yield Change("quality_rule_edited", path, reason, (), old.severity, new.severity, ("schema",))
    elif direction == 1:
        yield Change(
            "quality_rule_tightened", path, "deliveries that passed can fail", (PRODUCER,), *shown, ("schema",)
        )
    elif direction == -1:
        reason = "readers rely on the stronger guarantee"
        yield Change("quality_rule_loosened", path, reason, (CONSUMER,), *shown, ("schema",))
    else:
        reason = "what is checked is another thing"
        yield Change("quality_rule_changed", path, reason, (CONSUMER, PRODUCER), *shown, ("schema",))


def _subject(rule: Rule | SqlRule) -> tuple[Any, ...]:
    if isinstance(rule, SqlRule):
        return (rule.query, rule.field)
    return (rule.metric, rule.fields, rule.unit, dict(rule.arguments))


def _direction(old: Mapping[str, Any], new: Mapping[str, Any]) -> int | None:
    """1 when `new` takes less than `old`, -1 when it takes more, 0 when the same, None when neither or unknown."""
    if old == new:
        return 0
    if len(old) != 1 or old.keys() != new.keys():
        return None
    (operator,) = old
    before, after = old[operator], new[operator]
    if operator in _AT_LEAST:
        return 1 if after > before else -1
    if operator in _AT_MOST:
        return 1 if after < before else -1
    if operator == "mustBeBetween":
        if before[0] <= after[0] and after[1] <= before[1]:
            return 1
        return -1 if after[0] <= before[0] and before[1] <= after[1] else None
    return None


def _shown(conditions: Mapping[str, Any]) -> str:
    return ", ".join(f"{operator} {value}" for operator, value in conditions.items())


def promise_changes(old: OpenDataContractStandard, new: OpenDataContractStandard) -> Iterator[Change]:
    """Service levels, servers and roles."""
    before = {_level_key(each): each for each in old.slaProperties or ()}
    after = {_level_key(each): (each, index) for index, each in enumerate(new.slaProperties or ())}
    for key in [each for each in before if each not in after]:
        reason = "readers rely on the service level"
        value = _level(before[key])
        yield Change("sla_removed", f"slaProperties.{key}", reason, (CONSUMER,), value, None, ("slaProperties",))
    for key, (level, index) in after.items():
        yield from _level_changes(f"slaProperties.{key}", before.get(key), level, ("slaProperties", index))
    yield from _server_changes(_servers(old), _servers(new))
    roles = {each.role for each in new.roles or ()}
    for role in [each.role for each in old.roles or () if each.role not in roles]:
        yield Change("role_removed", f"roles.{role}", "readers hold the role", (CONSUMER,), role, None, ("roles",))


def _servers(model: OpenDataContractStandard) -> dict[str, dict[str, Any]]:
    """What a reader needs to connect, by the server's name."""
    prose = {"id", "description", "customProperties", "roles"}
    return {each.server or "": each.model_dump(exclude=prose, exclude_none=True) for each in model.servers or ()}


def _server_changes(old: dict[str, dict[str, Any]], new: dict[str, dict[str, Any]]) -> Iterator[Change]:
    for name, server in old.items():
        kind = "server_removed" if name not in new else "server_changed" if server != new[name] else None
        if kind:
            yield Change(kind, f"servers.{name}", "readers connect there", (CONSUMER,), None, None, ("servers",))


def _level_key(level: ServiceLevelAgreementProperty) -> str:
    return ".".join(filter(None, (level.property, level.element, level.driver)))


def _level_changes(
    path: str, old: ServiceLevelAgreementProperty | None, new: ServiceLevelAgreementProperty, at: tuple[str | int, ...]
) -> Iterator[Change]:
    if old is None:
        yield Change("sla_added", path, "one more promise", (), None, _level(new), at)
        return
    if (old.value, old.unit, old.valueExt) == (new.value, new.unit, new.valueExt):
        return
    before, after = _amount(old), _amount(new)
    name = str(new.property)
    breaks: tuple[str, ...] = ()
    if before is None or after is None or name not in _MORE_IS_BETTER | _LESS_IS_BETTER:
        kind, breaks = "sla_changed", (CONSUMER,)
    elif before == after:
        kind = "sla_restated"
    elif (after > before) is (name in _MORE_IS_BETTER):
        kind = "sla_tightened"
    else:
        kind, breaks = "sla_loosened", (CONSUMER,)
    reason = "readers rely on the service level" if breaks else "the promise is at least as good"
    yield Change(kind, path, reason, breaks, _level(old), _level(new), at)


def _amount(level: ServiceLevelAgreementProperty) -> float | None:
    """A duration or a date in seconds, another number as it is; None for what has no order."""
    value = level.value
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        except ValueError:
            return None
    if value is None or isinstance(value, bool):
        return None
    return float(value) * _SECONDS.get((level.unit or "").lower(), 1)


def _level(level: ServiceLevelAgreementProperty) -> str:
    return " ".join(str(part) for part in (level.value, level.unit) if part is not None)
