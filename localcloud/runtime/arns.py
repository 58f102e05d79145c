"""Amazon Resource Names: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Arn:
    """The parts of `arn:partition:service:region:account:resource`; region and account may be empty."""

    partition: str
    service: str
    region: str
    account: str
    resource: str

    @classmethod
    def parse(cls, text: str) -> Arn:
        """
        Raises:
            ValueError: `text` is not an ARN.
        """
        parts = text.split(":", 5)
        if len(parts) != 6 or parts[0] != "arn":
            raise ValueError(f"not an ARN: {text!r}")
        return cls(*parts[1:])

    @property
    def name(self) -> str:
        """The resource without its type: `q` of a queue, `t` of `table/t`, `f` of `function:f`."""
        for mark in ("/", ":"):
            _, found, rest = self.resource.partition(mark)
            if found:
                return rest
        return self.resource
