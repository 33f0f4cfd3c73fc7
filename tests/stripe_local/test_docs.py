"""The manual, executed: every command in it runs, and everything there is to say is said."""

from __future__ import annotations

import contextlib
import io
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stripe_local.server import ROOT, LocalStripe

TEXT = (ROOT / "docs" / "local-stripe.md").read_text()
URL = "http://127.0.0.1:12111"
BLOCKS = re.findall(r"^```(sh|python)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
STARTS = [text.strip() for kind, text in BLOCKS if kind == "sh" and text.startswith("python -m stripe_local")]


def test_every_command_runs(server: LocalStripe) -> None:
    """In order, as a reader would."""
    ran = 0
    for kind, text in BLOCKS:
        text = text.replace(URL, server.url)
        if text.strip() in STARTS:
            continue
        if kind == "python":
            with contextlib.redirect_stdout(io.StringIO()) as output:
                exec(compile(text, "local-stripe.md", "exec"), {})
            assert output.getvalue().strip() == "Hypernian tokens"
        else:
            result = subprocess.run(["sh", "-e", "-c", text], capture_output=True, text=True, timeout=60, check=False)
            assert result.returncode == 0, text + result.stdout + result.stderr
        ran += 1
    assert ran >= 7


@pytest.mark.parametrize("command", STARTS)
def test_the_server_starts_as_shown(command: str, tmp_path: Path) -> None:
    arguments = shlex.split(command)[1:]
    if "--db" not in arguments:
        arguments += ["--db", "x"]
    if "--port" not in arguments:
        arguments += ["--port", "0"]
    arguments[arguments.index("--db") + 1] = str(tmp_path / "stripe.db")
    process = subprocess.Popen([sys.executable, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline().startswith("stripe_local is ready on http://127.0.0.1:")
    process.terminate()
    process.communicate(timeout=10)
    assert process.returncode == 0


def test_every_option_is_documented() -> None:
    command = [sys.executable, "-m", "stripe_local", "--help"]
    usage = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for option in set(re.findall(r"--[a-z-]+", usage)) - {"--help", "--version"}:
        assert f"| `{option} " in TEXT, option


def test_every_control_endpoint_is_documented(server: LocalStripe) -> None:
    from stripe_local.control import endpoints

    source = Path(endpoints.__file__).read_text()
    for path in re.findall(r'Route\("(/_local/[a-z]+)"', source):
        assert f"{URL}{path}" in TEXT, path
