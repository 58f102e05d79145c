"""The handler streams: a file ten times as large takes about the same memory."""

from pathlib import Path

from benchmarks.files import COPIES, handle, memory, write


def test_memory_is_bounded_while_the_file_grows_tenfold(cdnow: Path) -> None:
    small, large = memory(COPIES), memory(10 * COPIES)
    assert large.file > 9.9 * small.file
    assert large.peak - small.peak < (large.file - small.file) / 4


def test_the_benchmark_publishes_every_row(cdnow: Path, tmp_path: Path) -> None:
    assert handle(write(tmp_path, 1, commas=True)) == handle(write(tmp_path, 1, commas=False)) == 69_659
