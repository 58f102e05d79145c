"""What the project's and the stack's files say: names, configuration, and the salt of the stack's secrets."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from localcloud.deployments import EngineError
from localcloud.engine.passphrase import Passphrase
from localcloud.engine.values import Props, Secret

ORGANISATION = "organization"  # what the CLI's file backend calls every organisation
# Configuration that would change what the engine does, in ways that this one has not learnt.
UNSUPPORTED = ("pulumi:autonaming",)


@dataclass(frozen=True)
class Settings:
    """`config` holds texts by full key ("project:key"), with objects and numbers as JSON; `secret_keys` names those
    that are secret; `salt` is the stack file's, if it has one."""

    project: str
    stack: str
    main: str
    config: dict[str, str]
    secret_keys: list[str]
    salt: str

    def of_package(self, package: str) -> Props:
        """What the stack configures a package's default provider with."""
        prefix = package + ":"
        return {
            key.removeprefix(prefix): Secret(text) if key in self.secret_keys else text
            for key, text in self.config.items()
            if key.startswith(prefix)
        }


def load_settings(root: Path, stack: str, passphrase: str | None) -> Settings:
    """Read Pulumi.yaml and the stack's file. Raises EngineError for an unreadable file or a wrong passphrase."""
    project = _read(root / "Pulumi.yaml")
    directory = project.get("stackConfigDir") or ""
    path = root / directory / f"Pulumi.{stack}.yaml"
    document = _read(path) if path.exists() else {}
    salt = document.get("encryptionsalt", "")
    opener = Passphrase(passphrase, salt)
    config: dict[str, str] = {}
    secret_keys: list[str] = []
    defaults = {key: _default(value) for key, value in (project.get("config") or {}).items()}
    given = document.get("config") or {}
    for key, value in {**defaults, **given}.items():
        if value is None:
            continue
        full = key if ":" in key else f"{project['name']}:{key}"
        plain, secret = _revealed(value, opener)
        config[full] = plain if isinstance(plain, str) else json.dumps(plain)
        if secret:
            secret_keys.append(full)
    for key in UNSUPPORTED:
        if key in config:
            raise EngineError(f"{path}: the embedded engine does not support {key}; use --engine pulumi")
    return Settings(project["name"], stack, project.get("main") or "", config, secret_keys, salt)


def _read(path: Path) -> dict[str, Any]:
    try:
        document = yaml.safe_load(path.read_text()) or {}
    except (OSError, yaml.YAMLError) as error:
        raise EngineError(f"{path}: {error}") from None
    if not isinstance(document, dict):
        raise EngineError(f"{path}: expected a mapping, found {type(document).__name__}")
    return document


def _default(value: Any) -> Any:
    """A project's entry is a plain value, or an object that describes one."""
    if isinstance(value, dict) and value.keys() & {"value", "default", "type"}:
        return value.get("value", value.get("default"))
    return value


def _revealed(value: Any, passphrase: Passphrase) -> tuple[Any, bool]:
    """The value with every `secure:` in it decrypted, and whether there was one."""
    if isinstance(value, dict):
        if value.keys() == {"secure"}:
            return passphrase.decrypt(value["secure"]), True
        pairs = {key: _revealed(item, passphrase) for key, item in value.items()}
        return {key: plain for key, (plain, _) in pairs.items()}, any(secret for _, secret in pairs.values())
    if isinstance(value, list):
        items = [_revealed(item, passphrase) for item in value]
        return [plain for plain, _ in items], any(secret for _, secret in items)
    return value, False
