"""Pulumi's assets and archives as bytes."""

import io
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.request import urlopen

SIGNATURE = "4dabf18193072939515e22adb298388d"
"""Key that marks a special value on Pulumi's wire; the two below are its values (pulumi sdk, `resource/sig`)."""
ASSET = "c44067f5952c0a294b673a41bacd8c17"
ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7"

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip file can hold: the same code gives the same bytes."""


def text_asset(text: str) -> dict[str, str]:
    """An asset of `text`."""
    return {SIGNATURE: ASSET, "text": text}


def read(asset: Mapping[str, Any]) -> bytes:
    """The content of an asset: of its text, file or URI."""
    if asset.get("text") is not None:
        return str(asset["text"]).encode()
    if asset.get("path") is not None:
        return Path(asset["path"]).read_bytes()
    if asset.get("uri") is not None:
        with urlopen(asset["uri"]) as response:
            content: bytes = response.read()
            return content
    raise ValueError(f"an asset without text, path or uri: {sorted(asset)}")


def zipped(archive: Mapping[str, Any]) -> bytes:
    """The archive as a zip file; the same files make the same bytes, whatever their times.

    A directory's `__pycache__` is left out. An archive that is one zip file already is returned as it is.
    """
    path = archive.get("path")
    if path is not None and Path(path).is_file():
        return Path(path).read_bytes()
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in sorted(_files(archive, "")):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16  # AWS runs the code as another user, who must be able to read it
            file.writestr(entry, content)
    return target.getvalue()


def _files(node: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, bytes]]:
    """Name in the archive and content of each file of an archive, or of an asset called `prefix`."""
    if node.get(SIGNATURE) == ASSET:
        yield prefix, read(node)
        return
    for name, inner in (node.get("assets") or {}).items():
        yield from _files(inner, f"{prefix}/{name}" if prefix else name)
    if node.get("path") is not None:
        yield from _directory(Path(node["path"]), prefix)


def _directory(root: Path, prefix: str) -> Iterator[tuple[str, bytes]]:
    if not root.exists():
        raise FileNotFoundError(f"the archive's path {root} does not exist")
    if root.is_file():  # a nested archive: its files, under the name it is given
        with zipfile.ZipFile(root) as file:
            for name in file.namelist():
                if not name.endswith("/"):
                    yield f"{prefix}/{name}" if prefix else name, file.read(name)
        return
    for path in root.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            relative = path.relative_to(root).as_posix()
            yield f"{prefix}/{relative}" if prefix else relative, path.read_bytes()
