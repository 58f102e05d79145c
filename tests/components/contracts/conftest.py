"""Contracts in a few lines: what a test does not say is as short as the standard allows."""

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

import pytest

from components.contracts import odcs, source
from components.contracts.diagnostics import Findings
from components.contracts.table import Table, table

REPOSITORY = Path(__file__).parents[3]
HEAD = """\
apiVersion: {version}
kind: DataContract
id: test
version: 1.0.0
status: active
"""

MakeContract = Callable[..., odcs.Contract]
Compile = Callable[..., tuple[Table, Findings]]


@pytest.fixture
def repository() -> Path:
    return REPOSITORY


@pytest.fixture
def contract() -> MakeContract:
    """`contract(properties, rest, version)`: an object `things` with these properties (YAML list), then the rest of the
    object's keys, in a contract of `version`."""

    def make(properties: str = "", rest: str = "", version: str = "v3.2.0", tail: str = "") -> odcs.Contract:
        text = HEAD.format(version=version) + dedent(tail)
        text += "schema:\n  - name: things\n"
        if rest:
            text += indent(dedent(rest).strip("\n"), "    ") + "\n"
        text += "    properties:\n" + indent(dedent(properties).strip("\n"), "      ") + "\n"
        return odcs.contract(source.parse(text, "contract.yaml"))

    return make


@pytest.fixture
def compiled(contract: MakeContract) -> Compile:
    """As `contract`, compiled: the table and what was found."""

    def make(*arguments: str, **named: Any) -> tuple[Table, Findings]:
        made = contract(*arguments, **named)
        findings = Findings(made.document)
        return table(made.objects[0], ("schema", 0), findings), findings

    return make
