"""Puts the plugins where an engine looks for them."""

import stat
import sys
from importlib import metadata
from pathlib import Path
from textwrap import dedent

ROOT = Path(__file__).resolve().parents[2]
PLUGINS = {"aws": "pulumi_aws", "awsx": "pulumi_awsx"}
"""The plugins, and the SDKs whose exact versions they answer for."""


def install(plugins_dir: Path) -> None:
    """Write a launcher for each plugin below `plugins_dir`, as `$PULUMI_HOME/plugins` is laid out.

    A launcher starts this Python on this repository; running `install` again corrects launchers that moved.
    """
    for name, distribution in PLUGINS.items():
        directory = plugins_dir / f"resource-{name}-v{metadata.version(distribution)}"
        directory.mkdir(parents=True, exist_ok=True)
        launcher = directory / f"pulumi-resource-{name}"
        text = _launcher(f"localcloud.plugins.{name}")
        if not launcher.exists() or launcher.read_text(encoding="utf-8") != text:
            fresh = launcher.with_suffix(".new")
            fresh.write_text(text, encoding="utf-8")
            fresh.chmod(fresh.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
            fresh.replace(launcher)  # a plugin that is just being started never sees half a launcher


def _launcher(module: str) -> str:
    """A shell script, since a `#!` line cannot name every path; `exec` leaves the engine as the plugin's parent."""
    return dedent(f"""\
        #!/bin/sh
        export PYTHONPATH={_quoted(str(ROOT))}
        exec {_quoted(sys.executable)} -m {module} "$@"
        """)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
