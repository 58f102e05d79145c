"""The policy packs' part in a deployment: what they change, what they forbid, what they only remark on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from localcloud.engine.analyzers import Analyzer, Finding, Subject
from localcloud.engine.errors import StepError
from localcloud.engine.report import Report


class Policies:
    def __init__(self, report: Report, *, preview: bool) -> None:
        self.analyzers: list[Analyzer] = []
        self._report, self._preview = report, preview

    def judge(self, subject: Subject) -> bool:
        """Let the packs remediate, one after the other, and then judge. Sets the state's inputs to what came of it.

        False when the resource must not be touched: a mandatory finding, unless this is a preview, which goes on so
        that it can report them all.
        """
        urn, allowed = subject.state.urn, True
        for analyzer in self.analyzers:
            for remediation in analyzer.remediate(subject):
                if remediation.problem:
                    self._report.finding(
                        Finding(urn, remediation.policy, remediation.pack, remediation.problem, "advisory")
                    )
                else:
                    self._report.remediation(urn, remediation)
                    subject = replace(subject, properties=remediation.properties)
        subject.state.inputs = subject.properties
        for analyzer in self.analyzers:
            for finding in analyzer.analyze(subject):
                self._report.finding(finding)
                allowed = allowed and (self._preview or finding.level != "mandatory")
        return allowed

    def judge_stack(self, subjects: Iterable[Subject], root: str) -> None:
        """After everything is done: what the resources are together."""
        listed = list(subjects)
        for analyzer in self.analyzers:
            try:
                for finding in analyzer.analyze_stack(listed, root):
                    self._report.finding(finding)
            except StepError as error:
                self._report.fail(str(error))
