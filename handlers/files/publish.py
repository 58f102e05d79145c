"""Making a content's rows visible, once and all together as far as S3 allows.

A manifest per content says which parts belong to it. It is written before the first part becomes visible and again, as
published, when everything is done. So a second delivery of the content does nothing, and a run that died half-way is
repeated under the same names; what the repetition does not write any more, because code or contract have changed in
between, is deleted. Until it is, the manifest keeps its names as stale.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from handlers.aws import client
from handlers.contracts.spec import Table
from handlers.files.catalog import register
from handlers.files.objects import read_json, write_json
from handlers.files.parts import Part, Parts


@dataclass(frozen=True)
class Manifest:
    """The record of what was published of one content, or is about to be.

    `name` is the content's hash, with a suffix for its replayed rows. `basis` is the entity tag of the replayed rows
    that the parts were made from.
    """

    table: Table
    name: str
    basis: str = ""

    @property
    def key(self) -> str:
        """Below the table's location, in a folder that query engines skip because its name starts with `_`."""
        return f"{self.table.prefix}_manifests/{self.name}.json"

    def read(self) -> dict[str, Any]:
        return read_json(self.table.bucket, self.key) or {}

    def published(self) -> bool:
        found = self.read()
        return found.get("state") == "published" and found.get("basis") == self.basis

    def publish(self, parts: Parts, written: list[Part]) -> None:
        """Make the parts visible, then their partitions. `confirm` is what is left to do."""
        before = self.read()
        stale = {part["key"] for part in before.get("parts", ())} | {*before.get("stale", ())}
        stale -= {part.key for part in written}
        self._write("publishing", written, stale)
        parts.publish()
        self._delete(stale)
        register(self.table, (part.path for part in written))

    def confirm(self, written: list[Part]) -> None:
        """Record that nothing is left to do."""
        self._write("published", written, set())

    def _write(self, state: Literal["publishing", "published"], written: list[Part], stale: set[str]) -> None:
        parts = [asdict(part) for part in written]
        document = {"state": state, "basis": self.basis, "parts": parts, "stale": sorted(stale)}
        write_json(self.table.bucket, self.key, document)

    def _delete(self, keys: set[str]) -> None:
        for key in sorted(keys):
            client("s3").delete_object(Bucket=self.table.bucket, Key=key)
