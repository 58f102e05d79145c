"""Secrets as Pulumi's passphrase provider keeps them (pkg/secrets/passphrase and sdk/go/common/resource/config/crypt.go
in pulumi/pulumi): PBKDF2 with SHA-256 over an 8-byte salt, AES-256-GCM, written as `v1:nonce:ciphertext` in base64."""

from __future__ import annotations

import base64
import hashlib
import os
import threading

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from localcloud.deployments import EngineError

ROUNDS = 1_000_000
KEY_BYTES, SALT_BYTES, NONCE_BYTES = 32, 8, 12
CHECK_TEXT = "pulumi"  # what the salt carries encrypted, to tell a wrong passphrase


class Passphrase:
    """`salt` is the one of the state or the stack file; without one, the first secret makes it.

    The key is derived when the first secret is met: that takes about half a second.
    """

    def __init__(self, passphrase: str | None, salt: str = "") -> None:
        self.salt = salt
        self._passphrase = passphrase
        self._cipher: AESGCM | None = None
        self._lock = threading.Lock()

    def encrypt(self, text: str) -> str:
        return _seal(self._key(), text)

    def decrypt(self, text: str) -> str:
        """Raises EngineError when the passphrase is not the one that the text was encrypted with."""
        return _open(self._key(), text)

    def _key(self) -> AESGCM:
        with self._lock:
            if self._cipher is None:
                if self._passphrase is None:
                    raise EngineError("this stack has secrets: set PULUMI_CONFIG_PASSPHRASE")
                salt = base64.b64decode(self.salt.split(":")[1]) if self.salt else os.urandom(SALT_BYTES)
                raw = hashlib.pbkdf2_hmac("sha256", self._passphrase.encode(), salt, ROUNDS, KEY_BYTES)
                cipher = AESGCM(raw)
                if not self.salt:
                    self.salt = f"v1:{base64.b64encode(salt).decode()}:{_seal(cipher, CHECK_TEXT)}"
                _open(cipher, self.salt.split(":", 2)[2])
                self._cipher = cipher
            return self._cipher


def _seal(cipher: AESGCM, text: str) -> str:
    nonce = os.urandom(NONCE_BYTES)
    sealed = cipher.encrypt(nonce, text.encode(), None)
    return f"v1:{base64.b64encode(nonce).decode()}:{base64.b64encode(sealed).decode()}"


def _open(cipher: AESGCM, text: str) -> str:
    _, nonce, sealed = text.split(":")
    try:
        return cipher.decrypt(base64.b64decode(nonce), base64.b64decode(sealed), None).decode()
    except InvalidTag:
        raise EngineError("PULUMI_CONFIG_PASSPHRASE is not the passphrase this stack was encrypted with") from None
