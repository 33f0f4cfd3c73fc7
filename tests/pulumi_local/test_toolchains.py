"""Which virtual environment a program runs in, with pip, poetry and uv; and what a user is told where there is none."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.pulumi_local.shop import Shop

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
PYPROJECT = f'[project]\nname = "x"\nversion = "0.1.0"\nrequires-python = "=={PYTHON}.*"\n\n[tool.poetry]\npackage-mode = false\n'
PROGRAM = """
import os, shutil, sys, pulumi
from pulumi.dynamic import CreateResult, Resource, ResourceProvider

def seen():
    variables = {name: os.environ.get(name) for name in ("VIRTUAL_ENV", "PYTHONHOME")}
    return {"prefix": sys.prefix, "python": shutil.which("python"), **variables}

class Provider(ResourceProvider):
    def create(self, props):
        return CreateResult("1", {"seen": seen()})

class Looking(Resource):
    seen: pulumi.Output[dict]

    def __init__(self, name):
        super().__init__(Provider(), name, {"seen": None})

pulumi.export("prefix", sys.prefix)
pulumi.export("program", seen())
pulumi.export("provider", Looking("looking").seen)
"""
PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
TOOLS = {tool: shutil.which(tool, path=PATH) for tool in ("poetry", "uv")}
NEEDS = {
    tool: pytest.mark.skipif(not path, reason=f"needs {tool} on PATH: `pipx install {tool}`") for tool, path in TOOLS.items()
}


class Project(Shop):
    """A project whose program says which environment it runs in; neither poetry nor uv is on PATH."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        (self.folder / "__main__.py").write_text(PROGRAM)
        self.bin = folder / "bin"
        self.bin.mkdir()
        for name in ("python", "python3"):
            (self.bin / name).symlink_to(sys.executable)
        self.env["PATH"] = f"{self.bin}:/usr/bin:/bin"
        for name in ("VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT"):
            self.env.pop(name, None)

    def give(self, tool: str) -> None:
        """From now on the tool is on PATH, with a cache of its own, and no download of interpreters."""
        (self.bin / tool).write_text(f'#!/bin/sh\nexec {TOOLS[tool]} "$@"\n')
        (self.bin / tool).chmod(0o755)
        self.env |= {"UV_PYTHON": sys.executable, "UV_PYTHON_DOWNLOADS": "never", "POETRY_CACHE_DIR": str(self.bin / "cache")}

    def says(self, **options: object) -> None:
        lines = "".join(f"    {name}: {value}\n" for name, value in options.items())
        (self.folder / "Pulumi.yaml").write_text("name: shop\nruntime:\n  name: python\n  options:\n" + lines)

    def prefix(self) -> Path:
        """The environment that the program runs in."""
        self.up()
        return Path(self.ok("stack", "output", "prefix").out.strip())

    def refused(self) -> str:
        ended = self.run("preview")
        assert (ended.code, "Traceback" in ended.err) == (1, False)
        return ended.err


def with_sdk(venv: Path) -> Path:
    """Makes the SDK importable in a virtual environment."""
    (venv / "lib" / f"python{PYTHON}" / "site-packages" / "sdk.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    return venv


def environment(folder: Path) -> Path:
    """A virtual environment that has the SDK."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    return with_sdk(folder)


@pytest.fixture
def project(initialised: Shop, tmp_path: Path) -> Project:
    """A project whose stack is "dev"."""
    shutil.copytree(initialised.backend, tmp_path / "state")
    made = Project(tmp_path)
    shutil.copy(initialised.folder / "Pulumi.dev.yaml", made.folder)
    made.env["PULUMI_STACK"] = "dev"
    return made


@pytest.mark.parametrize(
    "how",
    [
        "toolchain: poetry",
        *(pytest.param(how, marks=pytest.mark.thorough) for how in ("poetry.lock", "toolchain: uv", "uv.lock", "toolchain: pip")),
    ],
)
def test_a_virtualenv_that_is_named_is_used_whatever_the_toolchain(project: Project, how: str) -> None:
    made = environment(project.folder / "env")
    if how.endswith(".lock"):
        (project.folder / how).write_text("")
        project.says(virtualenv="env")
    else:
        project.says(virtualenv="env", toolchain=how.partition(": ")[2])
    assert project.prefix() == made


@pytest.mark.parametrize("tool", ["poetry", pytest.param("uv", marks=pytest.mark.thorough)])
def test_the_folder_venv_beside_pyproject_is_used_and_not_one_that_is_nearer(project: Project, tool: str) -> None:
    below = project.folder / "below"
    below.mkdir()
    shutil.move(project.folder / "__main__.py", below)
    (project.folder / "pyproject.toml").write_text(PYPROJECT)
    project.says(toolchain=tool)
    file = project.folder / "Pulumi.yaml"
    file.write_text(file.read_text() + "main: below\n")
    environment(below / ".venv")
    made = environment(project.folder / ".venv")
    assert project.prefix() == made


@pytest.mark.thorough
def test_uv_takes_the_folder_that_its_own_variable_names(project: Project) -> None:
    (project.folder / "uv.lock").write_text("")
    made = environment(project.folder / "elsewhere")
    project.env["UV_PROJECT_ENVIRONMENT"] = "elsewhere"
    assert project.prefix() == made


def test_what_is_missing_is_named_with_its_remedy(project: Project) -> None:
    folder = project.folder
    project.says(toolchain="poetry")
    assert project.refused() == (
        f"error: Could not find `poetry` executable, nor a virtual environment in {folder}/.venv.\n"
        f"Install poetry, make sure it is in your PATH, and run `poetry install --directory {folder}`; or set `virtualenv`, "
        "an option of the runtime, to a virtual environment that is there.\n"
    )
    project.says(toolchain="uv")
    assert project.refused() == (
        f"error: '{folder}/.venv' is not a virtualenv; run `uv sync --directory {folder}` to create it and install dependencies\n"
    )
    for toolchain, command in (
        ("pip", f"{folder}/env/bin/python -m pip install -r {folder}/requirements.txt"),
        ("poetry", f"VIRTUAL_ENV={folder}/env poetry install --directory {folder}"),
        ("uv", f"UV_PROJECT_ENVIRONMENT={folder}/env uv sync --directory {folder}"),
    ):
        project.says(toolchain=toolchain, virtualenv="env")
        said = project.refused()
        assert f'"{folder}/env" doesn\'t appear to be a virtual environment.' in said
        assert said.endswith(f"    1. python3 -m venv {folder}/env\n    2. {command}\n")


def test_the_virtual_environment_is_activated_for_program_and_provider(project: Project) -> None:
    made = environment(project.folder / "env")
    project.says(virtualenv="env")
    project.env["PYTHONHOME"] = sys.base_prefix
    project.up()
    outputs = json.loads(project.ok("stack", "output", "--json").out)
    assert outputs["program"] == {
        "prefix": str(made),
        "python": f"{made}/bin/python",
        "VIRTUAL_ENV": str(made),
        "PYTHONHOME": None,
    }
    assert outputs["provider"] == {name: value for name, value in outputs["program"].items() if value is not None}


def test_without_a_virtual_environment_none_is_activated(project: Project) -> None:
    project.env["PULUMI_PYTHON_CMD"] = sys.executable
    project.up()
    seen = json.loads(project.ok("stack", "output", "program").out)
    assert (seen["VIRTUAL_ENV"], seen["python"]) == (None, f"{project.bin}/python")


@pytest.mark.thorough
def test_the_type_checker_of_the_project_comes_before_the_program(project: Project) -> None:
    environment(project.folder / "env")
    project.says(virtualenv="env", typechecker="mypy")
    (project.folder / "__main__.py").write_text("size: int = 'large'\n")
    ended = project.run("preview")
    assert ended.code == 1
    assert "error: mypy failed: exit status 1" in ended.out
    assert (
        '__main__.py:1: error: Incompatible types in assignment (expression has type "str", variable has type "int")' in ended.out
    )
    (project.folder / "__main__.py").write_text("size: int = 2\n")
    assert project.run("preview").code == 0


def test_a_type_checker_that_is_not_there_is_named(project: Project) -> None:
    environment(project.folder / "env")
    project.says(virtualenv="env", typechecker="pyright")
    ended = project.run("preview")
    assert ended.code == 1
    assert "The typechecker option is set to pyright, but pyright is not installed." in ended.out


def test_options_that_make_no_sense_are_refused(project: Project) -> None:
    project.says(toolchain="conda")
    assert project.refused() == "error: Pulumi.yaml: unsupported toolchain option: conda; it is pip, poetry or uv\n"
    project.says(typechecker="pytype")
    assert project.refused() == "error: Pulumi.yaml: unsupported typechecker option: pytype; it is mypy or pyright\n"
    project.says(virtualenv="[a]")
    assert project.refused() == "error: Pulumi.yaml: virtualenv option must be a string\n"


@pytest.mark.thorough
@pytest.mark.parametrize("tool", [pytest.param(tool, marks=NEEDS[tool]) for tool in TOOLS])
def test_the_remedy_of_the_message_is_one(project: Project, tool: str) -> None:
    project.give(tool)
    (project.folder / "pyproject.toml").write_text(PYPROJECT)
    for options in ({}, {"virtualenv": "env"}):
        project.says(toolchain=tool, **options)
        said = project.refused()
        commands = re.findall(r"^ +\d\. (.+)$", said, re.MULTILINE) or re.findall(r"run `(.+?)`", said)
        assert commands
        for command in commands:
            subprocess.run(command, shell=True, env=project.env, cwd="/", check=True, capture_output=True)
        made = project.folder / "env" if options else asked(project, tool)
        with_sdk(made)
        assert project.prefix() == made


def asked(project: Project, tool: str) -> Path:
    """Where the tool has put its environment."""
    if tool == "uv":
        return project.folder / ".venv"
    command = ["poetry", "env", "info", "--path"]
    found = subprocess.run(command, env=project.env, cwd=project.folder, check=True, capture_output=True, text=True)
    assert os.fspath(project.folder) not in found.stdout
    return Path(found.stdout.strip())
