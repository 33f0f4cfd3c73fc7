"""The Pulumi CLI that `make up` fetches: installed as it was published, or not at all."""

from __future__ import annotations

import hashlib
import io
import platform
import re
import subprocess
import tarfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from stripe_project import installer

VERSION = "3.272.0"
SYSTEM = {"Linux": "linux", "Darwin": "darwin"}.get(platform.system())
MACHINE = "arm64" if platform.machine() in ("arm64", "aarch64") else "x64"
ARCHIVE = f"pulumi-v{VERSION}-{SYSTEM}-{MACHINE}.tar.gz"
SUMS = f"pulumi-{VERSION}-checksums.txt"

pytestmark = pytest.mark.skipif(SYSTEM is None, reason="Pulumi's archives for Linux and macOS are what is unpacked here")


def archive(members: dict[str, str]) -> bytes:
    """As Pulumi's are: a gzipped tar; every member may be run."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, text in members.items():
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(text), 0o755
            tar.addfile(info, io.BytesIO(text.encode()))
    return buffer.getvalue()


CLI = archive({"pulumi/pulumi": f"#!/bin/sh\necho v{VERSION}\n", "pulumi/pulumi-language-python-exec": "#!/bin/sh\n"})


def sums(content: bytes, name: str = ARCHIVE) -> bytes:
    """What the release publishes, with other archives' lines around."""
    lines = [("0" * 64, f"pulumi-v{VERSION}-windows-x64.zip"), (hashlib.sha256(content).hexdigest(), name)]
    return "".join(f"{digest}  {name}\n" for digest, name in lines).encode()


class Published:
    """A server with files; of those in `cut`, it sends half and hangs up."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.cut: set[str] = set()
        published = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                content = published.files.get(self.path)
                if content is None:
                    self.send_error(404)
                    return
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content[: len(content) // 2] if self.path in published.cut else content)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}"
        Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def release(self, content: bytes, checksums: bytes) -> None:
        self.files = {f"/sdk/{ARCHIVE}": content, f"/v{VERSION}/{SUMS}": checksums}

    def install(self, folder: Path) -> None:
        installer.install(VERSION, folder, archives=f"{self.address}/sdk", checksums=self.address + "/v{version}")

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def published() -> Iterator[Published]:
    server = Published()
    yield server
    server.close()


def refused(published: Published, folder: Path) -> str:
    """Why nothing was installed; and nothing is left of the attempt."""
    with pytest.raises(installer.NotInstalled) as raised:
        published.install(folder)
    assert not folder.exists()
    assert list(folder.parent.iterdir()) == []
    message = str(raised.value)
    assert "\n" not in message
    return message


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / ".local" / f"pulumi-{VERSION}"


def test_what_was_published_is_installed_and_runs(published: Published, folder: Path) -> None:
    published.release(CLI, sums(CLI))
    published.install(folder)
    assert subprocess.check_output([folder / "bin" / "pulumi", "version"], text=True) == f"v{VERSION}\n"
    assert sorted(path.name for path in (folder / "bin").iterdir()) == ["pulumi", "pulumi-language-python-exec"]
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_half_an_installation_is_replaced(published: Published, folder: Path) -> None:
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "pulumi-language-go").write_text("")
    published.release(CLI, sums(CLI))
    published.install(folder)
    assert sorted(path.name for path in (folder / "bin").iterdir()) == ["pulumi", "pulumi-language-python-exec"]


def test_another_archive_than_the_published_one_is_not(published: Published, folder: Path) -> None:
    published.release(archive({"pulumi/pulumi": "#!/bin/sh\necho other\n"}), sums(CLI))
    expected = hashlib.sha256(CLI).hexdigest()
    assert f"{ARCHIVE} does not have the checksum of the release, {expected}" in refused(published, folder)


def test_without_a_published_checksum_nothing_is(published: Published, folder: Path) -> None:
    published.release(CLI, sums(CLI, f"pulumi-v{VERSION}-plan9-x64.tar.gz"))
    assert refused(published, folder) == f"{SUMS} of the release has no checksum of {ARCHIVE}"
    del published.files[f"/v{VERSION}/{SUMS}"]
    assert re.fullmatch(
        rf"{published.address}/v{VERSION}/{SUMS} cannot be fetched \(HTTP Error 404: .*\)", refused(published, folder)
    )


def test_a_second_checksum_for_the_archive_decides_nothing(published: Published, folder: Path) -> None:
    published.release(CLI, sums(CLI) + sums(b"other"))
    assert "does not have the checksum of the release" in refused(published, folder)


def test_a_download_that_breaks_off_is_not(published: Published, folder: Path) -> None:
    published.release(CLI, sums(CLI))
    published.cut = {f"/sdk/{ARCHIVE}"}
    assert "does not have the checksum of the release" in refused(published, folder)


def test_an_archive_that_was_published_truncated_is_not(published: Published, folder: Path) -> None:
    half = CLI[: len(CLI) // 2]
    published.release(half, sums(half))
    assert f"{ARCHIVE} cannot be unpacked" in refused(published, folder)


@pytest.mark.parametrize("name", ["../../outside", "pulumi/../../outside", "/outside/../../../outside"])
def test_an_archive_that_reaches_out_of_its_folder_is_not(published: Published, folder: Path, name: str) -> None:
    content = archive({"pulumi/pulumi": "#!/bin/sh\n", name: "owned"})
    published.release(content, sums(content))
    assert "would be extracted to" in refused(published, folder)
    assert not list(folder.parents[1].rglob("outside"))


def test_an_archive_without_the_cli_is_not(published: Published, folder: Path) -> None:
    content = archive({"README": ""})
    published.release(content, sums(content))
    assert refused(published, folder) == f"{ARCHIVE} has no pulumi/pulumi"


def test_a_server_that_is_gone_is_said_to_be(folder: Path) -> None:
    gone = Published()
    gone.close()
    with pytest.raises(installer.NotInstalled, match=r"^127\.0\.0\.1 cannot be reached to install it$"):
        gone.install(folder)
    assert not folder.parent.exists()
