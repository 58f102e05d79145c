import io
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest

from localcloud.cloud.materialise.archive import ARCHIVE, ASSET, SIGNATURE, read, text_asset, zipped


def _archive(**more: Any) -> dict[str, Any]:
    return {SIGNATURE: ARCHIVE, **more}


def _content(data: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        assert file.testzip() is None
        return {name: file.read(name).decode() for name in file.namelist()}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    root = tmp_path / "handlers"
    (root / "files" / "__pycache__").mkdir(parents=True)
    (root / "files" / "ingest.py").write_text("def handler(): ...\n")
    (root / "files" / "__pycache__" / "ingest.pyc").write_bytes(b"\0")
    (root / "__init__.py").write_text("")
    return root


def test_directories_files_and_texts_stand_under_their_names(package: Path) -> None:
    one = package.parent / "one.txt"
    one.write_text("1")
    archive = _archive(
        assets={
            "handlers": _archive(path=str(package)),
            "contract.json": text_asset("{}"),
            "data": _archive(assets={"one.txt": {SIGNATURE: ASSET, "path": str(one)}}),
        }
    )
    assert _content(zipped(archive)) == {
        "handlers/files/ingest.py": "def handler(): ...\n",
        "handlers/__init__.py": "",
        "contract.json": "{}",
        "data/one.txt": "1",
    }


def test_the_same_files_make_the_same_bytes(package: Path) -> None:
    first = zipped(_archive(path=str(package)))
    for path in package.rglob("*"):
        os.utime(path, (0, 0))
    (package / "files" / "__pycache__" / "other.pyc").write_bytes(b"\1")
    assert zipped(_archive(path=str(package))) == first
    (package / "files" / "ingest.py").write_text("def handler(): pass\n")
    assert zipped(_archive(path=str(package))) != first


def test_everybody_may_read_the_files(package: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(zipped(_archive(path=str(package))))) as file:
        assert {entry.external_attr >> 16 for entry in file.infolist()} == {0o644}


def test_a_zip_file_is_taken_as_it_is_and_unpacked_inside_another(tmp_path: Path) -> None:
    packed = tmp_path / "layer.zip"
    packed.write_bytes(zipped(_archive(assets={"a.py": text_asset("1")})))
    assert zipped(_archive(path=str(packed))) == packed.read_bytes()
    assert _content(zipped(_archive(assets={"python": _archive(path=str(packed))}))) == {"python/a.py": "1"}


def test_a_missing_directory_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere"):
        zipped(_archive(assets={"a": _archive(path=str(tmp_path / "nowhere"))}))


def test_assets_are_text_or_a_file(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"\xff")
    assert read(text_asset("é")) == "é".encode()
    assert read({SIGNATURE: ASSET, "path": str(tmp_path / "a")}) == b"\xff"
    with pytest.raises(ValueError, match="without"):
        read({SIGNATURE: ASSET})
