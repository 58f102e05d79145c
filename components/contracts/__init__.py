"""Compiles data products: an ODPS descriptor and an ODCS contract become a table, rules, tags and a validator."""

from components.contracts.diagnostics import ContractError, Diagnostic, Severity
from components.contracts.discovery import load_products
from components.contracts.glue import Column, GlueTable
from components.contracts.product import Context, DataProduct, Port

__all__ = [
    "Column",
    "Context",
    "ContractError",
    "DataProduct",
    "Diagnostic",
    "GlueTable",
    "Port",
    "Severity",
    "load_products",
]
