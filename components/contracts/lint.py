"""Reads contract and product files as a deployment would, and keeps what they compile to.

Names that only a deployment knows (accounts, buckets, databases) are stood in for by the words of the files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from components.contracts import dqdl, glue, odcs, odps, source, tags
from components.contracts.custom import settings
from components.contracts.diagnostics import ContractError, Diagnostic, Findings, errors
from components.contracts.discovery import CONTRACT_FILE, PRODUCT_FILE, clashes
from components.contracts.product import Context, DataProduct, compile_product, major_version
from components.contracts.table import classification, table
from components.contracts.validator import Json, validator
from components.foundation.classification import Classification

SUFFIXES = (".odps.yaml", ".odcs.yaml", ".odps.yml", ".odcs.yml", ".odps.json", ".odcs.json")
ACCOUNT = "000000000000"


@dataclass(frozen=True, kw_only=True)
class Compiled:
    """What one table of a contract becomes."""

    name: str
    table: glue.GlueTable
    ruleset: str
    lf_tags: Mapping[str, str]
    column_lf_tags: Mapping[str, Mapping[str, str]]
    validator: Json


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a product, or of a contract without one."""

    files: tuple[str, ...]
    diagnostics: tuple[Diagnostic, ...]
    compiled: tuple[Compiled, ...] = ()

    @property
    def ok(self) -> bool:
        return not errors(self.diagnostics)


def lint(path: Path) -> tuple[Outcome, ...]:
    """Everything in the file or below the folder at `path`: products with their contracts, and contracts by themselves.

    A contract belongs to the product descriptor beside it. Raises FileNotFoundError when there is nothing to lint.
    """
    files = [path] if path.is_file() else sorted(each for each in path.rglob("*") if each.name.endswith(SUFFIXES))
    if not files:
        raise FileNotFoundError(
            f"{path}: expected a file, or a folder with files named like *{' or *'.join(SUFFIXES[:2])}"
        )
    outcomes, products = [], []
    for file, partner in _paired(files):
        outcome, product = _outcome(file, partner)
        outcomes.append(outcome)
        products += [product] if product else []
    shared = tuple(clashes(products))
    if shared:
        outcomes.append(Outcome(files=tuple(sorted({each.file for each in shared})), diagnostics=shared))
    return tuple(outcomes)


def _paired(files: list[Path]) -> Iterator[tuple[Path, Path | None]]:
    """Each file to lint once, with the file that the standard's names put beside it."""
    done: set[Path] = set()
    for file in files:
        other = {PRODUCT_FILE: CONTRACT_FILE, CONTRACT_FILE: PRODUCT_FILE}.get(file.name)
        partner = file.with_name(other) if other and file.with_name(other).is_file() else None
        if file not in done:
            done.update({file, partner or file})
            yield file, partner


def _outcome(file: Path, partner: Path | None) -> tuple[Outcome, DataProduct | None]:
    names = tuple(str(each) for each in (file, partner) if each is not None)
    try:
        loaded = [_load(source.read(each)) for each in (file, partner) if each is not None]
        product = next((each for each in loaded if isinstance(each, odps.Product)), None)
        contract = next((each for each in loaded if isinstance(each, odcs.Contract)), None)
        if contract is None:
            findings = Findings(loaded[0].document)
            findings.error((), f"a product without a contract: expected {CONTRACT_FILE} beside it")
            raise ContractError(findings.found)
        if product is None:
            return _contract_alone(contract, names), None
        compiled = compile_product(product, contract, _context(product.model.domain))
    except ContractError as error:
        return Outcome(files=names, diagnostics=error.diagnostics), None
    shown = Compiled(
        name=compiled.name,
        table=compiled.table,
        ruleset=compiled.ruleset,
        lf_tags=compiled.lf_tags,
        column_lf_tags=compiled.column_lf_tags,
        validator=compiled.validator,
    )
    return Outcome(files=names, diagnostics=compiled.diagnostics, compiled=(shown,)), compiled


def _load(document: source.Document) -> odps.Product | odcs.Contract:
    """What the document says it is."""
    kind = document.value.get("kind") if isinstance(document.value, dict) else None
    if kind == odps.KIND:
        return odps.product(document)
    if kind in (odcs.KIND, None):
        return odcs.contract(document)
    findings = Findings(document)
    findings.error(("kind",), f"expected {odcs.KIND} or {odps.KIND}, found {kind!r}")
    raise ContractError(findings.found)


def _contract_alone(contract: odcs.Contract, names: tuple[str, ...]) -> Outcome:
    """Every object of a contract that no product publishes yet."""
    findings = Findings(contract.document)
    compiled = tuple(_compiled(contract, index, findings) for index in range(len(contract.objects)))
    if not compiled:
        findings.notice((), "describes no object, so there is nothing to compile")
    diagnostics = tuple(findings.found)
    return Outcome(files=names, diagnostics=diagnostics, compiled=() if errors(diagnostics) else compiled)


def _compiled(contract: odcs.Contract, index: int, findings: Findings) -> Compiled:
    model = contract.model
    domain = _word(model.domain or "domain")
    read = table(contract.objects[index], ("schema", index), findings)
    level = _level(contract, [field.classification for field in read.fields if field.classification], findings)
    name = _word(read.name)
    context = _context(domain)
    return Compiled(
        name=name,
        table=glue.glue_table(read, {"contract.id": contract.id, "contract.version": contract.version}),
        ruleset=dqdl.ruleset(read, findings),
        lf_tags=tags.table_tags(domain, name, level),
        column_lf_tags=tags.column_tags(read, level),
        validator=validator(
            product={
                "domain": domain,
                "name": name,
                "version": contract.version,
                "owner": domain,
                "classification": str(level),
            },
            contract={"id": contract.id, "version": contract.version},
            file=None,
            place={
                "catalogId": context.catalog_id,
                "database": context.database,
                "name": read.name.lower(),
                "bucket": context.bucket,
                "prefix": context.prefix(name, major_version(contract.version) or 0),
            },
            table=read,
        ),
    )


def _level(contract: odcs.Contract, levels: list[Classification], findings: Findings) -> Classification:
    value, at = settings(contract.model.customProperties, ()).get("classification", (None, ()))
    declared = classification(None if value is None else str(value), at, findings)
    return max([*levels, *([declared] if declared else [])], default=Classification.INTERNAL)


def _context(domain: str | None) -> Context:
    word = _word(domain or "domain")
    return Context(catalog_id=ACCOUNT, database=word.replace("-", "_"), bucket=f"{word}-products")


def _word(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
