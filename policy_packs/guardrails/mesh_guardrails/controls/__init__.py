"""Every control of the pack."""

from mesh_guardrails.control import Control
from mesh_guardrails.controls import (
    accounts,
    companions,
    durability,
    encryption,
    exposure,
    iam,
    logging,
    mesh,
    ports,
    principals,
    tagging,
    tls,
    transport,
    upkeep,
    waivers,
)

CONTROLS: tuple[Control, ...] = (
    *accounts.CONTROLS,
    *tagging.CONTROLS,
    *encryption.CONTROLS,
    *transport.CONTROLS,
    *tls.CONTROLS,
    *iam.CONTROLS,
    *principals.CONTROLS,
    *exposure.CONTROLS,
    *ports.CONTROLS,
    *logging.CONTROLS,
    *durability.CONTROLS,
    *upkeep.CONTROLS,
    *companions.CONTROLS,
    *mesh.CONTROLS,
    *waivers.CONTROLS,
)
