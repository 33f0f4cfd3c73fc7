"""Which resources a command line asks to replace."""

import subprocess
import sys
from pathlib import Path

import pytest

from stripe_resources.commandline import matches, urns_in

ROOT = Path(__file__).parents[2]
URN = "urn:pulumi:dev::hypernian::pulumi-python:dynamic/stripe:Price::tokens-monthly"
CHILD = "urn:pulumi:dev::hypernian::plan:index:Plan$pulumi-python:dynamic/stripe:Price::tokens-monthly"
PRODUCT, PRICE = "pulumi-python:dynamic/stripe:Product", "pulumi-python:dynamic/stripe:Price"
PART = f"urn:pulumi:dev::hypernian::{PRODUCT}${PRICE}::tokens-monthly"


@pytest.mark.parametrize(
    ("command", "urns"),
    [
        (["pulumi", "up", "--replace", URN], [URN]),
        (["pulumi", "up", f"--replace={URN}", "--target-replace", CHILD], [URN, CHILD]),
        (["pulumi", "up", "--replace", f"{URN},{CHILD}"], [URN, CHILD]),
        (["pulumi", "up", "--replace"], [""]),
        (["pulumi", "up", "--target", URN], []),
    ],
)
def test_urns_of_a_command_line(command: list[str], urns: list[str]) -> None:
    assert list(urns_in(command)) == urns


@pytest.mark.parametrize(
    ("urn", "owner", "same"),
    [
        (URN, "hypernian/dev/Price/tokens-monthly", True),
        (CHILD, "hypernian/dev/plan:index:Plan$Price/tokens-monthly", True),
        (CHILD, "hypernian/dev/Price/tokens-monthly", True),
        (PART, "hypernian/dev/pulumi-python:dynamic/stripe:Product$Price/tokens-monthly", True),
        (f"{URN}/eu", "hypernian/dev/Price/tokens-monthly/eu", True),
        ("urn:pulumi:dev::hypernian::*Price::*", "hypernian/dev/Price/tokens-monthly", True),
        ("**tokens-monthly", "hypernian/dev/Price/tokens-monthly", True),
        (URN, "hypernian/dev/Price/tokens", False),
        (URN, "hypernian/dev/Product/tokens-monthly", False),
        (URN, "hypernian/prod/Price/tokens-monthly", False),
        ("", "hypernian/dev/Price/tokens-monthly", False),
    ],
)
def test_urns_and_owners(urn: str, owner: str, same: bool) -> None:
    assert matches(urn, owner) is same


def test_the_command_line_of_a_process_above_is_seen() -> None:
    code = (
        "import subprocess, sys; subprocess.run([sys.executable, '-c', "
        "'from stripe_resources.commandline import asked_to_replace; "
        'print(asked_to_replace("hypernian/dev/Price/tokens-monthly"), asked_to_replace("hypernian/dev/Price/other"))\'])'
    )
    command = [sys.executable, "-c", code, "up", "--replace", URN]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False"]
