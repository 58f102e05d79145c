"""How sensitive data is. The order decides which key encrypts it and who may ask for it."""

from enum import StrEnum


class Classification(StrEnum):
    """Data classifications from open to closed, compared by sensitivity.

    All four comparisons are here: text has its own, alphabetical ones, which `functools.total_ordering` would keep.
    """

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

    def __le__(self, other: object) -> bool:
        return self.rank <= other.rank if isinstance(other, Classification) else NotImplemented

    def __gt__(self, other: object) -> bool:
        return self.rank > other.rank if isinstance(other, Classification) else NotImplemented

    def __ge__(self, other: object) -> bool:
        return self.rank >= other.rank if isinstance(other, Classification) else NotImplemented
