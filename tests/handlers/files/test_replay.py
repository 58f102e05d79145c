"""Quarantined rows come back exactly once, after the rows or the contract were corrected."""

import json
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from handlers.files import replay as module
from handlers.files.ingest import handler as ingest
from handlers.files.publish import Manifest
from handlers.files.replay import ReplayError, handler

HEADER = b" customer_id  date number_of_cds  dollar_value\r\n"
GOOD = b" 00001 19970101  1   11.77\r\n"
NO_SUCH_DAY = b" 00002 19970230  1   12.00\r\n"
TOO_MANY = b" 00003 19970112  1500  77.00\r\n"
FILE = HEADER + GOOD + NO_SUCH_DAY + TOO_MANY


@pytest.fixture
def quarantined(mesh: Any, context: Any) -> str:
    """A file with one good and two bad rows (lines 3 and 4) was delivered; where its rows are."""
    (answer,) = ingest(mesh.deliver(FILE), context)
    mesh.told()
    return f"orders/{answer['sha256']}/"


def correct(mesh: Any, quarantine: str, rows: dict[int, str], name: str = "fixed.jsonl") -> dict[str, str]:
    body = "".join(json.dumps({"line": line, "raw": raw}) + "\n" for line, raw in rows.items())
    mesh.client("s3").put_object(Bucket="quarantine", Key=quarantine + name, Body=body.encode())
    return {"quarantine": quarantine, "rows": quarantine + name}


def amounts(mesh: Any) -> list[Decimal]:
    return sorted(mesh.published()["amount"].to_pylist())


def test_corrected_rows_are_published_and_the_others_stay(mesh: Any, context: Any, quarantined: str) -> None:
    fixes = {3: "00002 19970228 1 12.00", 4: "00003 19970112 1600 77.00"}
    answer = handler(correct(mesh, quarantined, fixes), context)
    assert (answer["status"], answer["rows"], answer["quarantined"]) == ("replayed", 1, 1)
    assert amounts(mesh) == [Decimal("11.77"), Decimal("12.00")]
    assert {tuple(p["Values"]) for p in mesh.partitions()} == {("1997-01",), ("1997-02",)}
    (left,) = mesh.quarantined()
    assert (left["line"], left["raw"]) == (4, TOO_MANY.decode().rstrip())
    assert left["problems"][0]["reason"] == "'1600' is above the maximum 1000"
    assert (mesh.summary()["rows"], mesh.summary()["replayed"]) == (1, 1)
    lineage, quality = mesh.told()
    assert lineage["detail"]["outputs"][0]["outputFacets"]["outputStatistics"]["rowCount"] == 1
    assert quality["detail"]["status"] == "replayed"


def test_a_second_replay_publishes_nothing_twice(mesh: Any, context: Any, quarantined: str) -> None:
    request = correct(mesh, quarantined, {3: "00002 19970228 1 12.00"})
    handler(request, context)
    mesh.told()
    again = handler(request, context)
    other_text = handler(correct(mesh, quarantined, {3: "00002 19970227 1 99.00"}, "other.jsonl"), context)
    assert [answer["status"] for answer in (again, other_text)] == ["unchanged", "unchanged"]
    assert amounts(mesh) == [Decimal("11.77"), Decimal("12.00")]
    assert mesh.told() == []


def test_replays_add_up(mesh: Any, context: Any, quarantined: str) -> None:
    handler(correct(mesh, quarantined, {3: "00002 19970228 1 12.00"}), context)
    answer = handler(correct(mesh, quarantined, {4: "00003 19970112 15 77.00"}), context)
    assert (answer["rows"], answer["quarantined"]) == (1, 0)
    assert amounts(mesh) == [Decimal("11.77"), Decimal("12.00"), Decimal("77.00")]
    assert mesh.quarantined() == []
    assert mesh.summary()["replayed"] == 2


def test_a_corrected_contract_takes_the_rows_as_they_are(mesh: Any, context: Any, quarantined: str) -> None:
    for field in mesh.document["fields"]:
        if field["name"] == "quantity":
            mesh.document = {
                **mesh.document,
                "fields": [{**f, "maximum": 2000} if f is field else f for f in mesh.document["fields"]],
            }
    mesh.write_contract()
    answer = handler({"quarantine": quarantined}, context)
    assert (answer["rows"], answer["quarantined"]) == (1, 1)
    assert amounts(mesh) == [Decimal("11.77"), Decimal("77.00")]


def test_a_correction_that_is_still_wrong_stays(mesh: Any, context: Any, quarantined: str) -> None:
    answer = handler(correct(mesh, quarantined, {3: "00002 19970231 1 12.00", 4: "two\nlines"}), context)
    assert (answer["status"], answer["quarantined"]) == ("unchanged", 2)
    assert [row["raw"] for row in mesh.quarantined()] == [NO_SUCH_DAY.decode().rstrip(), TOO_MANY.decode().rstrip()]


@pytest.mark.parametrize("step", ["register", "tell", "resummarise"])
def test_a_replay_that_died_half_way_is_finished_by_the_next(
    mesh: Any, context: Any, quarantined: str, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    request = correct(mesh, quarantined, {3: "00002 19970228 1 12.00"})

    def broken(*_: Any) -> None:
        raise OSError("killed")

    place = "handlers.files.publish.register" if step == "register" else f"handlers.files.replay.{step}"
    with monkeypatch.context() as patched:
        patched.setattr(place, broken)
        with pytest.raises(OSError, match="killed"):
            handler(request, context)
    answer = handler(request, context)
    assert (answer["status"], answer["rows"], answer["quarantined"]) == ("replayed", 1, 1)
    assert amounts(mesh) == [Decimal("11.77"), Decimal("12.00")]
    assert handler(request, context)["status"] == "unchanged"


def test_of_two_replays_at_once_one_fails_and_loses_nothing(
    mesh: Any, context: Any, quarantined: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = correct(mesh, quarantined, {3: "00002 19970228 1 12.00"}, "first.jsonl")
    second = correct(mesh, quarantined, {4: "00003 19970112 15 77.00"}, "second.jsonl")
    check = module.Replay._check
    started: list[str] = []

    def interrupted(self: Any, *args: Any) -> None:
        if not started:
            started.append("second")
            handler(second, context)
        check(self, *args)

    monkeypatch.setattr(module.Replay, "_check", interrupted)
    with pytest.raises(ReplayError, match="meanwhile"):
        handler(first, context)
    assert amounts(mesh) == [Decimal("11.77"), Decimal("77.00")]
    handler(first, context)
    assert amounts(mesh) == [Decimal("11.77"), Decimal("12.00"), Decimal("77.00")]


def test_a_replay_that_was_overtaken_while_it_published_is_repeated(
    mesh: Any, context: Any, quarantined: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = correct(mesh, quarantined, {3: "00002 19970128 1 12.00"}, "slow.jsonl")
    quick = correct(mesh, quarantined, {4: "00003 19970112 15 77.00"}, "quick.jsonl")
    publish = Manifest.publish
    started: list[str] = []

    def overtaken(self: Manifest, *args: Any) -> None:
        if not started:
            started.append("quick")
            handler(quick, context)
        publish(self, *args)

    monkeypatch.setattr(Manifest, "publish", overtaken)
    with pytest.raises(ReplayError, match="meanwhile"):
        handler(slow, context)
    handler(slow, context)
    assert amounts(mesh) == [Decimal("11.77"), Decimal("12.00"), Decimal("77.00")]
    assert mesh.quarantined() == []


def test_a_refused_file_is_read_again_after_the_contract_was_corrected(mesh: Any, context: Any) -> None:
    (refused,) = ingest(mesh.deliver(FILE.replace(b"dollar_value", b"usd")), context)
    mesh.document["fields"] = [
        {**field, "source": "usd"} if field["name"] == "amount" else field for field in mesh.document["fields"]
    ]
    mesh.write_contract()
    answer = handler({"quarantine": f"orders/{refused['sha256']}/"}, context)
    assert (answer["status"], answer["rows"], answer["quarantined"]) == ("published", 1, 2)
    assert answer["key"] == mesh.summary()["source"]["key"] == "orders/history.txt"


def test_a_file_that_is_refused_again_stays(mesh: Any, context: Any) -> None:
    (refused,) = ingest(mesh.deliver(b"usd\n"), context)
    before = mesh.summary()
    with pytest.raises(ReplayError, match="refused as a whole"):
        handler({"quarantine": f"orders/{refused['sha256']}/", "rows": "fixed.jsonl"}, context)
    assert handler({"quarantine": f"orders/{refused['sha256']}/"}, context)["status"] == "refused"
    assert mesh.summary() == before
    assert mesh.body("quarantine", f"orders/{refused['sha256']}/file") == b"usd\n"


def test_what_cannot_be_replayed_is_said(mesh: Any, context: Any, quarantined: str) -> None:
    with pytest.raises(ReplayError, match="nothing is quarantined"):
        handler({"quarantine": f"orders/{'0' * 64}/"}, context)
    with pytest.raises(ReplayError, match="not quarantined: line 2, 9"):
        handler(correct(mesh, quarantined, {2: "x", 9: "x"}), context)
    for wrong, said in (
        ("not json", "correction 1 in wrong.jsonl:  Invalid JSON"),
        ('{"line": 3, "raw": "x"}\n\n{"line": "3", "raw": "x"}', "correction 2 in wrong.jsonl: line Input should be"),
        ('{"line": 3}', "correction 1 in wrong.jsonl: raw Field required"),
        ('{"line": 3, "raw": "\\ud800"}', "correction 1 in wrong.jsonl:  Invalid JSON"),
        ('{"line": 3, "raw": "x"}\n{"line": 3, "raw": "y"}', "line 3 is corrected twice"),
    ):
        mesh.client("s3").put_object(Bucket="quarantine", Key="wrong.jsonl", Body=wrong.encode())
        with pytest.raises(ReplayError, match=said):
            handler({"quarantine": quarantined, "rows": "wrong.jsonl"}, context)
    with pytest.raises(ReplayError, match="no corrected rows"):
        handler({"quarantine": quarantined, "rows": "gone.jsonl"}, context)
    with pytest.raises(ValidationError, match="quarantine"):
        handler({"quarantine": "../"}, context)
    assert mesh.published().num_rows == 1
