"""Whatever call to AWS fails, is lost or is overtaken, the next try ends as if nothing had happened.

Every test goes through all calls of a run, one after the other, with a content of its own for each of them.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

import boto3
import pytest

from handlers.files.ingest import handler as ingest
from handlers.files.objects import Upload
from handlers.files.replay import ReplayError
from handlers.files.replay import handler as replay

HEADER = " customer_id  date number_of_cds  dollar_value\n"
BEFORE, AFTER = "before-call", "after-call"


class LostError(Exception):
    """A call failed, or its answer never came."""


class Calls:
    """Counts a session's calls to AWS while it is asked to, and does something at one of them."""

    def __init__(self, session: boto3.Session) -> None:
        self.count, self._at, self._act, self._moment = 0, 0, lose, ""
        for moment in (BEFORE, AFTER):
            session.events.register(moment, partial(self._called, moment))

    @contextmanager
    def disturbed(self, moment: str, at: int, act: Callable[[], Any]) -> Iterator[None]:
        self.count, self._at, self._act, self._moment = 0, at, act, moment
        try:
            yield
        finally:
            self._moment = ""

    def _called(self, moment: str, **_: Any) -> None:
        if moment == self._moment:
            self.count += 1
            if self.count == self._at:
                self._moment = ""  # what is done now is not counted
                self._act()
                self._moment = moment


@pytest.fixture
def calls(mesh: Any) -> Calls:
    assert boto3.DEFAULT_SESSION
    return Calls(boto3.DEFAULT_SESSION)


def lose() -> None:
    raise LostError


def file(number: int) -> bytes:
    """Lines 2 to 4 good, in two partitions, and lines 5 and 6 bad; the number makes it another content."""
    rows = [
        "00001 19970101 1 11.77",
        "00001 19970101 1 11.77",
        f"00002 19970212 5 {number}.00",
        "00003 19970230 1 12.00",
        "00003 19970112 1500 77.00",
    ]
    return (HEADER + "".join(f"{row}\n" for row in rows)).encode()


def amounts(mesh: Any) -> list[str]:
    return sorted(str(amount) for amount in mesh.published()["amount"].to_pylist())


def clear(mesh: Any) -> None:
    for bucket in ("products", "quarantine"):
        for key in mesh.keys_in(bucket):
            mesh.client("s3").delete_object(Bucket=bucket, Key=key)


def runs(mesh: Any) -> dict[str, int]:
    """What the hub would keep: how many runs it was told of, by kind of event."""
    found: dict[str, set[str]] = {}
    for event in mesh.told():
        run = event["detail"]["run"]["runId"] if "run" in event["detail"] else event["detail"]["runId"]
        found.setdefault(event["detail-type"], set()).add(run)
    return {kind: len(ids) for kind, ids in found.items()}


def left_open(mesh: Any) -> list[Any]:
    return list(mesh.client("s3").list_multipart_uploads(Bucket="products").get("Uploads", []))


@pytest.fixture
def parted(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether objects are written by multipart uploads; S3 wants 5 MiB a part only of all but the last."""
    if request.param:
        publish = Upload.publish

        def sealed(self: Upload, **conditions: str) -> str:
            self.seal()
            return publish(self, **conditions)

        monkeypatch.setattr(Upload, "publish", sealed)
    return bool(request.param)


@pytest.mark.parametrize(
    ("parted", "moment", "killed"),
    [(False, BEFORE, False), (True, BEFORE, False), (True, AFTER, True)],
    indirect=["parted"],
)
def test_a_delivery_survives_the_loss_of_any_call(
    mesh: Any, context: Any, calls: Calls, parted: bool, moment: str, killed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`killed`: as when Lambda's time is over, nothing is cleaned up."""
    at = 0
    while True:
        at += 1
        event = mesh.deliver(file(at))
        with monkeypatch.context() as patched, calls.disturbed(moment, at, lose), suppress(ExceptionGroup):
            if killed:
                patched.setattr(Upload, "abort", lambda _: None)
            ingest(event, context)
        if calls.count < at:
            break
        (answer,) = ingest(event, context)
        assert answer["status"] in ("published", "duplicate"), at
        assert amounts(mesh) == sorted(["11.77", "11.77", f"{at}.00"]), at
        assert [row["line"] for row in mesh.quarantined()] == [5, 6], at
        assert mesh.summary()["rows"] == 2
        assert {tuple(each["Values"]) for each in mesh.partitions()} == {("1997-01",), ("1997-02",)}
        assert runs(mesh) == {"OpenLineage Run Event": 1, "Quality Result": 1}, at
        assert ingest(event, context)[0]["status"] == "duplicate"
        assert killed or moment == AFTER or not left_open(mesh)  # the id of a new upload may be lost
        clear(mesh)
    assert at > 12


@pytest.mark.parametrize(("parted", "moment"), [(True, AFTER)], indirect=["parted"])
def test_a_delivery_survives_the_same_delivery_at_any_call(
    mesh: Any, context: Any, calls: Calls, parted: bool, moment: str
) -> None:
    at = 0
    while True:
        at += 1
        event = mesh.deliver(file(at))
        with calls.disturbed(moment, at, lambda: ingest(event, context)):  # noqa: B023
            ingest(event, context)
        if calls.count < at:
            break
        assert amounts(mesh) == sorted(["11.77", "11.77", f"{at}.00"]), at
        assert [row["line"] for row in mesh.quarantined()] == [5, 6], at
        assert runs(mesh) == {"OpenLineage Run Event": 1, "Quality Result": 1}, at
        assert ingest(event, context)[0]["status"] == "duplicate"
        clear(mesh)


def test_a_replay_survives_the_loss_of_any_call(mesh: Any, context: Any, calls: Calls) -> None:
    """Line 5 was replayed before, but the contract takes it no more; line 6 is corrected now."""
    at = 0
    while True:
        at += 1
        allow(mesh, maximum=1_000)
        quarantine = f"orders/{ingest(mesh.deliver(file(at)), context)[0]['sha256']}/"
        replay(correct(mesh, quarantine, 5, "00003 19970228 2 12.00"), context)
        runs(mesh)
        request = correct(mesh, quarantine, 6, "00003 19970112 15 77.00")
        allow(mesh, maximum=1_000, enum=[1, 5, 15])
        with calls.disturbed(AFTER, at, lose), suppress(LostError):
            replay(request, context)
        if calls.count < at:
            break
        answer = replay(request, context)
        assert answer["status"] in ("replayed", "unchanged"), at
        assert amounts(mesh) == sorted(["11.77", "11.77", f"{at}.00", "77.00"]), at
        assert [row["line"] for row in mesh.quarantined()] == [5], at
        assert (mesh.summary()["rows"], mesh.summary()["replayed"]) == (1, 1), at
        assert runs(mesh) == {"OpenLineage Run Event": 1, "Quality Result": 1}, at
        assert replay(request, context)["status"] == "unchanged"
        clear(mesh)
    assert at > 12


def test_a_refused_file_survives_the_loss_of_any_call(mesh: Any, context: Any, calls: Calls) -> None:
    """A file is refused, the contract corrected, and the file replayed; any call of either may be lost."""
    at = 0
    while True:
        at += 1
        column(mesh, "dollar_value")
        event = mesh.deliver(file(at).replace(b"dollar_value", b"usd"))
        with calls.disturbed(AFTER, at, lose), suppress(ExceptionGroup):
            ingest(event, context)
        (refused,) = ingest(event, context)
        assert (refused["status"], mesh.summary()["source"]["key"]) == ("refused", "orders/history.txt")
        column(mesh, "usd")
        request = {"quarantine": f"orders/{refused['sha256']}/"}
        refusing = calls.count
        with calls.disturbed(AFTER, at - refusing, lose), suppress(LostError):
            replay(request, context)
        if calls.count < at - refusing:
            break
        answer = replay(request, context)
        assert answer["status"] in ("published", "duplicate", "unchanged"), at
        assert amounts(mesh) == sorted(["11.77", "11.77", f"{at}.00"]), at
        assert [row["line"] for row in mesh.quarantined()] == [5, 6], at
        summary = mesh.summary()
        assert (summary["status"], summary["rows"], summary["source"]["key"]) == ("rows", 2, "orders/history.txt")
        assert runs(mesh) == {"OpenLineage Run Event": 2, "Quality Result": 2}, at
        clear(mesh)
    assert at > 12


def test_rows_that_a_corrected_contract_takes_do_not_wait_any_more(mesh: Any, context: Any, calls: Calls) -> None:
    """A run died after it had quarantined rows; the run that repeats it knows another contract."""
    event = mesh.deliver(file(1).replace(b"19970230", b"19970228"))
    with calls.disturbed(BEFORE, 99, lose):
        ingest(event, context)
    clear(mesh)
    with calls.disturbed(BEFORE, calls.count - 3, lose), pytest.raises(ExceptionGroup):
        ingest(event, context)
    assert [row["line"] for row in mesh.quarantined()] == [6]
    allow(mesh, maximum=2_000)
    (answer,) = ingest(event, context)
    assert (answer["rows"], answer["quarantined"]) == (5, 0)
    assert mesh.quarantined() == []


def allow(mesh: Any, **constraints: Any) -> None:
    """Change what `quantity` may be."""
    fields = [field for field in mesh.document["fields"] if field["name"] != "quantity"]
    quantity = {"name": "quantity", "source": "number_of_cds", "type": "int32", "required": True, **constraints}
    mesh.document = {**mesh.document, "fields": [*fields[:2], quantity, *fields[2:]]}
    mesh.write_contract()


def column(mesh: Any, source: str) -> None:
    fields = [{**field, "source": source} if field["name"] == "amount" else field for field in mesh.document["fields"]]
    mesh.document = {**mesh.document, "fields": fields}
    mesh.write_contract()


def correct(mesh: Any, quarantine: str, line: int, raw: str) -> dict[str, str]:
    body = json.dumps({"line": line, "raw": raw}).encode()
    mesh.client("s3").put_object(Bucket="quarantine", Key=f"{quarantine}fixed-{line}.jsonl", Body=body)
    return {"quarantine": quarantine, "rows": f"{quarantine}fixed-{line}.jsonl"}


def test_a_replay_survives_another_replay_at_any_call(mesh: Any, context: Any, calls: Calls) -> None:
    """The one that is overtaken fails and is tried again; both rows are published once."""
    at = 0
    while True:
        at += 1
        quarantine = f"orders/{ingest(mesh.deliver(file(at)), context)[0]['sha256']}/"
        runs(mesh)
        first = correct(mesh, quarantine, 5, "00003 19970228 2 12.00")
        second = correct(mesh, quarantine, 6, "00003 19970112 15 77.00")
        overtaken = False
        with calls.disturbed(AFTER, at, lambda: replay(second, context)):  # noqa: B023
            try:
                replay(first, context)
            except ReplayError:
                overtaken = True
        if calls.count < at:
            break
        if overtaken:
            replay(first, context)
        assert amounts(mesh) == sorted(["11.77", "11.77", f"{at}.00", "12.00", "77.00"]), at
        assert mesh.quarantined() == [], at
        assert (mesh.summary()["rows"], mesh.summary()["replayed"]) == (0, 2), at
        manifest = json.loads(mesh.body("products", f"orders/v1/_manifests/{quarantine.split('/')[1]}-replay.json"))
        assert manifest["state"] == "published", at
        assert sorted(part["key"] for part in manifest["parts"]) == [k for k in mesh.parts() if "replay-" in k], at
        clear(mesh)


def test_a_delivery_survives_the_same_delivery_and_its_replay_at_any_call(
    mesh: Any, context: Any, calls: Calls
) -> None:
    """The slower of two equal deliveries writes what it has refused after the other's was replayed."""
    at = 0
    while True:
        at += 1
        event = mesh.deliver(file(at))
        told: list[str] = []

        def deliver_and_replay() -> None:
            (answer,) = ingest(event, context)  # noqa: B023
            quarantine = f"orders/{answer['sha256']}/"
            replay(correct(mesh, quarantine, 5, "00003 19970228 2 12.00"), context)
            told.append(quarantine)  # noqa: B023

        with calls.disturbed(AFTER, at, deliver_and_replay):
            ingest(event, context)
        if calls.count < at:
            break
        replay({"quarantine": told[0]}, context)
        assert amounts(mesh) == sorted(["11.77", "11.77", f"{at}.00", "12.00"]), at
        assert [row["line"] for row in mesh.quarantined()] == [6], at
        assert (mesh.summary()["rows"], mesh.summary()["replayed"]) == (1, 1), at
        assert replay({"quarantine": told[0]}, context)["status"] == "unchanged", at
        assert runs(mesh) == {"OpenLineage Run Event": 2, "Quality Result": 2}, at
        clear(mesh)
