"""Hashes of assets and archives: the engine computes them when a registration arrives, providers compare them.

Archives of directories and of named assets hash as the tar stream that the CLI would make of them
(sdk/go/common/resource/archive in pulumi/pulumi), so that a state made by either engine means the same to the other.
"""

from __future__ import annotations

import hashlib
import tarfile
from collections.abc import Iterator
from pathlib import Path

from localcloud.engine.errors import StepError
from localcloud.engine.values import ASSET, SIGNATURE, Props, is_asset, rebuild, walk

TAR_END = b"\0" * 1024


def hash_assets(props: Props, root: Path) -> Props:
    """The properties with the hash filled in for every asset and archive; relative paths start at `root`."""

    def one(item: object) -> object:
        if not isinstance(item, dict) or not is_asset(item) or item.get("hash"):
            return item
        return {**item, "hash": _digest(item, root)}

    return {key: rebuild(item, one) for key, item in props.items()}


def restore_assets(received: Props | None, sent: Props) -> Props | None:
    """Providers are sent hashes alone; put the contents back into what they answer where the hash is the same."""
    full = {item["hash"]: item for item in walk(sent) if is_asset(item) and item.get("hash")}
    if received is None or not full:
        return received
    restored: Props = rebuild(received, lambda item: full.get(item.get("hash"), item) if is_asset(item) else item)
    return restored


def _digest(item: Props, root: Path) -> str:
    if item[SIGNATURE] == ASSET:
        return hashlib.sha256(_content(item, root)).hexdigest()
    if "path" in item and (root / item["path"]).is_file():
        return hashlib.sha256((root / item["path"]).read_bytes()).hexdigest()
    digest = hashlib.sha256()
    for name, content in _members(item, root):
        digest.update(_tar_header(name, len(content)) + content + b"\0" * (-len(content) % 512))
    digest.update(TAR_END)
    return digest.hexdigest()


def _content(asset: Props, root: Path) -> bytes:
    if "text" in asset:
        return str(asset["text"]).encode()
    if "path" in asset:
        return (root / str(asset["path"])).read_bytes()
    raise StepError(f"the embedded engine does not support remote assets and archives: {asset.get('uri')}")


def _members(archive: Props, root: Path, prefix: str = "") -> Iterator[tuple[str, bytes]]:
    if "assets" in archive:
        for name, item in sorted(archive["assets"].items()):
            if item[SIGNATURE] == ASSET:
                yield prefix + name, _content(item, root)
            else:
                yield from _members(item, root, f"{prefix}{name}/")
        return
    if "path" not in archive:
        _content(archive, root)
    base = root / archive["path"]
    for name, path in sorted((path.relative_to(base).as_posix(), path) for path in base.rglob("*") if path.is_file()):
        yield prefix + name, path.read_bytes()


def _tar_header(name: str, size: int) -> bytes:
    """A USTAR header as Go's archive/tar writes it: device numbers are zeros, where Python leaves them blank."""
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o600
    header = bytearray(info.tobuf(tarfile.USTAR_FORMAT))
    header[329:345], header[148:156] = b"0000000\0" * 2, b" " * 8
    header[148:155] = b"%06o\0" % sum(header)
    return bytes(header)
