"""The CDNOW purchase history, fetched from the wheel that carries it.

69,659 purchases of 23,570 customers of an online shop from January 1997 to June 1998, published by Fader and Hardie and
shipped in the PyPI distribution `Lifetimes` as `lifetimes/datasets/CDNOW_master.txt`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

REQUIREMENT = "Lifetimes==0.11.3 --hash=sha256:261e3dc89977c2b60767ca6728aaa29d429de0c814635070a749c36555895da8"
MEMBER = "lifetimes/datasets/CDNOW_master.txt"


def cdnow(cache: Path) -> Path:
    """Return the path of `CDNOW_master.txt` in `cache`, downloading the wheel with pip when it is not there yet.

    pip checks the wheel against the hash above. Raises RuntimeError with pip's message when it cannot be had.
    """
    target = cache / Path(MEMBER).name
    if target.exists():
        return target
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        wheel = _download(Path(folder))
        partial = Path(folder) / target.name
        with zipfile.ZipFile(wheel) as archive, archive.open(MEMBER) as packed, partial.open("wb") as unpacked:
            shutil.copyfileobj(packed, unpacked)
        os.replace(partial, target)  # atomic: a test worker beside this one sees the whole file or none
    return target


def _download(folder: Path) -> Path:
    requirements = folder / "requirements.txt"
    requirements.write_text(REQUIREMENT + "\n")
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command = [*pip, "--only-binary", ":all:", "--require-hashes", "--dest", str(folder), "-r", str(requirements)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        raise RuntimeError(f"pip could not download {REQUIREMENT.split()[0]}: {result.stderr.strip()}")
    return next(folder.glob("*.whl"))
