"""The engines that can deploy a stack, and which one to take."""

from __future__ import annotations

from typing import Literal

from localcloud.deployments import Engine, EngineError, Event, OnEvent, Project, Result
from localcloud.embedded import EmbeddedEngine
from localcloud.pulumi_cli import PulumiEngine, find_pulumi

__all__ = [
    "EmbeddedEngine",
    "Engine",
    "EngineError",
    "Event",
    "OnEvent",
    "Project",
    "PulumiEngine",
    "Result",
    "choose",
]


def choose(name: Literal["auto", "pulumi", "embedded"], project: Project) -> Engine:
    """The engine of that name. "auto" is `pulumi` when a suitable one is on PATH, else the embedded engine.

    Raises EngineError when "pulumi" is asked for and none is suitable; the message says what is wrong with it.
    """
    if name == "embedded":
        return EmbeddedEngine(project)
    pulumi = find_pulumi()
    if pulumi.usable:
        return PulumiEngine(project, pulumi)
    if name == "pulumi":
        raise EngineError(pulumi.problem)
    return EmbeddedEngine(project)
