"""How long `python -m localcloud up` takes from nothing and when nothing has changed, in seconds of wall-clock time.

The example organisation in a directory of its own, with the embedded engine, the policy pack and the example's data.
The data is downloaded before, as the requirements are: what is measured is the work. There is nothing to run beside it,
so the figure names the machine's processors.

    python -m benchmarks.up
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from localcloud.example_data import cdnow

ROOT = Path(__file__).resolve().parent.parent


def seconds(home: Path, *arguments: str) -> float:
    """Wall-clock seconds of one command of the local cloud."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "localcloud", *arguments, "--home", str(home), "--engine", "embedded"]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def main() -> None:
    """Print both figures."""
    with tempfile.TemporaryDirectory() as directory:
        home = Path(directory)
        cdnow(home / "cache")
        try:
            first, again = seconds(home, "up"), seconds(home, "up")
        finally:
            seconds(home, "down", "--now")
    print(f"make up on {os.cpu_count()} processors: {first:.0f} s from nothing, {again:.0f} s when nothing has changed")


if __name__ == "__main__":
    main()
