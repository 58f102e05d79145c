"""What tests of several parts share."""

from pathlib import Path

import pytest

from localcloud.example_data import cdnow as fetch

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def cdnow() -> Path:
    """The real purchase history, in the cache that the local cloud uses too."""
    return fetch(ROOT / ".localcloud" / "cache")
