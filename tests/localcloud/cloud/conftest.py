"""One local cloud for all tests of this directory, and accounts in it that are nobody else's."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from localcloud.cloud import process
from localcloud.cloud.target import Target

_accounts = itertools.count(700000000001)


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[process.Cloud]:
    home: Path = tmp_path_factory.mktemp("cloud")
    yield process.ensure(home)
    process.stop(home)


@pytest.fixture
def target(cloud: process.Cloud) -> Target:
    """An empty account."""
    return cloud.target(str(next(_accounts)), "eu-west-1")


@pytest.fixture
def other(cloud: process.Cloud) -> Callable[[], Target]:
    """Makes further empty accounts."""
    return lambda: cloud.target(str(next(_accounts)), "eu-west-1")
