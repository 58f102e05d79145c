"""Every control of the pack."""

from mesh_guardrails.control import Control
from mesh_guardrails.controls import accounts, encryption, iam, tagging, transport, waivers

CONTROLS: tuple[Control, ...] = (
    *accounts.CONTROLS,
    *tagging.CONTROLS,
    *encryption.CONTROLS,
    *transport.CONTROLS,
    *iam.CONTROLS,
    *waivers.CONTROLS,
)
