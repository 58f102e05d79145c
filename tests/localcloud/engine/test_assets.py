"""The hashes are those that the CLI computed for the same contents; the differential test compares more of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from localcloud.engine.assets import hash_assets, restore_assets
from localcloud.engine.errors import StepError
from localcloud.engine.values import ARCHIVE, ASSET, SIGNATURE, Secret

TEXT = {SIGNATURE: ASSET, "text": "hi"}
TEXT_HASH = "8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4"


def test_assets_hash_as_their_contents(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("hi")
    props = {"a": TEXT, "b": [Secret({SIGNATURE: ASSET, "path": "file"})], "c": "plain"}
    hashed = hash_assets(props, tmp_path)
    assert hashed["a"] == {**TEXT, "hash": TEXT_HASH}
    assert hashed["b"][0].value["hash"] == TEXT_HASH
    assert hashed["c"] == "plain"


def test_an_archive_hashes_as_its_members_and_their_names(tmp_path: Path) -> None:
    (tmp_path / "code" / "deep").mkdir(parents=True)
    (tmp_path / "code" / "deep" / "x.txt").write_text("hi")
    (tmp_path / "code" / "a").write_text("other")

    def digest(archive: dict[str, object]) -> object:
        return hash_assets({"code": {SIGNATURE: ARCHIVE, **archive}}, tmp_path)["code"]["hash"]

    other = {SIGNATURE: ASSET, "path": "code/a"}
    listed = digest({"assets": {"a": other, "deep/x.txt": TEXT}})
    nested = {SIGNATURE: ARCHIVE, "assets": {"x.txt": TEXT}}
    assert digest({"path": "code"}) == listed == digest({"assets": {"deep": nested, "a": other}})
    assert digest({"assets": {"b": other, "deep/x.txt": TEXT}}) != listed
    (tmp_path / "code" / "a").write_text("Other")
    assert digest({"path": "code"}) != listed


def test_what_must_be_downloaded_is_refused(tmp_path: Path) -> None:
    for kind in (ASSET, ARCHIVE):
        with pytest.raises(StepError, match="does not support remote assets and archives"):
            hash_assets({"a": {SIGNATURE: kind, "uri": "https://localhost/x"}}, tmp_path)


def test_contents_come_back_by_their_hash() -> None:
    full = {**TEXT, "hash": TEXT_HASH}
    received = {"a": {SIGNATURE: ASSET, "hash": TEXT_HASH}, "b": {SIGNATURE: ASSET, "hash": "other"}}
    assert restore_assets(received, {"a": full}) == {"a": full, "b": {SIGNATURE: ASSET, "hash": "other"}}
    assert restore_assets(None, {"a": full}) is None
