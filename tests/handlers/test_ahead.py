"""Results come in order, and the work stays only a little ahead."""

import os
from collections.abc import Iterator

import pytest

from handlers.ahead import ahead


def test_results_come_in_order() -> None:
    assert list(ahead(lambda number: number * 2, range(50))) == list(range(0, 100, 2))


def test_no_more_items_are_taken_than_can_be_worked_on() -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for number in range(100):
            taken.append(number)
            yield number

    next(ahead(lambda number: number, items()))
    assert len(taken) <= (os.cpu_count() or 1) + 1


def test_what_is_raised_comes_where_the_result_would_have() -> None:
    results = ahead(lambda number: 1 // number, [1, 0, 1])
    assert next(results) == 1
    with pytest.raises(ZeroDivisionError):
        next(results)
