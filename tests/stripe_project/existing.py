"""Pulumi projects that exist already: with a dynamic provider of their own, in each of the toolchains."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

TOOLCHAINS = ("pip", "uv", "poetry")

FILES = '''\
"""Files on this machine, as resources."""

from pathlib import Path

from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider


class FileProvider(ResourceProvider):
    def create(self, props):
        Path(props["path"]).write_text(props["content"])
        return CreateResult(props["path"], props)

    def diff(self, id, old, new):
        return DiffResult(changes=old["content"] != new["content"], replaces=["content"])

    def delete(self, id, props):
        Path(id).unlink()


class File(Resource):
    def __init__(self, name, path, content, opts=None):
        super().__init__(FileProvider(), name, {"path": path, "content": content}, opts)
'''

PROGRAM = '''\
"""What the shop runs on."""

import pulumi

from files import File

config = pulumi.Config()
motd = File("motd", path=config.require("path"), content=config.require("motd"))
pulumi.export("motd", motd.id)
'''

PROJECT = """\
# The shop's infrastructure.
name: shop
runtime:
  name: python
  options:
    toolchain: {toolchain}{virtualenv}
description: What the shop runs on # and nothing else

config:
    motd:
        type: string
        default: hello # to everybody
    # where it goes
    path: {{type: string}}
"""

STACK = """\
config:
    # this stack's own
    shop:path: {path}
    shop:undeclared: "1"
encryptionsalt: v1:kVY/bchHiVI=:v1:Z1JYRkLoANIdgiDr:DwAW3L+Acst4aCgoTGYqLfQd4asfMg==
"""
"""The salt is that of an empty passphrase."""

PEP_621 = """\
[project]
name = "shop"
version = "1.0.0"
requires-python = ">=3.11"
dependencies = [
    "pulumi>=3.200,<4",  # the SDK
]

[tool.uv]
package = false
"""

POETRY = """\
[tool.poetry]
package-mode = false

[tool.poetry.dependencies]
python = ">=3.11,<4"
pulumi = ">=3.200,<4"

[build-system]
requires = ["poetry-core>=1"]
build-backend = "poetry.core.masonry.api"
"""


def make(folder: Path, toolchain: str, stacks: tuple[str, ...] = ("dev", "prod")) -> Path:
    """Writes the project; the program's file of each stack is beside it. With pip, its environment is `venv`."""
    folder.mkdir(parents=True, exist_ok=True)
    virtualenv = "\n    virtualenv: venv" if toolchain == "pip" else ""
    (folder / "Pulumi.yaml").write_text(PROJECT.format(toolchain=toolchain, virtualenv=virtualenv))
    for stack in stacks:
        (folder / f"Pulumi.{stack}.yaml").write_text(STACK.format(path=folder.parent / f"{stack}.txt"))
    (folder / "files.py").write_text(FILES)
    (folder / "__main__.py").write_text(PROGRAM)
    (folder / ".gitignore").write_text("venv/\n*.pyc")
    if toolchain == "pip":
        (folder / "requirements.txt").write_text("pulumi>=3.200,<4\n")
    else:
        (folder / "pyproject.toml").write_text(PEP_621 if toolchain == "uv" else POETRY)
        (folder / f"{toolchain}.lock").touch()
    return folder


def contents(folder: Path, hidden: Collection[str] = ()) -> dict[str, str]:
    """All files of a folder, by their paths in it, but for those in folders, or of names, that are hidden."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    shown = (path for path in files if not set(path.relative_to(folder).parts) & set(hidden))
    return {path.relative_to(folder).as_posix(): path.read_text() for path in shown}
