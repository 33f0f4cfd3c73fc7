"""Streams that are closed, disks that are full, folders that are read-only, and text that would command a terminal: one line each
says so, and nothing is lost."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stripe_local.server import ROOT

from .running import Ran, Usage

ROWS = 40


def bash(usage: Usage, redirections: str, *arguments: str, before: tuple[str, ...] = ()) -> Ran:
    """The command line as a shell starts it; its standard output is a file of its own, unless it is redirected."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [*before, "bash", "-c", f'"$@" {redirections}', "bash", sys.executable, "-m", "stripe_usage", *arguments]
    done = subprocess.run(command, cwd=usage.folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return Ran(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def file(usage: Usage) -> str:
    (customer,) = usage.customers(1)
    return usage.file([usage.row(customer, 1, ago=100 + n) for n in range(ROWS)] + [usage.row(customer, "x")])


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk of four megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("a small disk needs the right to mount one; run the tests as root")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def goes_on(usage: Usage, file: str) -> None:
    """The same command, with all as it should be, completes what was begun."""
    again = usage.record(file)
    assert (again.code, f"{ROWS + 1} rows: " in again.out, ", 1 rejected" in again.out) == (3, True, True), again
    assert sum(usage.used(customer.id) for customer in usage.stripe.v1.customers.list().data) == ROWS


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("redirections", "arguments", "said"),
    [
        (">&-", (), "standard output is closed; nothing was done"),
        pytest.param(">/dev/full", (), "standard output: No space left on device", marks=pytest.mark.smoke),
        ("<&-", ("-",), "standard input is closed; name a file"),
        ("", ("--rejects", "/dev/full"), "/dev/full: No space left on device; give another --rejects"),
        ("", ("--rejects", "/proc/x"), "/proc/x: No such file or directory; give another --rejects"),
        ("", ("--checkpoint", "/proc/x/y.db"), "/proc/x/y.db: No such file or directory"),
        ("", ("--checkpoint", "events.ndjson/y.db"), "y.db: File exists; give another --checkpoint"),
        ("", ("--checkpoint", "/dev/full"), "/dev/full"),
    ],
)
def test_one_line_says_what_cannot_be_written(
    redirections: str, arguments: tuple[str, ...], said: str, usage: Usage, file: str
) -> None:
    source = () if "-" in arguments else (file,)
    done = bash(usage, redirections, "record", "--event-name", "tokens", "--quiet", *source, *arguments)
    assert (done.code, done.err.startswith("error: "), said in done.err, done.err.count("\n")) == (1, True, True, 1), done
    assert Path("/dev/full").is_char_device()
    goes_on(usage, file)


@pytest.mark.thorough
def test_without_standard_error_it_works(usage: Usage, file: str) -> None:
    done = bash(usage, "2>&-", "record", "--event-name", "tokens", file)
    assert (done.code, f"{ROWS} sent" in done.out) == (3, True), done
    goes_on(usage, file)


@pytest.mark.thorough
@pytest.mark.parametrize("left", [0, 40, 100], ids=lambda left: f"{left} KiB left")
def test_a_full_disk_loses_nothing(left: int, usage: Usage, file: str, full: Path) -> None:
    """Whether it ends before anything is sent or on the way, the same command goes on once there is room."""
    path = full / "events.db"
    (full / "other").write_bytes(b"x" * (4096 - left) * 1024)
    done = bash(usage, "", "record", "--event-name", "tokens", "--quiet", file, "--checkpoint", str(path))
    assert (done.code, done.err.startswith(f"error: {path}: "), done.err.count("\n")) == (1, True, 1), done
    (full / "other").unlink()
    again = usage.record(file, "--checkpoint", str(path))
    assert (again.code, ", 1 rejected" in again.out) == (3, True), again
    assert sum(usage.used(customer.id) for customer in usage.stripe.v1.customers.list().data) == ROWS


@pytest.mark.thorough
def test_a_folder_that_is_read_only(usage: Usage, file: str) -> None:
    """Root may write everywhere unless it gives up the right to."""
    folder = usage.folder / "only"
    folder.mkdir(mode=0o500)
    before: tuple[str, ...] = ()
    if os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("root writes everywhere; install util-linux, which has setpriv, or run the tests as another user")
        before = ("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search")
    for option in ("--checkpoint", "--rejects"):
        done = bash(usage, "", "record", "--event-name", "tokens", "--quiet", file, option, "only/x", before=before)
        said = f"only/x: Permission denied; give another {option}\n"
        assert (done.code, done.err.endswith(said), done.err.count("\n")) == (1, True, 1), done
    goes_on(usage, file)


def test_what_would_command_a_terminal_is_shown_as_an_escape(usage: Usage) -> None:
    escape, reorder = "\x1b]0;owned\x07\x1b[2J", "\u202e"
    (usage.folder / f"{escape}.csv").write_text(f"customer,{escape}value\ncus_1,1\n")
    header = usage.record(f"{escape}.csv")
    name = usage.file([usage.row(f"cus_{escape}{reorder}", f"1{escape}", identifier=f"job{escape}")])
    row = usage.record(name)
    other = usage.record("--customer", "cus_1", "--value", "1", "--identifier", f"x{escape}")
    assert (header.code, row.code, other.code) == (1, 3, 1)
    for said in (header.out + header.err, row.out + row.err, other.out + other.err):
        assert "\\x1b" in said
        assert said.replace("\n", "").isprintable(), said
