"""What may be typed, and what is answered to the rest."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from localcloud.__main__ import leave_other_clouds, main, parser


@pytest.mark.parametrize(
    ("given", "direct"),
    [({}, "127.0.0.1"), ({"NO_PROXY": "a.example"}, "127.0.0.1,a.example"), ({"no_proxy": "b"}, "127.0.0.1,b")],
)
def test_neither_the_users_cloud_nor_a_proxy_comes_in_between(
    given: dict[str, str], direct: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = {"AWS_PROFILE": "mine", "AWS_ENDPOINT_URL": "http://192.0.2.1", "http_proxy": "http://192.0.2.1:3128"}
    environment = others | given
    monkeypatch.setattr(os, "environ", environment)
    leave_other_clouds()
    assert environment == {"http_proxy": "http://192.0.2.1:3128", "no_proxy": direct, "NO_PROXY": direct}


def test_a_home_that_cannot_be_is_told_in_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "environ", dict(os.environ))
    file = tmp_path / "file"
    file.write_text("")
    assert main(["status", "--home", str(file)]) == 1
    assert capsys.readouterr().err.startswith("error: [Errno 20] Not a directory")


@pytest.mark.parametrize("number", ["0", "-5", "x", "1.5"])
def test_logs_shows_at_least_one_line(number: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parser().parse_args(["logs", "f", "--last", number])
    assert "--last" in capsys.readouterr().err
    assert parser().parse_args(["logs", "f", "--last", "7"]).last == 7
