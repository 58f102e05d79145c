"""What the rest of the local cloud sees of an engine: a `Project` goes in, `Event`s and a `Result` come out.

`localcloud.engines` offers these names together with the engines themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

Kind = Literal["start", "done", "failed", "diagnostic", "policy", "remediation"]
Severity = Literal["", "info", "warning", "error"]


class EngineError(Exception):
    """The engine could not do what was asked: no such stack, a lock of a living process, a damaged state file.

    A deployment that fails is no `EngineError`: its `Result` says so.
    """


@dataclass(frozen=True, kw_only=True)
class Project:
    """Where the program is and where the local cloud keeps its files.

    `root` holds Pulumi.yaml, `home` is the local cloud's own directory with the plugins under `plugins/`. A policy pack
    is its directory and, if there is one, its configuration file. `environment` is added to what the program, the
    plugins and the packs inherit.
    """

    root: Path
    home: Path
    policy_packs: tuple[tuple[Path, Path | None], ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened in a deployment.

    `start`, `done`, `failed`: one step `op` (create, update, same, replace, create-replacement, delete-replaced,
    delete, read, import, refresh…) on the resource `urn` of `type`. `diagnostic`: a `message` of a `severity`, with or
    without a resource. `policy`: the policy `policy` of `pack` found something and has the enforcement `level` advisory
    or mandatory. `remediation`: that policy changed the resource's inputs.
    """

    kind: Kind
    urn: str = ""
    type: str = ""
    op: str = ""
    message: str = ""
    severity: Severity = ""
    policy: str = ""
    pack: str = ""
    level: str = ""

    @property
    def noteworthy(self) -> bool:
        """Whether a person must read it: a warning, an error, or what a policy found."""
        return self.kind == "policy" or self.severity in ("warning", "error")


@dataclass(frozen=True, kw_only=True)
class Result:
    """How a deployment ended: steps counted by operation, wall-clock seconds, and the noteworthy events."""

    ok: bool
    counts: Mapping[str, int]
    seconds: float
    diagnostics: tuple[Event, ...] = ()

    @property
    def changes(self) -> int:
        """How many resources were created, updated, replaced or deleted, or would be."""
        return sum(n for op, n in self.counts.items() if op in ("create", "update", "replace", "delete", "import"))


OnEvent = Callable[[Event], None]


class Engine(Protocol):
    """Deploys stacks of one project. A stack that has no state yet is made by the first `preview` or `up`.

    `KeyboardInterrupt` during a deployment is passed on to the engine, which keeps what succeeded, and is then raised.
    """

    @property
    def name(self) -> Literal["pulumi", "embedded"]: ...

    @property
    def version(self) -> str: ...

    def preview(self, stack: str, on_event: OnEvent) -> Result: ...

    def up(self, stack: str, on_event: OnEvent) -> Result: ...

    def refresh(self, stack: str, on_event: OnEvent) -> Result: ...

    def destroy(self, stack: str, on_event: OnEvent, *, unprotect: bool = False) -> Result:
        """Delete every resource of the stack; `unprotect` deletes protected ones too."""
        ...

    def outputs(self, stack: str, *, show_secrets: bool = False) -> dict[str, Any]:
        """The stack's exports; secrets read "[secret]" unless they are asked for."""
        ...

    def export(self, stack: str) -> dict[str, Any]:
        """The state as `{"version": 3, "deployment": {...}}`, with secrets encrypted."""
        ...

    def stacks(self) -> list[str]:
        """Names of the stacks that have state, sorted."""
        ...

    def forget(self, stack: str) -> None:
        """Drop the state without touching a resource; a stack without state is no error."""
        ...
