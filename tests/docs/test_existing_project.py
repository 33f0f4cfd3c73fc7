"""docs/existing-project.md: followed to the letter, in a project with a provider of its own, for each toolchain."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from stripe_project.adding.changes import requirement
from stripe_project.adding.project import LIVE, LOCAL
from tests.docs.checkout import ROOT, blocks, free_port
from tests.e2e.project import captured
from tests.package.venv import UNREACHABLE
from tests.stripe_project import existing
from tests.stripe_project.existing import TOOLCHAINS
from tests.wheel import SECONDS, Outside

PINNED = re.compile(r"^([\w.-]+)==([\w.]+)", re.M)
PAGE = (ROOT / "docs" / "existing-project.md").read_text()
LOOK_PIP, LOOK_UV, LOOK_POETRY, WRITE_PIP, WRITE_UV, WRITE_POETRY, DEPLOY, CHANGE, OUT = blocks("docs/existing-project.md", "sh")
LOOK = {"pip": LOOK_PIP, "uv": LOOK_UV, "poetry": LOOK_POETRY}
WRITE = {"pip": WRITE_PIP, "uv": WRITE_UV, "poetry": WRITE_POETRY}


def test_which_stacks_deploy_where_is_what_it_says() -> None:
    [said] = re.findall(r"`dev` to the .*?, (.*?) to live mode", PAGE)
    assert LOCAL == ("dev",)
    assert said == " or ".join(f"`{name}`" for name in LIVE)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Iterator[str]:
    """A registry that has the package and all that it needs, for Poetry, which takes no folder.

    Poetry asks for what other systems need as well, so each pinned package is there; of one that is pinned by Python's version,
    the first, for the oldest Python, which newer ones take too.
    """
    folder = tmp_path_factory.mktemp("index") / "simple"
    versions: dict[str, str] = {}
    for name, version in PINNED.findall((ROOT / "requirements.txt").read_text()):
        versions.setdefault(name, version)
    pinned = [f"{name}=={version}" for name, version in versions.items()]
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder.parent), *pinned]
    done = captured(command, folder.parent, dict(os.environ), SECONDS)
    if done.returncode and UNREACHABLE.search(done.stdout):
        pytest.skip(f"no package registry can be reached to install from: {done.stdout.strip().splitlines()[-1]}")
    assert done.returncode == 0, done.stdout
    for file in [wheel, *folder.parent.glob("*.*")]:
        project = re.split(r"-\d", file.name)[0]
        into = folder / re.sub(r"[-_.]+", "-", project).lower()
        into.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, into)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder.parent))) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/simple/"
        server.shutdown()
        thread.join()


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None: ...


class Reader:
    """Somebody who reads the page: a project that is deployed, its toolchain, and an engine under the name of `pulumi`."""

    def __init__(self, outside: Outside, toolchain: str, index: Callable[[], str]) -> None:
        self.outside, self.toolchain = outside, toolchain
        self.bin = outside.folder.parent / "bin"
        (outside.folder / "state").mkdir()
        outside.environment |= {
            "PULUMI_BACKEND_URL": f"file://{outside.folder}/state",
            "PULUMI_CONFIG_PASSPHRASE": "",
            "STRIPE_API_BASE": f"http://127.0.0.1:{outside.port}",
            "POETRY_VIRTUALENVS_IN_PROJECT": "true",
            "PIPX_HOME": str(outside.folder / "pipx"),
        }
        self.project = existing.make(outside.folder / "shop", toolchain)
        if toolchain == "poetry":
            source = f'\n[[tool.poetry.source]]\nname = "built"\nurl = "{index()}"\npriority = "primary"\n'
            with (self.project / "pyproject.toml").open("a") as file:
                file.write(source)
        self._install()
        self.sh("pulumi stack init dev && pulumi up --yes --stack dev")

    def _install(self) -> None:
        self._tools("engine", ["pulumi-stripe-billing[local]"], {"pulumi": "pulumi-local"})
        if self.toolchain == "poetry":
            self._tools("tools", ["poetry", "pipx"], {"poetry": "poetry", "pipx": "pipx"})
        own = {
            "uv": "rm uv.lock && uv lock --quiet && uv sync --quiet",
            "poetry": "rm poetry.lock && poetry lock --quiet && poetry install --quiet",
        }
        if self.toolchain == "pip":
            self.outside.install("shop/venv", requirement())
        else:
            self.sh(own[self.toolchain])

    def _tools(self, venv: str, packages: list[str], commands: dict[str, str]) -> None:
        self.outside.install(venv, *packages)
        for name, command in commands.items():
            (self.bin / name).write_text(f'#!/bin/sh\nexec {self.outside.folder}/{venv}/bin/{command} "$@"\n')
            (self.bin / name).chmod(0o755)

    def sh(self, script: str) -> str:
        return self.outside.sh(script, "shop")

    def files(self) -> dict[str, str]:
        """What is the project's own, and no environment's."""
        hidden = {"venv", ".venv", "__pycache__", "stripe.log", ".local"}
        return existing.contents(self.project, hidden)

    def motd(self) -> tuple[str, float]:
        """The resource that was there: the file that it is, and when it was written."""
        path = self.outside.folder / "dev.txt"
        return path.read_text(), path.stat().st_mtime

    def resources(self) -> dict[str, Any]:
        """The resources in the state, by name."""
        state = json.loads(self.sh("pulumi stack export --stack dev"))
        return {r["urn"].rpartition("::")[2]: r for r in state["deployment"]["resources"]}


@pytest.fixture(params=TOOLCHAINS)
def reader(request: pytest.FixtureRequest, tmp_path: Path, wheel: Path) -> Iterator[Reader]:
    outside = Outside(tmp_path, wheel, str(free_port()))
    reader = Reader(outside, request.param, lambda: str(request.getfixturevalue("index")))
    yield reader
    pid = outside.folder / "stripe.pid"
    if pid.exists():
        os.kill(int(pid.read_text()), signal.SIGTERM)


@pytest.mark.thorough
@pytest.mark.timeout(1800)
def test_the_page(reader: Reader) -> None:
    before, motd, resource = reader.files(), reader.motd(), reader.resources()["motd"]
    shown = reader.sh(LOOK[reader.toolchain])
    assert "+++ b/billing.py" in shown
    assert reader.files() == before, "nothing is written without --yes"

    said = reader.sh(f"{WRITE[reader.toolchain]}\n{DEPLOY}\njobs -p > ../stripe.pid")
    assert "Wrote 1" in said
    preview, _, rest = said.partition("Updating (dev)")
    up, _, judged = rest.partition("Previewing update")
    created = {"pay-as-you-go", "usage", "usage-monthly"}
    assert set(re.findall(r"^ \+ .* (\S+) create", preview, re.M)) == created
    assert "+ 4 to create" in preview
    assert "+ 4 created" in up
    assert "billing@v1.0.0" in judged
    assert "[mandatory]" not in judged
    assert reader.motd() == motd
    assert reader.resources()["motd"] == resource
    assert "Nothing is left to do" in reader.sh(LOOK[reader.toolchain])

    changed = reader.sh(CHANGE)
    assert "+-1 to replace" in changed
    assert "+-1 replaced" in changed

    removed = reader.sh(OUT)
    assert "- 4 deleted" in removed
    assert set(reader.resources()) & created == set()
    assert reader.motd() == motd
    assert reader.resources()["motd"] == resource
    reader.sh("pulumi destroy --yes --stack dev")
    assert not (reader.outside.folder / "dev.txt").exists()
