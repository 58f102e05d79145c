"""Starts the plugins: resource providers from `<home>/plugins`, and policy packs."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import grpc

from localcloud.engine.errors import StepError
from localcloud.processes import Drain, Group

# Messages up to this size, as the CLI allows them.
MESSAGE_BYTES: Final = 400 << 20
CHANNEL_OPTIONS: Final = (
    ("grpc.max_receive_message_length", MESSAGE_BYTES),
    ("grpc.max_send_message_length", MESSAGE_BYTES),
)
START_SECONDS: Final = 60


@dataclass(frozen=True)
class Plugin:
    """A running plugin, which has said on its first line which port it listens on."""

    process: subprocess.Popen[bytes]
    channel: grpc.Channel
    directory: Path


class Host:
    """`engine` is the address that plugins are told to find the engine at."""

    def __init__(self, group: Group, plugins: Path, root: Path, environment: Mapping[str, str]) -> None:
        self.engine = ""
        self._group, self._plugins, self._root, self._environment = group, plugins, root, environment

    def provider(self, package: str, version: str) -> Plugin:
        """Start the plugin of a package, of this version or, without one, the newest there is."""
        executable = self._find(package, version)
        return self.start(
            [str(executable), self.engine], self._root, {}, f"resource plugin {package}", executable.parent
        )

    def start(
        self, argv: list[str], cwd: Path, environment: Mapping[str, str], what: str, directory: Path | None = None
    ) -> Plugin:
        try:
            process = self._group.start(argv, cwd=cwd, env={**os.environ, **self._environment, **environment})
        except OSError as error:
            raise StepError(f"{what} did not start: {error}") from None
        errors = Drain(process.stderr)
        assert process.stdout is not None
        port = process.stdout.readline().decode().strip()
        if not port.isdigit():
            self._group.stop(process)
            raise StepError(f"{what} did not start: {port or errors.text()}")
        Drain(process.stdout)
        return Plugin(process, grpc.insecure_channel(f"127.0.0.1:{port}", options=CHANNEL_OPTIONS), directory or cwd)

    def stop(self, plugin: Plugin) -> None:
        plugin.channel.close()
        self._group.stop(plugin.process)

    def _find(self, package: str, version: str) -> Path:
        name = f"pulumi-resource-{package}"
        found = {
            path.parent.name.removeprefix(f"resource-{package}-v"): path
            for path in self._plugins.glob(f"resource-{package}-v*/{name}")
        }
        if version in found:
            return found[version]
        if version or not found:
            wanted = f" of version {version}" if version else ""
            raise StepError(f"there is no plugin {name}{wanted} in {self._plugins}")
        return found[max(found, key=lambda text: [int(number) for number in re.findall(r"\d+", text)])]
