"""The repository of a user who has installed the package: nothing in it is of the checkout."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from tests.clients.installing import NPM_INSTALL, ROOT, install, need

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the user's programs (that of docs/typing.md is `page.py`), and in `.venv` what the wheel has; what that
    depends on is this environment's."""
    folder = tmp_path_factory.mktemp("user")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder / "dist")]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    shutil.copytree(HERE / "user", folder, dirs_exist_ok=True)
    (block,) = re.findall("^```python\n(.*?)^```$", (ROOT / "docs" / "typing.md").read_text(), flags=re.M | re.S)
    (folder / "page.py").write_text(block)
    venv.create(folder / ".venv", with_pip=False)
    (packages,) = (folder / ".venv").glob("lib/python*/site-packages")
    (wheel,) = (folder / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(packages)
    # Only added to the path: the .pth file in there that leads to the checkout is not looked at.
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    return folder


@pytest.fixture(scope="session")
def pyright(repository: Path) -> list[str]:
    """The start of the commands of Pyright: `index.js` and `langserver.index.js` in its folder are to follow."""
    node, npm = need("node", "install Node.js 20 or later"), need("npm", "install npm")
    folder = install("pyright", [HERE / "package.json"], [npm, *NPM_INSTALL], "node_modules/pyright/index.js")
    return [node, str(folder / "node_modules" / "pyright")]
