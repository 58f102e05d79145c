"""A data product, resolved: the two files of its domain team, compiled to what the stacks deploy."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from components.contracts import custom, delivery, dqdl, glue, odcs, odps, tags
from components.contracts.diagnostics import Diagnostic, Findings, Location, raise_errors
from components.contracts.table import Table, classification, table
from components.contracts.validator import Json, validator
from components.foundation.classification import Classification

NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
"""Lower-case words joined by hyphens: a product's name becomes part of bucket keys, functions, roles and LF-Tags."""
TABLE_NAME = re.compile(r"[a-z_][a-z0-9_]*")
VERSION = re.compile(r"v?(?P<major>0|[1-9]\d*)\.\d+\.\d+(?:[-+].*)?")
"""Semantic Versioning 2.0.0, with the `v` that the standards' examples put before it."""


@dataclass(frozen=True, kw_only=True)
class Context:
    """Where an account's products live. None of it comes from a contract."""

    catalog_id: str
    """Account id of the hub, whose Glue catalog has every table."""
    database: str
    """The domain's database in it."""
    bucket: str
    """The domain's bucket of published data."""

    def prefix(self, product: str, major: int) -> str:
        """The key prefix of a product's files, one for each major version so that both can be served side by side."""
        return f"{product}/v{major}/"


@dataclass(frozen=True, kw_only=True)
class Port:
    """An input or output port of the product."""

    name: str
    version: str | None
    contract_id: str | None
    type: str | None
    connector: str | None
    """How data gets in, e.g. `sftp`; None for an output port."""
    settings: Mapping[str, Any]
    """The port's custom properties."""


@dataclass(frozen=True, kw_only=True)
class DataProduct:
    """A product that compiled without an error."""

    name: str
    domain: str
    version: str
    owner: str
    type: str | None
    """sourceAligned, aggregate or consumerAligned; None in a product of ODPS 1.0."""
    description: str
    status: str | None
    classification: Classification
    """The highest of any column; chooses the key of the product's storage."""
    table: glue.GlueTable
    location: str
    """The s3 URI that the table's partitions are under."""
    ruleset: str
    """A DQDL document for Glue Data Quality; empty when the contract promises nothing that it can check."""
    lf_tags: Mapping[str, str]
    column_lf_tags: Mapping[str, Mapping[str, str]]
    validator: Json
    input_ports: tuple[Port, ...]
    output_ports: tuple[Port, ...]
    service_levels: Mapping[str, str]
    """The contract's SLA by property, e.g. `{"retention": "7 y"}`."""
    diagnostics: tuple[Diagnostic, ...]
    """Warnings and notices of both files."""
    product_file: str
    contract: odcs.Contract

    @property
    def contract_file(self) -> str:
        return self.contract.document.file


def compile_product(product: odps.Product, contract: odcs.Contract, context: Context) -> DataProduct:
    """The product as deployed with `context`. Raises ContractError naming file, line, path and expectation of whatever
    keeps it from being compiled."""
    of_product, of_contract = Findings(product.document), Findings(contract.document)
    model = product.model
    name = model.name or ""
    if not NAME.fullmatch(name):
        of_product.error(("name",), f"expected lower-case words joined by hyphens, found {name!r}")
    version = model.version or contract.version
    _check_version(version, ("version",), of_product)
    major = _check_version(contract.version, ("version",), of_contract)
    _check_domain(model, contract, of_product)
    _check_promise(model, contract, of_product)
    inputs = _ports(model.inputPorts, "inputPorts", of_product)
    outputs = _ports(model.outputPorts, "outputPorts", of_product)
    compiled = _table(contract, name, of_contract)
    level = _classification(model, compiled, of_product, of_contract)
    file = _file(model, inputs, of_product)
    _check_delivery(compiled, file, of_contract)
    ruleset = dqdl.ruleset(compiled, of_contract)
    if not ruleset:
        message = "promises nothing that can be checked; the guardrail product-quality refuses a product without rules"
        of_contract.warning(("schema",), message)
    raise_errors([*of_product.found, *of_contract.found])

    owner = _owner(model)
    service_levels = _service_levels(contract)
    place = {
        "catalogId": context.catalog_id,
        "database": context.database,
        "name": compiled.name.lower(),
        "bucket": context.bucket,
        "prefix": context.prefix(name, major),
    }
    identity = {
        "domain": model.domain or "",
        "name": name,
        "version": version,
        "owner": owner,
        "classification": str(level),
    }
    return DataProduct(
        name=name,
        domain=model.domain or "",
        version=version,
        owner=owner,
        type=model.type,
        description=(model.description.purpose if model.description else None) or "",
        status=model.status,
        classification=level,
        table=glue.glue_table(compiled, _parameters(identity, contract, service_levels)),
        location=f"s3://{place['bucket']}/{place['prefix']}",
        ruleset=ruleset,
        lf_tags=tags.table_tags(model.domain or "", name, level),
        column_lf_tags=tags.column_tags(compiled, level),
        validator=validator(
            product=identity,
            contract={"id": contract.id, "version": contract.version},
            file=file,
            place=place,
            table=compiled,
        ),
        input_ports=inputs,
        output_ports=outputs,
        service_levels=service_levels,
        diagnostics=(*of_product.found, *of_contract.found),
        product_file=product.document.file,
        contract=contract,
    )


def major_version(version: str) -> int | None:
    """The major part of a semantic version; None when `version` is none."""
    match = VERSION.fullmatch(version)
    return int(match["major"]) if match else None


def _check_version(version: str, at: Location, findings: Findings) -> int:
    major = major_version(version)
    if major is None:
        findings.error(at, f"expected a semantic version such as 1.0.0, found {version!r}")
    return major or 0


def _check_domain(model: odps.DataProduct, contract: odcs.Contract, findings: Findings) -> None:
    if not model.domain:
        findings.error(("domain",), "expected the domain that owns the product, found none")
    elif contract.model.domain and contract.model.domain != model.domain:
        message = f"is {model.domain!r}, but the contract {contract.document.file} says {contract.model.domain!r}"
        findings.error(("domain",), message)


def _check_promise(model: odps.DataProduct, contract: odcs.Contract, findings: Findings) -> None:
    """The product publishes what the contract describes."""
    ports = model.outputPorts or []
    promised = [(index, port) for index, port in enumerate(ports) if port.contractId == contract.id]
    if not promised:
        found = ", ".join(repr(port.contractId) for port in ports) or "no output port"
        message = f"expected a port with the contractId {contract.id!r} of {contract.document.file}; found {found}"
        findings.error(("outputPorts",), message)
    elif not any(port.version in (None, contract.version) for _, port in promised):
        index, port = promised[0]
        message = f"is {port.version!r}, but the contract {contract.document.file} has version {contract.version!r}"
        findings.error(("outputPorts", index, "version"), message)
    for index, port in enumerate(ports):
        if port.contractId != contract.id and promised:
            message = f"{port.contractId!r} is not the contract beside the product; this port is not deployed"
            findings.warning(("outputPorts", index, "contractId"), message)


def _table(contract: odcs.Contract, product: str, findings: Findings) -> Table:
    """The one object of the contract that the product publishes."""
    objects = contract.objects
    if not objects:
        findings.error(("schema",), "expected an object that becomes the product's table, found none")
        return Table(name="", description="", fields=(), primary_key=(), partitions=(), rules=())
    wanted = {product, product.replace("-", "_")}
    chosen = next((at for at, each in enumerate(objects) if {each.name, each.physicalName} & wanted), 0)
    for index in range(len(objects)):
        if index != chosen:
            message = f"is not compiled: a product publishes one table, here {objects[chosen].name!r}"
            findings.warning(("schema", index), message)
    compiled = table(objects[chosen], ("schema", chosen), findings)
    if not TABLE_NAME.fullmatch(compiled.name.lower()):
        key = "physicalName" if objects[chosen].physicalName else "name"
        message = f"expected letters, digits and underscores as the table's name, found {compiled.name!r}"
        findings.error(("schema", chosen, key), message)
    return compiled


def _classification(
    model: odps.DataProduct, compiled: Table, of_product: Findings, of_contract: Findings
) -> Classification:
    given = custom.settings(model.customProperties, ())
    custom.warn_of_misspelt(given, ("classification", "owner"), of_product)
    value, at = given.get("classification", (None, ("customProperties",)))
    declared = classification(None if value is None else str(value), at, of_product)
    highest = max((field.classification for field in compiled.fields if field.classification), default=None)
    if declared is None and highest is None:
        if value is None:
            message = f"expected a custom property classification, one of {', '.join(Classification)}; found none"
            of_product.error(at, message)
        return Classification.RESTRICTED
    if declared is None or highest is None:
        return declared or highest or Classification.RESTRICTED
    for field in compiled.fields:
        if field.classification and field.classification > declared:
            message = f"{field.name} is {field.classification}, above the product, which is {declared} in"
            of_contract.error((*field.at, "classification"), f"{message} {of_product.document.file}")
    return declared


def _file(model: odps.DataProduct, ports: tuple[Port, ...], findings: Findings) -> delivery.FileFormat | None:
    """How the files of the product's one file connector look; None when it takes no files."""
    taking = [index for index, port in enumerate(ports) if port.connector in delivery.FILE_CONNECTORS]
    for index, port in enumerate(ports):
        if port.connector is not None and port.connector not in delivery.FILE_CONNECTORS:
            message = f"no connector {port.connector!r} is deployed; known are {', '.join(delivery.FILE_CONNECTORS)}"
            findings.warning(("inputPorts", index), message)
    for index in taking[1:]:
        findings.error(("inputPorts", index), "a product takes files through one port; this is a second one")
    if not taking:
        return None
    described = (model.inputPorts or [])[taking[0]]
    return delivery.file_format(custom.settings(described.customProperties, ("inputPorts", taking[0])), findings)


def _check_delivery(compiled: Table, file: delivery.FileFormat | None, findings: Findings) -> None:
    """A delimited file has one text for each column."""
    if file is None:
        return
    for field in compiled.fields:
        if field.type.value is None and field.required:
            message = f"a {file.format} file cannot deliver a {field.type.glue}, and the column is required"
            findings.error((*field.at, "logicalType"), message)
        elif field.type.value is None:
            message = f"a {file.format} file cannot deliver a {field.type.glue}; the column stays empty"
            findings.warning((*field.at, "logicalType"), message)


def _ports(ports: list[Any] | None, key: str, findings: Findings) -> tuple[Port, ...]:
    built = []
    seen: dict[tuple[str, str | None], int] = {}
    for index, port in enumerate(ports or ()):
        first = seen.setdefault((port.name, port.version), index)
        if first != index:
            message = f"the port {port.name!r} of version {port.version!r} is already {key}[{first}]"
            findings.error((key, index, "name"), message)
        settings = {name: value for name, (value, _) in custom.settings(port.customProperties, (key, index)).items()}
        built.append(
            Port(
                name=port.name,
                version=port.version,
                contract_id=port.contractId,
                type=getattr(port, "type", None),
                connector=settings.get("connector"),
                settings=settings,
            )
        )
    return tuple(built)


def _owner(model: odps.DataProduct) -> str:
    """The custom property `owner`, else the team, else the domain's name."""
    named, _ = custom.settings(model.customProperties, ()).get("owner", (None, ()))
    return str(named or (model.team.name if model.team else None) or model.domain or "")


def _service_levels(contract: odcs.Contract) -> Mapping[str, str]:
    """By property; by property and element where a contract promises several of one kind."""
    levels = contract.model.slaProperties or ()
    count = Counter(each.property for each in levels)
    return {
        f"{each.property}.{each.element}"
        if count[each.property] > 1 and each.element
        else str(each.property): " ".join(str(part) for part in (each.value, each.unit) if part is not None)
        for each in levels
    }


def _parameters(
    identity: Mapping[str, str], contract: odcs.Contract, service_levels: Mapping[str, str]
) -> Mapping[str, str]:
    """What a reader of the catalog sees of the product and its promises."""
    return {
        **{f"product.{key}": value for key, value in identity.items()},
        "contract.id": contract.id,
        "contract.version": contract.version,
        **{f"sla.{name}": value for name, value in service_levels.items()},
    }
