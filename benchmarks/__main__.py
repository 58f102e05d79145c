"""Runs every benchmark, one after the other, each in a process of its own so that none warms another's caches."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

NAMES = ("components", "engines", "up", "files", "contracts", "guardrails")


def main() -> int:
    """Run the benchmarks that were named, or all; returns 1 when one could not be run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)} (default: all)")
    names = parser.parse_args().name or NAMES
    if unknown := [name for name in names if name not in NAMES]:
        parser.error(f"unknown benchmark {unknown[0]}; there are {', '.join(NAMES)}")
    failed = []
    for name in names:
        print(f"== {name}", flush=True)
        run = subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], cwd=Path(__file__).parents[1], check=False)
        if run.returncode:
            failed.append(name)
    if failed:
        print(f"not measured: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
