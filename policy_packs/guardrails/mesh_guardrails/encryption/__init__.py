"""The encryption table over every type of pulumi-aws that exposes an encryption input.

A type is either in `ROWS` with the properties that protect it, or in `EXEMPT` with the reason why no control applies.
"""

from mesh_guardrails.encryption import (
    analytics,
    compute,
    databases,
    machine_learning,
    messaging,
    operations,
    storage,
)
from mesh_guardrails.encryption.exempt import EXEMPT
from mesh_guardrails.encryption.rows import Row

ROWS: tuple[Row, ...] = (
    *analytics.ROWS,
    *compute.ROWS,
    *databases.ROWS,
    *machine_learning.ROWS,
    *messaging.ROWS,
    *operations.ROWS,
    *storage.ROWS,
)

__all__ = ["EXEMPT", "ROWS"]
