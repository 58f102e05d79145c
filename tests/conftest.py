"""What tests of several parts share."""

import signal
from pathlib import Path

import pytest

from localcloud.example_data import cdnow as fetch

ROOT = Path(__file__).parent.parent


def pytest_configure() -> None:
    """Take Ctrl-C as a terminal sends it. A shell that starts the tests in the background has it ignored, and every
    process that a test starts and interrupts would inherit that."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def cdnow() -> Path:
    """The real purchase history, in the cache that the local cloud uses too."""
    return fetch(ROOT / ".localcloud" / "cache")
