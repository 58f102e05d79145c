from __future__ import annotations

from pathlib import Path

import pytest

from localcloud.engine.passphrase import Passphrase
from localcloud.engine.settings import load_settings
from localcloud.engine.values import Secret
from localcloud.engines import EngineError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    project = (
        "name: mesh\nruntime: python\nstackConfigDir: stacks\nconfig:\n  size: 3\n  mesh:kind:\n    default: small\n"
    )
    (tmp_path / "Pulumi.yaml").write_text(project)
    (tmp_path / "stacks").mkdir()
    return tmp_path


def stack(root: Path, text: str) -> None:
    (root / "stacks" / "Pulumi.dev.yaml").write_text(text)


def test_the_stack_file_goes_before_the_project_file(root: Path) -> None:
    stack(root, "config:\n  mesh:kind: large\n  aws:region: eu-west-1\n  mesh:list: [1, {a: true}]\n  mesh:on: true\n")
    settings = load_settings(root, "dev", None)
    assert settings.config == {
        "mesh:size": "3",
        "mesh:kind": "large",
        "aws:region": "eu-west-1",
        "mesh:list": '[1, {"a": true}]',
        "mesh:on": "true",
    }
    assert (settings.project, settings.secret_keys) == ("mesh", [])


def test_secrets_are_decrypted_and_named(root: Path) -> None:
    opener = Passphrase("words")
    plain, deep = opener.encrypt("one"), opener.encrypt("two")
    text = f"config:\n  mesh:a:\n    secure: {plain}\n  mesh:b:\n    - x:\n        secure: {deep}\n"
    stack(root, f"encryptionsalt: {opener.salt}\n{text}")
    settings = load_settings(root, "dev", "words")
    assert (settings.config["mesh:a"], settings.config["mesh:b"]) == ("one", '[{"x": "two"}]')
    assert settings.secret_keys == ["mesh:a", "mesh:b"]
    assert settings.of_package("mesh")["a"] == Secret("one")
    assert settings.of_package("aws") == {}
    with pytest.raises(EngineError, match="not the passphrase"):
        load_settings(root, "dev", "others")
    with pytest.raises(EngineError, match="set PULUMI_CONFIG_PASSPHRASE"):
        load_settings(root, "dev", None)


@pytest.mark.parametrize("text", ["config: [", "just text"])
def test_a_file_that_cannot_be_read_is_named(root: Path, text: str) -> None:
    stack(root, text)
    with pytest.raises(EngineError, match=r"Pulumi\.dev\.yaml"):
        load_settings(root, "dev", None)
