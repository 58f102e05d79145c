"""What a reader of the products may type."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from localcloud.commands import query
from localcloud.workspace import Workspace


@pytest.fixture(autouse=True)
def _no_products(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Workspace, "cloud", lambda self: object())
    monkeypatch.setattr(query, "deployed_products", lambda workspace: {})
    monkeypatch.setattr(query, "connection", lambda cloud, products: duckdb.connect())


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("selec 1", "syntax error"),
        ("select * from sales.nothing", "does not exist"),
        ("select error('while it runs')", "while it runs"),
        ("select '\udcff'", "surrogates not allowed"),
    ],
)
def test_what_cannot_be_answered_is_told_in_a_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], sql: str, said: str
) -> None:
    assert query.query(Workspace(home=tmp_path), sql) == 1
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("sql", ["", "-- nothing", "create table t as select 1"])
def test_what_has_no_rows_prints_none(tmp_path: Path, capsys: pytest.CaptureFixture[str], sql: str) -> None:
    assert query.query(Workspace(home=tmp_path), sql) == 0
    assert capsys.readouterr() == ("", "")
