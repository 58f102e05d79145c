"""One deployment from beginning to end: the plugins, the packs and the program are started, and always ended."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from localcloud.engine.analyzers import Analyzer
from localcloud.engine.checkpoint import Checkpoint
from localcloud.engine.context import Context
from localcloud.engine.deployment import Deployment
from localcloud.engine.errors import StepError
from localcloud.engine.host import Host
from localcloud.engine.monitor import Monitor
from localcloud.engine.passphrase import Passphrase
from localcloud.engine.policies import Policies
from localcloud.engine.program import SHOWN
from localcloud.engine.refresh import refresh
from localcloud.engine.registry import Providers, Registry, StackReferences
from localcloud.engine.removal import remove
from localcloud.engine.report import Report
from localcloud.engine.settings import ORGANISATION, Settings, load_settings
from localcloud.engine.snapshot import Snapshot
from localcloud.engine.values import Props, Secret, rebuild
from localcloud.processes import Drain, Group

Command = Literal["preview", "up", "refresh", "destroy"]
# What is in flight when a deployment stops may still succeed, and is kept if it does within this time.
SETTLE_SECONDS, INTERRUPTED_SECONDS = 60.0, 3.0
LEAVE_SECONDS = 30.0
PROGRAM = Path(__file__).with_name("program.py")


@dataclass(frozen=True, kw_only=True)
class Options:
    """`home` is the local cloud's directory: plugins under `plugins/`, states under `embedded/`."""

    stack: str
    root: Path
    home: Path
    policy_packs: tuple[tuple[Path, Path | None], ...] = ()
    unprotect: bool = False
    parallel: int = 4 * (os.cpu_count() or 1)  # as the CLI chooses it

    def state(self, stack: str) -> Path:
        return self.home / "embedded" / f"{stack}.json"

    @property
    def passphrase(self) -> str | None:
        return os.environ.get("PULUMI_CONFIG_PASSPHRASE")


def deploy(command: Command, options: Options, report: Report) -> None:
    """Carry out the command; the report says how it went. Raises EngineError when it could not be begun."""
    preview = command == "preview"
    settings = load_settings(options.root, options.stack, options.passphrase)
    with contextlib.ExitStack() as cleanup:
        group = cleanup.enter_context(Group())
        cleanup.enter_context(_signals(report))
        monitor = Monitor(settings, report, options.root, preview=preview, parallel=options.parallel)
        cleanup.callback(monitor.close)
        environment = {"PULUMI_PROJECT": settings.project, "PULUMI_CONFIG": json.dumps(settings.config)}
        host = Host(group, options.home / "plugins", options.root, environment)
        host.engine = monitor.address
        program = None
        if command in ("preview", "up"):  # it takes a while to begin, so it comes first
            program = _Program(group, settings, options, monitor.address, report, preview=preview)
        path, passphrase = options.state(options.stack), Passphrase(options.passphrase, settings.salt)
        checkpoint = Checkpoint(path, passphrase, write=not preview)
        cleanup.callback(checkpoint.close)
        for urn in checkpoint.interrupted:
            message = "the last deployment was ended while it created this; it may exist without being in the state"
            report.say("warning", message, urn)
        context = _context(options, settings, checkpoint, host, report, preview=preview)
        deployment = Deployment(context)
        try:
            if program is not None:
                packs = options.policy_packs
                context.policies.analyzers = [Analyzer(host, pack, file, settings, preview) for pack, file in packs]
                monitor.deployment.set_result(deployment)
                program.wait(monitor)
            _finish(command, options, deployment)
        except StepError as error:
            report.fail(str(error))
        finally:
            monitor.withdraw()
            unsettled = deployment.settle(INTERRUPTED_SECONDS if report.interrupted else SETTLE_SECONDS)
            for urn in unsettled:
                report.say("warning", "this was not waited for: it may exist without being in the state", urn)
            context.snapshot.commit()
            monitor.released.set()
            if program is not None and not unsettled:
                program.leave()


def _context(
    options: Options, settings: Settings, checkpoint: Checkpoint, host: Host, report: Report, *, preview: bool
) -> Context:
    snapshot = Snapshot(checkpoint, preview=preview)
    references = StackReferences(lambda name: stack_outputs(options, settings, name))
    providers = Providers(Registry(host), references, snapshot.previous)
    return Context(settings, snapshot, providers, Policies(report, preview=preview), report, preview)


def _finish(command: Command, options: Options, deployment: Deployment) -> None:
    """All that comes after the program."""
    context = deployment.context
    if command == "refresh":
        refresh(context)
        return
    if options.unprotect:
        _unprotect(context.snapshot)
    if not context.report.stopped.is_set():
        remove(context, deployment.planner, deployment.executor)
    deployment.finish_outputs()
    if not context.report.stopped.is_set():
        context.policies.judge_stack(deployment.planner.stack_subjects(), deployment.root_urn)


class _Program:
    """The program's process. What it prints becomes diagnostics, until a deployment stops: then it only complains."""

    def __init__(
        self, group: Group, settings: Settings, options: Options, engine: str, report: Report, *, preview: bool
    ) -> None:
        self._report = report
        given = {
            "project": settings.project,
            "stack": settings.stack,
            "monitor": engine,
            "engine": engine,
            "parallel": options.parallel,
            "dry_run": preview,
            "organization": ORGANISATION,
            "root_directory": str(options.root),
        }
        config = {
            "PULUMI_CONFIG": json.dumps(settings.config),
            "PULUMI_CONFIG_SECRET_KEYS": json.dumps(settings.secret_keys),
        }
        # -P: a script's own directory must not come before the standard library
        argv = [sys.executable, "-u", "-P", str(PROGRAM), json.dumps(given), str(options.root / settings.main)]
        self._process = group.start(argv, cwd=options.root, env={**os.environ, **config})
        self._drains = [Drain(self._process.stdout, self._said), Drain(self._process.stderr, self._said)]

    def wait(self, monitor: Monitor) -> None:
        """Until the program has registered all it wants, has ended, or the deployment stops."""
        while not monitor.program_done.wait(0.02) and not self._report.stopped.is_set():
            if self._process.poll() is not None:
                break
        code = self._process.poll()
        if code and not monitor.program_done.is_set() and not self._report.stopped.is_set():
            self._report.fail("" if code == SHOWN else f"the program ended with exit code {code}")

    def leave(self) -> None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(LEAVE_SECONDS)

    def _said(self, line: str) -> None:
        if line.strip() and not self._report.stopped.is_set():
            self._report.say("info", line)


def _unprotect(snapshot: Snapshot) -> None:
    for state in snapshot.previous:
        if state.protect:
            state.protect = False
            snapshot.record(changed=state)


def stack_outputs(options: Options, settings: Settings, name: str) -> Props:
    """The outputs of a stack of this project: `stack`, `project/stack` or `organization/project/stack`.

    A program may ask for its own stack's: they are those of the last deployment, and none before the first.
    """
    *qualifiers, stack = name.split("/")
    path = options.state(stack)
    foreign = qualifiers and qualifiers[-1] != settings.project
    if not foreign and stack == settings.stack and not path.exists():
        return {}
    if foreign or not path.exists():
        raise StepError(f'unknown stack "{name}"')
    outputs = Checkpoint(path, Passphrase(options.passphrase)).root_outputs()
    # Another stack's ciphertext is of no use here: it has another salt.
    plain: Props = rebuild(outputs, lambda item: Secret(item.value) if isinstance(item, Secret) else item)
    return plain


@contextlib.contextmanager
def _signals(report: Report) -> Iterator[None]:
    """SIGINT and SIGTERM stop the deployment. They are noted through a socket and acted on in a thread, because a
    signal handler may interrupt the very code whose locks it would need."""
    reader, writer = socket.socketpair()
    writer.setblocking(False)

    def watch() -> None:
        for number in iter(lambda: reader.recv(1), b""):
            report.interrupted = number[0]
            report.fail(f"stopped by {signal.Signals(number[0]).name}; what succeeded is kept")

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    before: dict[int, Any] = {n: signal.signal(n, lambda *_: None) for n in (signal.SIGINT, signal.SIGTERM)}
    previous = signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
    try:
        yield
    finally:
        signal.set_wakeup_fd(previous)
        for number, handler in before.items():
            signal.signal(number, handler)
        writer.close()
        thread.join()
        reader.close()
