"""What a waivers file may say."""

from datetime import date
from pathlib import Path

import pytest
from mesh_guardrails.waivers import WaiverError, read_waivers

ENTRY = {
    "control": "named",
    "urn": "urn:pulumi:sales-prod::mesh::aws:sqs/queue:Queue::orders",
    "finding": "name",
    "reason": "r",
    "owner": "o",
    "ticket": "t",
    "expires": "2026-12-31",
}


def written(path: Path, **changes: str | None) -> Path:
    fields = {key: value for key, value in {**ENTRY, **changes}.items() if value is not None}
    file = path / "waivers.yaml"
    file.write_text("-" + "\n ".join(f" {key}: {value}" for key, value in fields.items()))
    return file


def test_a_complete_entry_is_read(tmp_path: Path) -> None:
    (waiver,) = read_waivers(written(tmp_path))
    assert waiver.expires == date(2026, 12, 31)
    assert waiver.stack == "sales-prod"


def test_no_file_means_no_waivers(tmp_path: Path) -> None:
    assert read_waivers(tmp_path / "waivers.yaml") == ()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"owner": None}, "entry 1: owner: expected a text"),
        ({"reason": '""'}, "entry 1: reason: expected a text"),
        ({"expires": "soon"}, "entry 1: expires: expected a date"),
        ({"approved": "yes"}, "entry 1: unknown field approved"),
    ],
)
def test_an_incomplete_entry_is_refused(tmp_path: Path, changes: dict[str, str | None], message: str) -> None:
    with pytest.raises(WaiverError, match=message):
        read_waivers(written(tmp_path, **changes))


@pytest.mark.parametrize("text", ["named: x", "- name", "- [", "a: b: c"])
def test_what_is_no_list_of_entries_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "waivers.yaml"
    file.write_text(text)
    with pytest.raises(WaiverError, match=r"waivers\.yaml"):
        read_waivers(file)
