"""Passphrase secrets: compatible with Pulumi's, and useless without the passphrase."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pulumi_local.errors import EngineError
from pulumi_local.state import secrets

# Written by Pulumi CLI 3.260 with the passphrase "oracle".
SALT = "v1:ylz4n4L0Sgs=:v1:EJjAvzzYQS8aCIas:vdtuF+Neu3B2xYmNuc6yNGMR2RSN8Q=="
TOP = "v1:7xhi8UpEn5q+lyz7:cWlNHMQufQi6GDQupEcr7/EE6A=="


@pytest.fixture(scope="module")
def opened() -> secrets.PassphraseSecrets:
    return secrets.unlock("oracle", SALT)


def test_secrets_of_the_cli_are_read(opened: secrets.PassphraseSecrets) -> None:
    assert opened.decrypt(TOP) == "top"
    assert opened.state == {"salt": SALT}


def test_a_new_salt_opens_with_its_passphrase_only() -> None:
    made = secrets.create("a passphrase")
    version, salt, check = made.salt.split(":", 2)
    assert (version, len(salt), check.count(":")) == ("v1", 12, 2)
    assert secrets.unlock("a passphrase", made.salt).decrypt(made.encrypt("x")) == "x"
    with pytest.raises(EngineError, match="incorrect passphrase"):
        secrets.unlock("another", made.salt)


@settings(max_examples=50, deadline=None)
@given(text=st.text())
def test_every_text_comes_back(text: str) -> None:
    keyed = secrets.PassphraseSecrets("", b"k" * 32)
    fresh = secrets.PassphraseSecrets("", b"k" * 32)
    ciphertext = keyed.encrypt(text)
    assert fresh.decrypt(ciphertext) == text
    assert keyed.encrypt(text) != ciphertext


@pytest.mark.parametrize("damaged", ["", "v1", "v1:AAAA:BBBB", "v2" + TOP[2:], TOP[:-4] + "AAA=", "v1:%:%"])
def test_damaged_ciphertexts_are_one_clear_error(opened: secrets.PassphraseSecrets, damaged: str) -> None:
    with pytest.raises(EngineError, match="failed to decrypt: incorrect passphrase"):
        opened.decrypt(damaged)


@pytest.mark.parametrize("salt", ["", "v1", "v2:ylz4n4L0Sgs=:v1:x:y", "v1:ylz4n4L0Sgs=", "v1:%:v1:x:y"])
def test_damaged_salts_are_one_clear_error(salt: str) -> None:
    with pytest.raises(EngineError, match="malformed encryptionsalt"):
        secrets.unlock("oracle", salt)
