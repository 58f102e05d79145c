"""What every part of a deployment shares."""

from __future__ import annotations

from dataclasses import dataclass

from localcloud.engine.policies import Policies
from localcloud.engine.registry import Providers
from localcloud.engine.report import Report
from localcloud.engine.settings import Settings
from localcloud.engine.snapshot import Snapshot
from localcloud.engine.state import make_urn


@dataclass(frozen=True)
class Context:
    settings: Settings
    snapshot: Snapshot
    providers: Providers
    policies: Policies
    report: Report
    preview: bool

    def urn(self, parent: str, type_: str, name: str) -> str:
        return make_urn(self.settings.stack, self.settings.project, parent, type_, name)
