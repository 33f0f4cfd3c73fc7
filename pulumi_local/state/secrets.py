"""Passphrase secrets, compatible with Pulumi's passphrase provider.

A key is derived from the passphrase by PBKDF2-SHA256 (1,000,000 rounds, 8 bytes of salt); values are AES-256-GCM.
`encryptionsalt` in `Pulumi.<stack>.yaml`, and `salt` in a deployment's `secrets_providers`, are the same text:
`v1:<salt>:<the word "pulumi", encrypted>`; a ciphertext is `v1:<nonce>:<data and tag>`; all parts in base64.
"""

from __future__ import annotations

import base64
import hashlib
import os
import threading
from collections.abc import Mapping
from pathlib import Path

from pulumi_local import reading
from pulumi_local.errors import EngineError
from pulumi_local.interfaces import Json

ROUNDS = 1_000_000
_CHECK = "pulumi"
_LONGEST_FILE = 100_000
"""Bytes, of a file with a passphrase."""
_CANNOT_DECRYPT = (
    "failed to decrypt: incorrect passphrase, please set PULUMI_CONFIG_PASSPHRASE to the correct passphrase or set "
    "PULUMI_CONFIG_PASSPHRASE_FILE to a file containing the passphrase"
)


class PassphraseSecrets:
    """Encrypts and decrypts with one stack's key (the `SecretsManager` of the engine's contract)."""

    type = "passphrase"

    def __init__(self, salt: str, key: bytes) -> None:
        """`salt` is the text of `encryptionsalt`."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        self.salt = salt
        self._cipher = AESGCM(key)
        self._plaintexts: dict[str, str] = {}
        self._lock = threading.Lock()

    @property
    def state(self) -> Json:
        """What deployments record about it."""
        return {"salt": self.salt}

    def encrypt(self, plaintext: str) -> str:
        """A ciphertext, different each time."""
        nonce = os.urandom(12)
        data = self._cipher.encrypt(nonce, plaintext.encode(), None)
        ciphertext = f"v1:{_b64(nonce)}:{_b64(data)}"
        with self._lock:
            self._plaintexts[ciphertext] = plaintext
        return ciphertext

    def decrypt(self, ciphertext: str) -> str:
        """The plaintext. Raises EngineError where it was made with another key or is damaged."""
        with self._lock:
            known = self._plaintexts.get(ciphertext)
        if known is not None:
            return known
        plaintext = _open(self._cipher, ciphertext)
        if plaintext is None:
            raise EngineError(_CANNOT_DECRYPT)
        with self._lock:
            self._plaintexts[ciphertext] = plaintext
        return plaintext


def create(passphrase: str) -> PassphraseSecrets:
    """Secrets for a new stack, with a salt of its own."""
    salt = os.urandom(8)
    key = _derive(passphrase, salt)
    check = PassphraseSecrets("", key).encrypt(_CHECK)
    return PassphraseSecrets(f"v1:{_b64(salt)}:{check}", key)


def unlock(passphrase: str, salt_text: str) -> PassphraseSecrets:
    """The secrets of an existing stack. Raises EngineError for another passphrase, or a salt that cannot be read."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    version, _, rest = salt_text.partition(":")
    salt_part, _, check = rest.partition(":")
    if version != "v1" or not check:
        raise EngineError(f"malformed encryptionsalt {salt_text!r}: expected v1:<salt>:v1:<nonce>:<ciphertext>")
    try:
        salt = base64.b64decode(salt_part, validate=True)
    except ValueError as e:
        raise EngineError(f"malformed encryptionsalt {salt_text!r}: {e}") from None
    key = _derive(passphrase, salt)
    if _open(AESGCM(key), check) != _CHECK:
        raise EngineError("incorrect passphrase")
    return PassphraseSecrets(salt_text, key)


def passphrase_from(environment: Mapping[str, str]) -> str | None:
    """PULUMI_CONFIG_PASSPHRASE (which may be empty), else the text of PULUMI_CONFIG_PASSPHRASE_FILE, else None."""
    if "PULUMI_CONFIG_PASSPHRASE" in environment:
        return environment["PULUMI_CONFIG_PASSPHRASE"]
    if file := environment.get("PULUMI_CONFIG_PASSPHRASE_FILE"):
        try:
            return reading.text(Path(file), _LONGEST_FILE).strip()
        except (OSError, ValueError) as e:
            said = f"{reading.visible(file)}: {reading.why(e)}"
            raise EngineError(f"unable to read PULUMI_CONFIG_PASSPHRASE_FILE: {said}") from None
    return None


def _derive(passphrase: str, salt: bytes) -> bytes:
    return hashlib.pbkdf2_hmac("sha256", passphrase.encode("utf-8", "surrogateescape"), salt, ROUNDS, 32)


def _open(cipher: object, ciphertext: str) -> str | None:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    assert isinstance(cipher, AESGCM)
    version, _, rest = ciphertext.partition(":")
    nonce, _, data = rest.partition(":")
    if version != "v1":
        return None
    try:
        return cipher.decrypt(base64.b64decode(nonce), base64.b64decode(data), None).decode()
    except (InvalidTag, ValueError):
        return None


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()
