"""The benchmark of components registers the same resources plainly."""

from __future__ import annotations

from benchmarks.components import measure


def test_every_resource_of_the_program_is_made_again() -> None:
    assert measure(rounds=1).resources > 100
