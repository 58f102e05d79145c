"""Starts the pack; the engine runs this file and reads the port from its first line of output."""

from mesh_guardrails.server import serve

serve()
