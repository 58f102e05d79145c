"""Both ends of the governance hub's event bus: what domains send to it, and what the hub keeps of that."""
