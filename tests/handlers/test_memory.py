"""The handler streams: a file ten times as large takes about the same memory."""

import tracemalloc
from pathlib import Path
from typing import Any

from benchmarks.files import COPIES, handle, memory, write
from handlers.contracts.validate import Validator
from handlers.files.quarantine import RowLog
from handlers.files.rows import read
from handlers.files.split import blocks


def test_memory_is_bounded_while_the_file_grows_tenfold(cdnow: Path) -> None:
    small, large = memory(COPIES), memory(10 * COPIES)
    assert large.file > 9.9 * small.file
    assert large.peak - small.peak < (large.file - small.file) / 4


def test_the_benchmark_publishes_every_row(cdnow: Path, tmp_path: Path) -> None:
    assert handle(write(tmp_path, 1, commas=True)) == handle(write(tmp_path, 1, commas=False)) == 69_659


def test_lines_that_are_no_rows_take_little_more_memory_than_text(contract: Any) -> None:
    """A block of the shortest bad lines has the most objects, and some blocks are in memory at once."""
    product, data = contract(file={}), b"x\n" * 20_000
    validator, log = Validator(product), RowLog("quarantine", "rows")
    tracemalloc.start()
    try:
        for block in blocks([data], 1, product.file):
            log.add(validator.validate(read(block, product)).bad)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert log.count == 20_000
    assert peak < 200 * len(data)
