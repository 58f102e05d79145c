"""Loads contracts: Open Data Contract Standard 3.0 to 3.2 (https://bitol-io.github.io/open-data-contract-standard)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from open_data_contract_standard.model import OpenDataContractStandard, SchemaObject
from pydantic import ValidationError

from components.contracts import json_schema, odcs_schema, source
from components.contracts.diagnostics import ContractError, Findings, raise_errors

KIND = "DataContract"


@dataclass(frozen=True)
class Contract:
    """A valid contract and the document it was read from."""

    document: source.Document
    model: OpenDataContractStandard

    @property
    def id(self) -> str:
        return str(self.model.id)

    @property
    def version(self) -> str:
        return str(self.model.version)

    @property
    def objects(self) -> tuple[SchemaObject, ...]:
        """What the contract describes; may be empty, since the standard requires no schema."""
        return tuple(self.model.schema_ or ())


def load(path: Path, name: str | None = None) -> Contract:
    """The contract in the file at `path`; `name` is how diagnostics call it. Raises ContractError naming file, line,
    path and expectation of everything that the standard does not allow."""
    return contract(source.read(path, name))


def contract(document: source.Document) -> Contract:
    """The contract that `document` holds; raises ContractError as `load` does."""
    findings = Findings(document)
    minor = _family(document.value, findings)
    if minor is None:
        raise ContractError(findings.found)
    if not odcs_schema.recognises(minor)(document.value):
        for location, message in json_schema.problems(odcs_schema.validator(minor), document.value):
            findings.error(location, message)
        raise_errors(findings.found)
    try:
        return Contract(document, OpenDataContractStandard.model_validate(_current(document.value, minor)))
    except ValidationError as error:
        for each in error.errors():
            findings.error(each["loc"], f"{each['msg']}, found {json_schema.shown(each['input'])}")
        raise ContractError(findings.found) from error


def _family(value: Any, findings: Findings) -> str | None:
    """The standard's minor version that the document declares, e.g. "3.1"; None, with an error, when it is no contract
    of a version that can be read."""
    if not isinstance(value, dict):
        findings.error((), f"expected a mapping, found {json_schema.shown(value)}")
        return None
    version = value.get("apiVersion")
    if version not in odcs_schema.API_VERSIONS:
        expected = ", ".join(odcs_schema.API_VERSIONS)
        found = json_schema.shown(version) if "apiVersion" in value else "nothing"
        findings.error(("apiVersion",), f"expected the standard's version, one of {expected}; found {found}")
        return None
    return odcs_schema.family(str(version))


def _current(value: dict[str, Any], minor: str) -> dict[str, Any]:
    """`value` in the shape of the package's model. DuckDB's schema, once an integer, is the only value that differs."""
    if minor != "3.0" or not value.get("servers"):
        return value
    servers = [
        {**server, "schema": str(server["schema"])} if isinstance(server.get("schema"), int) else server
        for server in value["servers"]
    ]
    return {**value, "servers": servers}
