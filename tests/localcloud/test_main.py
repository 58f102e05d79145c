"""What may be typed, and what is answered to the rest."""

from __future__ import annotations

import pytest

from localcloud.__main__ import parser


@pytest.mark.parametrize("number", ["0", "-5", "x", "1.5"])
def test_logs_shows_at_least_one_line(number: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parser().parse_args(["logs", "f", "--last", number])
    assert "--last" in capsys.readouterr().err
    assert parser().parse_args(["logs", "f", "--last", "7"]).last == 7
