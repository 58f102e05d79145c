"""The embedded engine's command line; `localcloud.embedded` is how the rest of the local cloud uses it.

Exit codes: 0 done, 1 the deployment failed, 2 it could not be begun, 128 + n ended by signal n.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import sys
import time
from dataclasses import asdict
from pathlib import Path

from localcloud.deployments import EngineError, Event
from localcloud.engine.checkpoint import Checkpoint
from localcloud.engine.passphrase import Passphrase
from localcloud.engine.report import Report
from localcloud.engine.run import Options, deploy
from localcloud.engine.values import Props

DEPLOYMENTS = ("preview", "up", "refresh", "destroy")


def main(arguments: list[str]) -> int:
    given = _parser().parse_args(arguments)
    configs = given.policy_pack_config[: len(given.policy_pack)]
    packs = tuple(itertools.zip_longest(given.policy_pack, configs))
    options = Options(
        stack=given.stack,
        root=given.root.resolve(),
        home=given.home.resolve(),
        policy_packs=packs,
        unprotect=given.unprotect,
    )
    try:
        if given.command in DEPLOYMENTS:
            return _deploy(given, options)
        print(json.dumps(_read(given, options), indent=2))
    except EngineError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m localcloud.engine", description="The embedded Pulumi engine.")
    parser.add_argument("command", choices=[*DEPLOYMENTS, "outputs", "export"])
    parser.add_argument("--stack", required=True)
    parser.add_argument("--root", type=Path, default=Path(), help="directory of Pulumi.yaml (default: here)")
    parser.add_argument(
        "--home", type=Path, default=Path(".localcloud"), help="plugins and states (default: %(default)s)"
    )
    parser.add_argument("--policy-pack", type=Path, action="append", default=[])
    parser.add_argument("--policy-pack-config", type=_optional_path, action="append", default=[], metavar="FILE")
    parser.add_argument("--unprotect", action="store_true", help="destroy: delete protected resources too")
    parser.add_argument("--show-secrets", action="store_true", help="outputs: in clear text")
    parser.add_argument("--json", action="store_true", help="one event per line")
    return parser


def _optional_path(text: str) -> Path | None:
    return Path(text) if text else None


def _deploy(given: argparse.Namespace, options: Options) -> int:
    started = time.monotonic()
    report = Report(_write_json if given.json else _write_text)
    deploy(given.command, options, report)
    seconds = round(time.monotonic() - started, 2)
    summary = {"kind": "summary", "ok": not report.failed, "counts": dict(report.counts), "seconds": seconds}
    if given.json:
        _print(json.dumps(summary))
    else:
        counts = ", ".join(f"{count} {op}" for op, count in sorted(report.counts.items())) or "nothing"
        _print(f"{'failed' if report.failed else 'done'}: {counts} in {seconds} s")
    return 128 + report.interrupted if report.interrupted else int(report.failed)


def _write_json(event: Event) -> None:
    _print(json.dumps({key: value for key, value in asdict(event).items() if value}))


def _write_text(event: Event) -> None:
    name = event.urn.rpartition("::")[2]
    if event.kind == "start" and event.op != "same":
        _print(f"{event.op:20} {event.type:50} {name}")
    elif event.kind == "failed":
        _print(f"{event.op} failed: {event.type} {name}")
    elif event.message:
        _print(f"{event.severity or event.level}: {name and name + ': '}{event.message}")


def _print(line: str) -> None:
    """Print at once. When nobody listens any more, the deployment still has to be ended in good order."""
    try:
        print(line, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _read(given: argparse.Namespace, options: Options) -> Props:
    checkpoint = Checkpoint(options.state(options.stack), Passphrase(options.passphrase))
    if not checkpoint.stored:
        raise EngineError(f"stack {options.stack} has no state")
    return checkpoint.document() if given.command == "export" else checkpoint.outputs(show_secrets=given.show_secrets)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
