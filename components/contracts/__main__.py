"""`python -m components.contracts FILE|DIR`: lints contracts and products and prints what they compile to."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

from components.contracts import odcs
from components.contracts.changes import changes, gate
from components.contracts.diagnostics import ContractError
from components.contracts.lint import Compiled, Outcome, lint


def main(arguments: list[str] | None = None) -> int:
    """The exit code: 0 when everything compiles, 1 when something does not, 2 when there is nothing to read."""
    parser = argparse.ArgumentParser(prog="python -m components.contracts", description=__doc__)
    parser.add_argument("path", type=Path, metavar="FILE|DIR", help="an ODCS or ODPS file, or a folder with such files")
    parser.add_argument(
        "--against", type=Path, metavar="OLD", help="the published contract that the file is to replace"
    )
    parser.add_argument("--json", action="store_true", help="print everything as one JSON document")
    options = parser.parse_args(arguments)
    if options.against:
        return _compared(options.against, options.path, as_json=options.json)
    try:
        outcomes = lint(options.path)
    except FileNotFoundError as error:
        print(error, file=sys.stderr)
        return 2
    ok = all(each.ok for each in outcomes)
    if options.json:
        print(json.dumps({"ok": ok, "outcomes": [asdict(each) for each in outcomes]}, indent=2, ensure_ascii=False))
    else:
        print("\n\n".join("\n".join(_shown(each)) for each in outcomes))
    return 0 if ok else 1


def _compared(old: Path, new: Path, *, as_json: bool) -> int:
    """Prints what changed from one contract to the other; 1 when the new version may not replace the old one."""
    try:
        before, after = odcs.load(old), odcs.load(new)
    except ContractError as error:
        print(error, file=sys.stderr)
        return 1
    found, problems = changes(before, after), gate(before, after)
    if as_json:
        listed = [{**asdict(each), "breaking": each.breaking} for each in found]
        print(json.dumps({"ok": not problems, "changes": listed, "problems": list(map(asdict, problems))}, indent=2))
    else:
        for change in found:
            print(f"  {'breaks ' + ' and '.join(change.breaks) if change.breaking else 'compatible'}: {change}")
        print("\n".join(map(str, problems)) or f"{new} may replace {old}")
    return 1 if problems else 0


def _shown(outcome: Outcome) -> Iterator[str]:
    yield " + ".join(outcome.files)
    for diagnostic in outcome.diagnostics:
        yield f"  {diagnostic}"
    for compiled in outcome.compiled:
        yield from _compiled(compiled)
    yield "  compiles" if outcome.ok else "  does not compile"


def _compiled(compiled: Compiled) -> Iterator[str]:
    table, checks = compiled.table, compiled.validator
    yield f"  Glue table {table.name}"
    width = max((len(column.name) for column in (*table.columns, *table.partition_keys)), default=0)
    types = max((len(column.type) for column in (*table.columns, *table.partition_keys)), default=0)
    for columns, kind in ((table.columns, "column"), (table.partition_keys, "partition key")):
        for column in columns:
            yield f"    {column.name:{width}}  {column.type:{types}}  {kind:13}  {column.comment}".rstrip()
    yield f"  LF-Tags {_pairs(compiled.lf_tags)}"
    for name, values in compiled.column_lf_tags.items():
        yield f"    {name:{width}}  {_pairs(values)}"
    yield f"  DQDL ruleset of {len(compiled.ruleset.encode())} bytes"
    yield from (f"    {line}" for line in compiled.ruleset.splitlines())
    key = ", ".join(checks["primaryKey"]) or "none"
    files = _file(checks["file"]) if checks["file"] else "no files"
    yield f"  Validator: {len(checks['fields'])} fields, primary key {key}, {len(checks['rules'])} rules, {files}"


def _file(file: dict[str, object]) -> str:
    separator = "blanks" if file["whitespace"] else repr(file["delimiter"])
    return f"{file['format']} files by {separator} in {file['encoding']}"


def _pairs(values: Mapping[str, str]) -> str:
    return ", ".join(f"{key}={value}" for key, value in values.items())


if __name__ == "__main__":
    sys.exit(main())
