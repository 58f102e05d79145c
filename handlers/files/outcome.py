"""What became of one delivery: the facts that lineage, quality results and logs tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import NAMESPACE_URL, UUID, uuid5

from handlers.contracts.rules import Quality
from handlers.contracts.spec import Contract
from handlers.files.parts import Part
from handlers.files.source import Delivery

Status = Literal["published", "refused", "duplicate", "replayed", "unchanged"]


@dataclass(frozen=True)
class Outcome:
    """`attempt` tells the runs on one content apart: empty when it is published, the reason when it is refused, for a
    replay the rows' entity tag.

    `rows` is what this run added to the product; the parts of a replay hold the rows of earlier replays too.

    `quarantined` rows wait in the quarantine under `quarantine`; `refusal` is why nothing of the file was used.
    """

    status: Status
    delivery: Delivery
    sha256: str
    attempt: str = ""
    rows: int = 0
    parts: tuple[Part, ...] = ()
    quality: Quality | None = None
    quarantined: int = 0
    quarantine: str | None = None
    refusal: str | None = None

    def run_id(self, contract: Contract) -> UUID:
        """The run's id: the same for a retry of it, so that the hub keeps one record however often it is told."""
        domain, table = contract.product.domain, contract.table.prefix  # each major version has a prefix of its own
        return uuid5(NAMESPACE_URL, f"mesh:{domain}/{table}{self.sha256}/{self.attempt}")

    def described(self) -> dict[str, str | int | None]:
        """For the function's answer and log."""
        return {
            "status": self.status,
            "key": self.delivery.key,
            "sha256": self.sha256,
            "rows": self.rows,
            "quarantined": self.quarantined,
            "reason": self.refusal,
        }
