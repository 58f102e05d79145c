"""The command line of the local cloud: `python -m localcloud --help`."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from localcloud.commands import deploy, functions, graph, query, send, status
from localcloud.console import complain
from localcloud.workspace import DEFAULT_ENVIRONMENT, DEFAULT_HOME, Workspace


def parser() -> argparse.ArgumentParser:
    """What may be typed."""
    top = argparse.ArgumentParser(
        prog="python -m localcloud",
        description="Deploy the mesh on this machine with no AWS account, send data through it, and look at it.",
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, summary: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=summary, description=summary)
        added.add_argument("--home", type=Path, help="where the local cloud keeps its files (default .localcloud)")
        added.add_argument(
            "--engine",
            choices=["auto", "pulumi", "embedded"],
            default="auto",
            help="auto (default): the one that deployed what there is, else `pulumi` when a suitable one is on PATH, "
            "else the embedded engine",
        )
        added.add_argument(
            "--environment",
            choices=["dev", "test", "stage", "prod"],
            default=DEFAULT_ENVIRONMENT,
            help=f"whose stacks and products (default {DEFAULT_ENVIRONMENT})",
        )
        return added

    def stacks(added: argparse.ArgumentParser) -> None:
        added.add_argument("stack", nargs="*", help="stacks, with those they depend on (default: all)")

    up = command("up", "deploy the stacks, send the example data, print what exists; safe to run again")
    stacks(up)
    up.add_argument("--no-data", action="store_true", help="deploy only")
    stacks(command("preview", "show what up would do, and what the policy pack says of it; changes nothing"))
    stacks(command("refresh", "bring the states up to date with what is in the local cloud"))
    down = command("down", "destroy the stacks and stop the local cloud")
    down.add_argument("--now", action="store_true", help="stop at once, without destroying the stacks first")
    command("status", "what is running, and where").add_argument("--json", action="store_true", help="as JSON")
    sending = command("send", "deliver a file as a product's partner does, and wait until it was read")
    sending.add_argument("product", metavar="DOMAIN/PRODUCT")
    sending.add_argument("file", type=Path)
    command("query", "read published products with SQL: tables are named domain.product").add_argument("sql")
    invoke = command("invoke", "run a deployed function and print its answer")
    invoke.add_argument("function", help="its name, as `status --json` shows it")
    invoke.add_argument("payload", nargs="?", default="{}", help="the event as JSON (default {})")
    logs = command("logs", "print what a deployed function wrote")
    logs.add_argument("function")
    logs.add_argument("--last", type=count, default=100, metavar="N", help="how many lines (default 100)")
    picture = command("graph", "print the deployed mesh as a Mermaid diagram")
    picture.add_argument(
        "--into", type=Path, metavar="FILE", help="put it between the marks of a Markdown file instead"
    )
    return top


def leave_other_clouds() -> None:
    """Keep the user's AWS settings and proxies, which lead to another cloud, from this process and all that it starts.
    urllib, botocore and gRPC read `no_proxy`, some of them in capitals only."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    direct = ",".join(filter(None, ["127.0.0.1", os.environ.get("no_proxy") or os.environ.get("NO_PROXY")]))
    os.environ |= {"no_proxy": direct, "NO_PROXY": direct}


def count(text: str) -> int:
    """A positive whole number."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected at least 1, found {number}")
    return number


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    options = parser().parse_args(arguments)
    leave_other_clouds()
    workspace = Workspace(
        engine_name=options.engine, environment=options.environment, home=(options.home or DEFAULT_HOME).resolve()
    )
    try:
        return run(options, workspace)
    except KeyboardInterrupt:
        complain("\ninterrupted")
        return deploy.INTERRUPTED
    except BrokenPipeError:  # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (*deploy.EXPECTED, OSError) as error:
        complain(f"error: {error}")
        return 1


def run(options: argparse.Namespace, workspace: Workspace) -> int:
    """Hand the options to their command."""
    match options.command:
        case "up":
            return deploy.up(workspace, options.stack, data=not options.no_data)
        case "preview":
            return deploy.preview(workspace, options.stack)
        case "refresh":
            return deploy.refresh(workspace, options.stack)
        case "down":
            return deploy.stop(workspace) if options.now else deploy.down(workspace)
        case "status":
            return status.status(workspace, as_json=options.json)
        case "send":
            return send.send(workspace, options.product, options.file)
        case "query":
            return query.query(workspace, options.sql)
        case "invoke":
            return functions.invoke(workspace, options.function, options.payload)
        case "logs":
            return functions.logs(workspace, options.function, options.last)
        case _:
            return graph.show(workspace, options.into)


if __name__ == "__main__":
    sys.exit(main())
