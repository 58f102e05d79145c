"""What a new version of a contract changes, whom it breaks, and whether its version number says so.

A contract binds two sides. *Consumers* read the table: a weaker promise breaks them. *Producers* deliver the files: a
stronger demand breaks them. Everything that is compiled is compared, plus the promises that are only read (service
levels, servers, roles). Words that bind nobody (descriptions, tags, examples, contacts) are not compared.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from components.contracts import odcs
from components.contracts.change import CONSUMER, PRODUCER, Change
from components.contracts.diagnostics import Diagnostic, Findings
from components.contracts.field_changes import field_changes
from components.contracts.product import major_version
from components.contracts.promise_changes import promise_changes, rule_changes
from components.contracts.table import Field, Table, table

DEPRECATED, RETIRED = "deprecated", "retired"
"""The last stages of a contract's life (ODCS fundamentals.md, "status"): it is announced to end, and it has ended."""


def changes(old: odcs.Contract, new: odcs.Contract) -> tuple[Change, ...]:
    """Everything that differs, in the order of the contract's sections. Both contracts have to be compilable: a column
    that does not compile counts as absent."""
    return tuple(_changes(old, new))


def gate(old: odcs.Contract, new: odcs.Contract, subscribers: Collection[str] = ()) -> tuple[Diagnostic, ...]:
    """The errors that keep `new` from replacing `old`, on the lines of `new`; none when it may.

    A breaking change needs a new major version (Semantic Versioning 2.0.0, item 8; item 4 lets 0.y.z change at will),
    and nobody may still be subscribed: `subscribers` are the names of those who are.
    """
    findings = Findings(new.document)
    before, after = major_version(old.version), major_version(new.version)
    for version, contract in ((before, old), (after, new)):
        if version is None:
            findings.error(("version",), f"expected a semantic version such as 1.0.0, found {contract.version!r}")
    if before is None or after is None:
        return tuple(findings.found)
    if _numbers(new.version) < _numbers(old.version):
        findings.error(("version",), f"is {new.version}, but {old.version} is already published")
    breaking = [change for change in changes(old, new) if change.breaking]
    if before == after and before > 0:
        for change in breaking:
            findings.error(change.at or ("version",), change.unannounced(new.version, after))
    elif breaking and subscribers:
        names = ", ".join(sorted(subscribers))
        findings.error(("version",), f"breaks its subscribers, who have to move first: {names}")
    return tuple(findings.found)


def _numbers(version: str) -> tuple[int, ...]:
    release = version.removeprefix("v").partition("+")[0].partition("-")[0]
    return tuple(int(part) for part in release.split("."))


def _changes(old: odcs.Contract, new: odcs.Contract) -> Iterator[Change]:
    if old.id != new.id:
        reason = "consumers and products refer to the contract by its id"
        yield Change("contract_renamed", "id", reason, (CONSUMER, PRODUCER), old.id, new.id, ("id",))
    if new.model.status != old.model.status:
        sudden = new.model.status == RETIRED and old.model.status != DEPRECATED
        breaks = (CONSUMER,) if sudden else ()
        reason = "nobody was told by a deprecated version" if sudden else "the stage of the contract's life moved"
        yield Change("status_changed", "status", reason, breaks, old.model.status, new.model.status, ("status",))
    before, after = _tables(old), _tables(new)
    for name in [each for each in before if each not in after]:
        yield Change("object_removed", name, "queries on the table fail", (CONSUMER,), name, None, ("schema",))
    for name in [each for each in after if each not in before]:
        yield Change("object_added", name, "a new table touches no reader", (), None, name, ("schema",))
    for name in [each for each in before if each in after]:
        yield from _table_changes(name, before[name], after[name])
    yield from promise_changes(old.model, new.model)


def _tables(contract: odcs.Contract) -> dict[str, Table]:
    findings = Findings(contract.document)
    return {each.name or "": table(each, ("schema", index), findings) for index, each in enumerate(contract.objects)}


def _table_changes(path: str, old: Table, new: Table) -> Iterator[Change]:
    if old.name.lower() != new.name.lower():
        yield Change("table_renamed", path, "queries name the table", (CONSUMER,), old.name, new.name, ("schema",))
    before, after = {each.name: each for each in old.fields}, {each.name: each for each in new.fields}
    renamed = _renamed(before, after)
    for was, now in renamed.items():
        reason = "queries name the column; its id says that it is the same one"
        yield Change("field_renamed", f"{path}.{was}", reason, (CONSUMER,), was, now, after[now].at)
    for name in [each for each in before if each not in after and each not in renamed]:
        yield Change("field_removed", f"{path}.{name}", "queries name the column", (CONSUMER,), name, None, ("schema",))
    for name in [each for each in after if each not in before and each not in renamed.values()]:
        yield _added(f"{path}.{name}", after[name])
    for name, field in before.items():
        if (now := renamed.get(name, name)) in after:
            yield from field_changes(f"{path}.{name}", field, after[now])
    if old.primary_key != new.primary_key:
        reason = "joins and merges rely on the key, and files are checked against it"
        values = (", ".join(old.primary_key) or None, ", ".join(new.primary_key) or None)
        yield Change("primary_key_changed", path, reason, (CONSUMER, PRODUCER), *values, ("schema",))
    if old.partitions != new.partitions:
        reason = "queries filter on the partition keys, and published files lie under them"
        shown = [
            ", ".join(f"{each.name} ({each.transform} of {each.field})" for each in of.partitions) for of in (old, new)
        ]
        yield Change("partition_changed", path, reason, (CONSUMER,), shown[0] or None, shown[1] or None, ("schema",))
    yield from rule_changes(path, old.rules, new.rules)


def _added(path: str, field: Field) -> Change:
    if field.required:
        reason = "files without the column are refused"
        return Change("required_field_added", path, reason, (PRODUCER,), None, field.type.glue, field.at)
    return Change("field_added", path, "an optional column touches no reader", (), None, field.type.glue, field.at)


def _renamed(before: dict[str, Field], after: dict[str, Field]) -> dict[str, str]:
    """Columns of another name under the same id (ODCS fundamentals.md, "Stable identifiers")."""
    names = {field.id: field.name for field in after.values() if field.id and field.name not in before}
    return {
        name: names[field.id] for name, field in before.items() if name not in after and field.id and field.id in names
    }
