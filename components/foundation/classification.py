"""How sensitive data is. The order decides which key encrypts it and who may ask for it."""

from enum import StrEnum
from functools import total_ordering


@total_ordering
class Classification(StrEnum):
    """Data classifications from open to closed; compare them with `<`, not by name."""

    PUBLIC = "public"
    INTERNAL = "internal"
    CONFIDENTIAL = "confidential"
    RESTRICTED = "restricted"

    @property
    def rank(self) -> int:
        """0 for public, rising with sensitivity."""
        return list(Classification).index(self)

    def __lt__(self, other: object) -> bool:
        return self.rank < other.rank if isinstance(other, Classification) else NotImplemented
