"""The guardrails know the same organisation as the stacks."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from stacks import guardrails
from stacks.__main__ import main
from stacks.documents import ROOT, DocumentError
from stacks.organisation import Organisation, load_organisation


@pytest.fixture
def grown(tmp_path: Path) -> Callable[..., Organisation]:
    """The organisation after an edit of its file: `grown((old, new)...)`."""

    def edited(*edits: tuple[str, str]) -> Organisation:
        text = (ROOT / "stacks" / "organisation.yaml").read_text()
        for old, new in edits:
            assert old in text
            text = text.replace(old, new)
        path = tmp_path / "organisation.yaml"
        path.write_text(text)
        return load_organisation(path)

    return edited


def test_the_committed_configuration_is_current() -> None:
    guardrails.require_current(load_organisation())
    assert {path.stem for path in guardrails.LEVELS.glob("*.json")} == {"dev", "test", "stage", "prod"}


@pytest.mark.parametrize(
    "edit",
    [
        ("o-acme000001", "o-acme000002"),
        ("222222222222", "333333333333"),
        ("  sales:", "  shop:"),
        ("eu-central-1", "eu-north-1"),
        ("sourceAligned", "aggregate"),
    ],
)
def test_any_other_organisation_is_told_to_the_pack_first(
    grown: Callable[..., Organisation], edit: tuple[str, str]
) -> None:
    with pytest.raises(DocumentError, match="make organisation"):
        guardrails.require_current(grown(edit))


def test_what_is_written_is_current_and_keeps_the_rest(
    grown: Callable[..., Organisation], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = json.loads((guardrails.LEVELS / "prod.json").read_text())
    (tmp_path / "prod.json").write_text(json.dumps(before))
    monkeypatch.setattr(guardrails, "LEVELS", tmp_path)
    organisation = grown(("222222222222", "333333333333"))
    assert guardrails.write(organisation) == [tmp_path / "prod.json"]
    guardrails.require_current(organisation)
    after = json.loads((tmp_path / "prod.json").read_text())
    assert after["organisation"]["accounts"]["sales"] == "333333333333"
    after["organisation"]["accounts"]["sales"] = "222222222222"
    assert after == before
    assert guardrails.write(organisation) == []


def test_the_order_is_refused_until_the_pack_knows_the_organisation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "prod.json").write_text('{"all": "mandatory"}')
    monkeypatch.setattr(guardrails, "LEVELS", tmp_path)
    assert main(["order"]) == 1
    assert "prod.json know another organisation; run `make organisation`" in capsys.readouterr().err
    assert main(["guardrails"]) == 0
    assert main(["order"]) == 0


def test_a_configuration_that_is_no_json_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "prod.json").write_text("{")
    monkeypatch.setattr(guardrails, "LEVELS", tmp_path)
    with pytest.raises(DocumentError, match=r"prod\.json: expected a JSON object"):
        guardrails.require_current(load_organisation())
