"""Installs the Pulumi CLI: the release's archive, unpacked only if it has the checksum that was published for it.

The archive comes from get.pulumi.com, its SHA-256 from the release on GitHub, so that a change on one of the two is noticed.
Both have the same files, named so, since Pulumi's release copies them from GitHub:
https://github.com/pulumi/pulumi/blob/master/.goreleaser.yml
https://github.com/pulumi/pulumi/blob/master/.github/workflows/release.yml
"""

from __future__ import annotations

import hashlib
import http.client
import platform
import shutil
import socket
import tarfile
import tempfile
import threading
import time
import urllib.error
import urllib.request
import zlib
from pathlib import Path
from urllib.parse import urlsplit

ARCHIVES = "https://get.pulumi.com/releases/sdk"
CHECKSUMS = "https://github.com/pulumi/pulumi/releases/download/v{version}"

REACH_SECONDS = 4
SILENT_SECONDS = 30
INSTALL_SECONDS = 300
CHUNK = 1 << 20

SYSTEMS = {"Linux": "linux", "Darwin": "darwin"}
MACHINES = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}


class NotInstalled(Exception):
    """Why the CLI was not installed, as the end of a sentence."""


def install(version: str, folder: Path, archives: str = ARCHIVES, checksums: str = CHECKSUMS) -> None:
    """Puts the CLI of this version into `folder`/bin, whole or not at all; nothing in it was run.

    `archives` and `checksums` are the addresses of the two folders of files. Raises NotInstalled.
    """
    archive = f"pulumi-v{version}-{_platform()}.tar.gz"
    sums = f"pulumi-{version}-checksums.txt"
    addresses = [f"{checksums.format(version=version)}/{sums}", f"{archives}/{archive}"]
    for address in addresses:
        _reach(address)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f"{folder.name}-") as name:
        work = Path(name)
        deadline = time.monotonic() + INSTALL_SECONDS
        for address, path in zip(addresses, (work / sums, work / archive), strict=True):
            _download(address, path, deadline)
        _verify(work / archive, work / sums)
        _unpack(work / archive, work, folder / "bin")


def _platform() -> str:
    system, machine = SYSTEMS.get(platform.system()), MACHINES.get(platform.machine().lower())
    if not system or not machine:
        raise NotInstalled(f"Pulumi publishes no archive for {platform.system()} on {platform.machine()}")
    return f"{system}-{machine}"


def _reach(address: str) -> None:
    """Name resolution can take very long to fail, so there is a limit to it."""
    parts = urlsplit(address)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    answered = threading.Event()

    def connect() -> None:
        try:
            socket.create_connection((host, port), timeout=REACH_SECONDS).close()
            answered.set()
        except OSError:
            pass

    thread = threading.Thread(target=connect, daemon=True)
    thread.start()
    thread.join(REACH_SECONDS)
    if not answered.is_set():
        raise NotInstalled(f"{host} cannot be reached to install it")


def _download(address: str, path: Path, deadline: float) -> None:
    try:
        with urllib.request.urlopen(address, timeout=SILENT_SECONDS) as answer, path.open("wb") as file:  # noqa: S310 (https)
            while block := answer.read(CHUNK):
                file.write(block)
                if time.monotonic() > deadline:
                    raise NotInstalled(f"{address} takes more than {INSTALL_SECONDS} seconds")
    except (OSError, http.client.HTTPException) as e:
        if isinstance(e, urllib.error.HTTPError):
            e.close()
        raise NotInstalled(f"{address} cannot be fetched ({e})") from None


def _verify(archive: Path, sums: Path) -> None:
    published = [line.split() for line in sums.read_text(encoding="utf-8", errors="replace").splitlines()]
    expected = [line[0].lower() for line in published if line[1:] == [archive.name]]
    if not expected:
        raise NotInstalled(f"{sums.name} of the release has no checksum of {archive.name}")
    with archive.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if expected != [found]:
        raise NotInstalled(f"{archive.name} does not have the checksum of the release, {expected[0]}, but {found}")


def _unpack(archive: Path, work: Path, target: Path) -> None:
    if not hasattr(tarfile, "data_filter"):
        raise NotInstalled("this Python cannot unpack it safely (3.11.4 and newer can)")
    try:
        with tarfile.open(archive, "r:gz") as tar:
            tar.extractall(work / "unpacked", filter="data")
        binaries = work / "unpacked" / "pulumi"
        if not (binaries / "pulumi").is_file():
            raise NotInstalled(f"{archive.name} has no pulumi/pulumi")
        target.parent.mkdir(exist_ok=True)
        shutil.rmtree(target, ignore_errors=True)
        binaries.rename(target)
    except (tarfile.TarError, zlib.error, EOFError, OSError) as e:
        raise NotInstalled(f"{archive.name} cannot be unpacked ({e})") from None
