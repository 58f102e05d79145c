"""The embedded engine's command line; `localcloud.embedded` is how the rest of the local cloud uses it.

Exit codes: 0 done, 1 the deployment failed, 2 it could not be begun, 128 + n ended by signal n.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from localcloud.deployments import EngineError, Event
from localcloud.engine.checkpoint import Checkpoint
from localcloud.engine.passphrase import Passphrase
from localcloud.engine.report import Report
from localcloud.engine.run import Options, deploy, root_outputs
from localcloud.engine.values import Secret, rebuild

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
    parser.add_argument("command", choices=[*DEPLOYMENTS, "outputs", "export", "forget"])
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
        print(json.dumps(summary), flush=True)
    else:
        counts = ", ".join(f"{count} {op}" for op, count in sorted(report.counts.items())) or "nothing"
        print(f"{'failed' if report.failed else 'done'}: {counts} in {seconds} s", flush=True)
    return 128 + report.interrupted if report.interrupted else int(report.failed)


def _write_json(event: Event) -> None:
    print(json.dumps({key: value for key, value in asdict(event).items() if value}), flush=True)


def _write_text(event: Event) -> None:
    name = event.urn.rpartition("::")[2]
    if event.kind == "start" and event.op != "same":
        print(f"{event.op:20} {event.type:50} {name}", flush=True)
    elif event.kind == "failed":
        print(f"{event.op} failed: {event.type} {name}", flush=True)
    elif event.message:
        print(f"{event.severity or event.level}: {name and name + ': '}{event.message}", flush=True)


def _read(given: argparse.Namespace, options: Options) -> Any:
    path = options.state(options.stack)
    if given.command == "forget":
        checkpoint = Checkpoint(path, Passphrase(options.passphrase), write=True)
        checkpoint.forget()
        return {}
    checkpoint = Checkpoint(path, Passphrase(options.passphrase))
    if not checkpoint.stored:
        raise EngineError(f"stack {options.stack} has no state")
    if given.command == "export":
        return checkpoint.document()
    return rebuild(root_outputs(checkpoint), lambda item: _shown(item, given.show_secrets))


def _shown(item: Any, secrets: bool) -> Any:
    if isinstance(item, Secret):
        return item.value if secrets else "[secret]"
    return item


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
