"""Finds the products of a domain: `<domains>/<domain>/<product>/`, each with its two files."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from components.contracts import odcs, odps
from components.contracts.diagnostics import ContractError, Diagnostic, Findings, Severity
from components.contracts.product import Context, DataProduct, compile_product

PRODUCT_FILE = "product.odps.yaml"
CONTRACT_FILE = "contract.odcs.yaml"


def load_products(root: Path, domain: str, context: Context, alignment: str | None = None) -> tuple[DataProduct, ...]:
    """Every product of `domain` below `root`/domains, by name; none when the domain has no folder.

    `alignment` is the domain's type, `sourceAligned`, `aggregate` or `consumerAligned`; a product that declares another
    one is refused. Files are called by their path from `root` in diagnostics. Raises ContractError with everything that
    is wrong in any of the domain's products.
    """
    found: list[DataProduct] = []
    problems: list[Diagnostic] = []
    folders = (root / "domains" / domain).glob("*")
    for folder in sorted(each for each in folders if each.is_dir() and not each.name.startswith(".")):
        try:
            product, contract = _load(folder, folder.relative_to(root).as_posix())
            problems += _misplaced(product, folder, domain, alignment)
            found.append(compile_product(product, contract, context))
        except ContractError as error:
            problems += error.diagnostics
    problems += clashes(found)
    if problems:
        raise ContractError(problems)
    return tuple(sorted(found, key=lambda each: each.name))


def _load(folder: Path, name: str) -> tuple[odps.Product, odcs.Contract]:
    """Both files of the product in `folder`, which diagnostics call `name`."""
    missing = [file for file in (PRODUCT_FILE, CONTRACT_FILE) if not (folder / file).is_file()]
    if missing:
        message = f"expected {' and '.join(missing)} in it: a product is its descriptor and its contract"
        raise ContractError([_problem(name, message)])
    problems: list[Diagnostic] = []
    product, contract = None, None
    try:
        product = odps.load(folder / PRODUCT_FILE, f"{name}/{PRODUCT_FILE}")
    except ContractError as error:
        problems += error.diagnostics
    try:
        contract = odcs.load(folder / CONTRACT_FILE, f"{name}/{CONTRACT_FILE}")
    except ContractError as error:
        problems += error.diagnostics
    if product is None or contract is None:
        raise ContractError(problems)
    return product, contract


def _misplaced(product: odps.Product, folder: Path, domain: str, alignment: str | None) -> list[Diagnostic]:
    """What a product says about itself against the folder that it is in."""
    findings, model = Findings(product.document), product.model
    if model.domain != domain:
        findings.error(("domain",), f"expected {domain!r}, the folder's domain; found {model.domain!r}")
    if model.name != folder.name:
        findings.error(("name",), f"expected {folder.name!r}, the folder's name; found {model.name!r}")
    if alignment and model.type and model.type != alignment:
        findings.error(("type",), f"expected {alignment!r}, as the domain {domain} is; found {model.type!r}")
    return findings.found


def clashes(products: Iterable[DataProduct]) -> Iterable[Diagnostic]:
    """Names of products, tables and output ports that more than one of a domain's products has."""
    taken: dict[tuple[str, str, str], DataProduct] = {}
    for product in products:
        claims = [
            (product.product_file, "name", "product", product.name),
            (product.contract_file, "schema", "table", product.table.name),
            *((product.product_file, "outputPorts", "output port", name) for name in _port_names(product)),
        ]
        for file, path, what, name in claims:
            first = taken.setdefault((product.domain, what, name), product)
            if first is not product:
                yield _problem(file, f"the {what} name {name!r} is already taken by {first.product_file}", path)


def _port_names(product: DataProduct) -> list[str]:
    return sorted({port.name for port in product.output_ports})


def _problem(file: str, message: str, path: str = "") -> Diagnostic:
    return Diagnostic(severity=Severity.ERROR, file=file, line=0, path=path, message=message)
