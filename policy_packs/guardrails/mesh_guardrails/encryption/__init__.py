"""The encryption table over every type of pulumi-aws that exposes an encryption input.

A type is either in `ROWS` with the properties that protect it, or in `EXEMPT` with the reason why no control applies.
"""

from mesh_guardrails.encryption import messaging, storage
from mesh_guardrails.encryption.rows import Exempt, Row

ROWS: tuple[Row, ...] = (*messaging.ROWS, *storage.ROWS)

EXEMPT: Exempt = {}
