"""Loads products: Bitol's Open Data Product Standard 1.0 and 1.1.

No package carries this standard, so the model is written here from its text
(https://bitol-io.github.io/open-data-product-standard/v1.1.0/home/ and its changelog). It takes what the standard's
schemas take, key by key: text is text, nothing is null, and no key is unknown. Formats (`uri`, `date`, `date-time`)
are annotations in JSON Schema 2019-09 and are not checked here either.

Version 1.1 added keys and made some optional. Each model says which (`NEW`, `ONCE_REQUIRED`), and a document is held
to the version that it declares.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, StrictBool, StrictStr, ValidationError, ValidationInfo, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from components.contracts import json_schema, source
from components.contracts.diagnostics import ContractError, Findings

KIND = "DataProduct"
API_VERSIONS = ("v0.9.0", "v1.0.0", "v1.1.0")
"""0.9 is the approved draft that the schema of 1.0 still takes."""


class Element(BaseModel):
    """A mapping of the standard."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    NEW: ClassVar[frozenset[str]] = frozenset()
    """Keys that are there since 1.1."""
    ONCE_REQUIRED: ClassVar[frozenset[str]] = frozenset()
    """Keys that 1.0 requires and 1.1 does not."""

    @model_validator(mode="before")
    @classmethod
    def _as_declared(cls, value: Any, info: ValidationInfo) -> Any:
        """Refuses what pydantic would let pass: nulls, and keys that the declared version lacks or needs."""
        if not isinstance(value, dict):
            return value
        problems: list[InitErrorDetails] = [
            _problem(key, "null", "expected a value; leave the key out when there is none")
            for key in value
            if value[key] is None and key in cls.model_fields and key != "value"
        ]
        if info.context and info.context["version"] < API_VERSIONS[-1]:
            problems += [
                _problem(key, "too_new", "is a key since v1.1.0 of the standard; the document declares an older one")
                for key in value
                if key in cls.NEW
            ]
            problems += [
                _problem(key, "missing", "is missing; it is optional only since v1.1.0 of the standard")
                for key in sorted(cls.ONCE_REQUIRED - value.keys())
            ]
        if problems:
            raise ValidationError.from_exception_data(cls.__name__, problems)
        return value


def _problem(key: str, kind: Literal["null", "too_new", "missing"], message: str) -> InitErrorDetails:
    return InitErrorDetails(type=PydanticCustomError(kind, message), loc=(key,), input=None)


class CustomProperty(Element):
    property: StrictStr
    value: Any
    id: StrictStr | None = None
    description: StrictStr | None = None

    NEW = frozenset({"id"})


class AuthoritativeDefinition(Element):
    type: StrictStr
    url: StrictStr
    id: StrictStr | None = None
    description: StrictStr | None = None

    NEW = frozenset({"id"})


class Annotated(Element):
    """What most mappings of the standard can carry besides their own keys."""

    tags: list[StrictStr] | None = None
    customProperties: list[CustomProperty] | None = None  # noqa: N815 (the standard's spelling, here and below)
    authoritativeDefinitions: list[AuthoritativeDefinition] | None = None  # noqa: N815


class Description(Element):
    purpose: StrictStr | None = None
    limitations: StrictStr | None = None
    usage: StrictStr | None = None
    customProperties: list[CustomProperty] | None = None  # noqa: N815
    authoritativeDefinitions: list[AuthoritativeDefinition] | None = None  # noqa: N815


class Synonym(Element):
    synonym: StrictStr
    id: StrictStr | None = None
    description: StrictStr | None = None
    locale: StrictStr | None = None
    source: StrictStr | None = None
    status: StrictStr | None = None
    customProperties: list[CustomProperty] | None = None  # noqa: N815


class VerifiedStatement(Annotated):
    question: StrictStr
    answer: StrictStr | None = None
    id: StrictStr | None = None


class Constraint(Annotated):
    constraint: StrictStr
    id: StrictStr | None = None


class Context(Element):
    """Guidance for AI agents and semantic layers."""

    instructions: StrictStr | None = None
    verifiedStatements: list[VerifiedStatement] | None = None  # noqa: N815
    constraints: list[Constraint] | None = None


class InputPort(Annotated):
    name: StrictStr
    version: StrictStr | None = None
    contractId: StrictStr | None = None  # noqa: N815
    id: StrictStr | None = None
    deprecated: StrictBool | None = None

    NEW = frozenset({"id", "deprecated"})
    ONCE_REQUIRED = frozenset({"version", "contractId"})


class InputContract(Element):
    id: StrictStr
    version: StrictStr


class SBOM(Annotated):
    type: StrictStr | None = None
    url: StrictStr | None = None
    id: StrictStr | None = None

    NEW = frozenset({"id", "tags", "customProperties", "authoritativeDefinitions"})
    ONCE_REQUIRED = frozenset({"url"})


class OutputPort(Annotated):
    name: StrictStr
    version: StrictStr | None = None
    contractId: StrictStr | None = None  # noqa: N815
    description: StrictStr | None = None
    type: StrictStr | None = None
    sbom: list[SBOM] | None = None
    inputContracts: list[InputContract] | None = None  # noqa: N815
    id: StrictStr | None = None
    deprecated: StrictBool | None = None
    synonyms: list[Synonym] | None = None
    context: Context | None = None

    NEW = frozenset({"id", "deprecated", "synonyms", "context"})
    ONCE_REQUIRED = frozenset({"version"})


class ManagementPort(Annotated):
    name: StrictStr
    content: StrictStr
    type: StrictStr | None = None
    url: StrictStr | None = None
    channel: StrictStr | None = None
    description: StrictStr | None = None
    id: StrictStr | None = None
    deprecated: StrictBool | None = None

    NEW = frozenset({"id", "deprecated"})


class Support(Annotated):
    channel: StrictStr
    url: StrictStr
    description: StrictStr | None = None
    tool: StrictStr | None = None
    scope: StrictStr | None = None
    invitationUrl: StrictStr | None = None  # noqa: N815
    id: StrictStr | None = None

    NEW = frozenset({"id"})


class TeamMember(Annotated):
    username: StrictStr
    name: StrictStr | None = None
    description: StrictStr | None = None
    role: StrictStr | None = None
    dateIn: StrictStr | None = None  # noqa: N815
    dateOut: StrictStr | None = None  # noqa: N815
    replacedByUsername: StrictStr | None = None  # noqa: N815
    id: StrictStr | None = None

    NEW = frozenset({"id"})


class Team(Annotated):
    name: StrictStr | None = None
    description: StrictStr | None = None
    members: list[TeamMember] | None = None


class DataProduct(Annotated):
    """The root of a product file."""

    apiVersion: Literal["v0.9.0", "v1.0.0", "v1.1.0"]  # noqa: N815
    kind: Literal["DataProduct"]
    id: StrictStr
    name: StrictStr | None = None
    version: StrictStr | None = None
    status: StrictStr | None = None
    domain: StrictStr | None = None
    tenant: StrictStr | None = None
    description: Description | None = None
    type: StrictStr | None = None
    """sourceAligned, aggregate or consumerAligned; the standard lets an organisation add its own."""
    deprecated: StrictBool | None = None
    synonyms: list[Synonym] | None = None
    context: Context | None = None
    inputPorts: list[InputPort] | None = None  # noqa: N815
    outputPorts: list[OutputPort] | None = None  # noqa: N815
    managementPorts: list[ManagementPort] | None = None  # noqa: N815
    support: list[Support] | None = None
    team: Team | None = None
    productCreatedTs: StrictStr | None = None  # noqa: N815

    NEW = frozenset({"type", "deprecated", "synonyms", "context"})
    ONCE_REQUIRED = frozenset({"status"})


@dataclass(frozen=True)
class Product:
    """A valid product file and the document it was read from."""

    document: source.Document
    model: DataProduct


def load(path: Path, name: str | None = None) -> Product:
    """The product in the file at `path`; `name` is how diagnostics call it. Raises ContractError naming file, line,
    path and expectation of everything that the standard does not allow."""
    return product(source.read(path, name))


def product(document: source.Document) -> Product:
    """The product that `document` holds; raises ContractError as `load` does."""
    findings = Findings(document)
    value = document.value
    if not isinstance(value, dict):
        findings.error((), f"expected a mapping, found {json_schema.shown(value)}")
        raise ContractError(findings.found)
    version = value.get("apiVersion")
    context = {"version": version if version in API_VERSIONS else API_VERSIONS[-1]}
    try:
        return Product(document, DataProduct.model_validate(value, context=context))
    except ValidationError as error:
        for each in error.errors():
            findings.error(tuple(each["loc"]), _told(each["type"], each["msg"], each["input"], each.get("ctx", {})))
        raise ContractError(findings.found) from error


def _told(kind: str, message: str, value: Any, context: Mapping[str, Any]) -> str:
    match kind:
        case "missing" if value is not None:
            return "is missing"
        case "extra_forbidden":
            return "is no key that the standard knows here"
        case "string_type":
            return f"expected text, found {json_schema.shown(value)}"
        case "bool_type":
            return f"expected true or false, found {json_schema.shown(value)}"
        case "list_type":
            return f"expected a list, found {json_schema.shown(value)}"
        case "model_type":
            return f"expected a mapping, found {json_schema.shown(value)}"
        case "literal_error":
            return f"expected {context['expected']}, found {json_schema.shown(value)}"
    return message
