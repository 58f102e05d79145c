"""Finds the products of a domain: `<domains>/<domain>/<product>/`, each with its two files."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from components.contracts import odcs, odps
from components.contracts.diagnostics import ContractError, Diagnostic, Severity
from components.contracts.product import Context, DataProduct, compile_product

PRODUCT_FILE = "product.odps.yaml"
CONTRACT_FILE = "contract.odcs.yaml"


def load_products(root: Path, domain: str, context: Context, alignment: str | None = None) -> tuple[DataProduct, ...]:
    """Every product of `domain` below `root`/domains, by name; none when the domain has no folder.

    `alignment` is the domain's type, `sourceAligned`, `aggregate` or `consumerAligned`; a product that declares another
    one is refused. Files are called by their path from `root` in diagnostics. Raises ContractError with everything that
    is wrong in any of the domain's products.
    """
    folder = root / "domains" / domain
    found: list[DataProduct] = []
    problems: list[Diagnostic] = []
    for product in sorted(each for each in folder.glob("*") if each.is_dir() and not each.name.startswith(".")):
        try:
            found.append(_load(product, root, context))
        except ContractError as error:
            problems += error.diagnostics
    for each in found:
        problems += _misplaced(each, domain, alignment)
    problems += clashes(found)
    if problems:
        raise ContractError(problems)
    return tuple(sorted(found, key=lambda each: each.name))


def _load(folder: Path, root: Path, context: Context) -> DataProduct:
    product, contract = folder / PRODUCT_FILE, folder / CONTRACT_FILE
    name = folder.relative_to(root).as_posix()
    missing = [each for each in (product, contract) if not each.is_file()]
    if missing:
        expected = " and ".join(each.name for each in missing)
        raise ContractError(
            [_problem(name, f"expected {expected} in it: a product is its descriptor and its contract")]
        )
    problems: list[Diagnostic] = []
    try:
        described = odps.load(product, f"{name}/{PRODUCT_FILE}")
    except ContractError as error:
        problems += error.diagnostics
    try:
        promised = odcs.load(contract, f"{name}/{CONTRACT_FILE}")
    except ContractError as error:
        problems += error.diagnostics
    if problems:
        raise ContractError(problems)
    return compile_product(described, promised, context)


def _misplaced(product: DataProduct, domain: str, alignment: str | None) -> Iterable[Diagnostic]:
    folder = Path(product.product_file).parent.name
    if product.domain != domain:
        yield _problem(
            product.product_file, f"expected {domain!r}, the folder's domain; found {product.domain!r}", "domain"
        )
    if product.name != folder:
        yield _problem(product.product_file, f"expected {folder!r}, the folder's name; found {product.name!r}", "name")
    if alignment and product.type and product.type != alignment:
        message = f"expected {alignment!r}, as the domain {domain} is; found {product.type!r}"
        yield _problem(product.product_file, message, "type")


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
