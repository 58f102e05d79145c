"""Contract lints and comparisons per second, against validating the same contract with the jsonschema library.

A lint reads the orders contract from its file, validates it and compiles it; a comparison reads two versions of it and
says what changed. The baseline gets the contract already parsed and only validates it, with the schema of the
standard's own package. All three run in turns.

    python -m benchmarks.contracts
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import jsonschema

from components.contracts import odcs, source
from components.contracts.changes import gate
from components.contracts.lint import lint

ORDERS = Path(__file__).parents[1] / "domains/sales/orders/contract.odcs.yaml"
_ROUNDS = 7
_REPEATS = 20


@dataclass(frozen=True)
class Rates:
    """Per second, medians over the rounds."""

    lints: float
    comparisons: float
    validations: float

    def __str__(self) -> str:
        return (
            f"contracts: {self.lints:.0f} lints/s, {self.comparisons:.0f} comparisons/s; "
            f"jsonschema alone {self.validations:.0f} validations/s, "
            f"ratios {self.lints / self.validations:.1f} and {self.comparisons / self.validations:.1f}"
        )


def measure(rounds: int = _ROUNDS) -> Rates:
    """All three after one run of each to warm up."""
    packaged = json.loads(files("open_data_contract_standard").joinpath("schema.json").read_text("utf-8"))
    validator, value = jsonschema.Draft201909Validator(packaged), source.read(ORDERS).value
    with tempfile.TemporaryDirectory() as directory:
        old, new = Path(directory, "old.odcs.yaml"), Path(directory, "new.odcs.yaml")
        text = ORDERS.read_text()
        old.write_text(text)
        new.write_text(text.replace("maximum: 1000", "maximum: 500").replace("version: 1.0.0", "version: 1.1.0"))
        work: tuple[Callable[[], object], ...] = (
            lambda: lint(old),
            lambda: gate(odcs.load(old), odcs.load(new)),
            lambda: validator.validate(value),
        )
        for each in work:
            each()
        times = [[_seconds(each) for each in work] for _ in range(rounds)]
    lints, comparisons, validations = (1 / statistics.median(column) for column in zip(*times, strict=True))
    return Rates(lints=lints, comparisons=comparisons, validations=validations)


def _seconds(work: Callable[[], object]) -> float:
    """Wall-clock seconds of one run."""
    started = time.perf_counter()
    for _ in range(_REPEATS):
        work()
    return (time.perf_counter() - started) / _REPEATS


if __name__ == "__main__":
    print(measure())
