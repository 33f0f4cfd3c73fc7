"""Which interpreter runs a program: that of the virtual environment of the project's toolchain (pip, poetry, uv).

It is the one that the CLI takes; it has to be there, as nothing is installed. Two things go beyond the CLI, so that poetry need
not be on PATH: `virtualenv` also holds for poetry, and poetry's `.venv` is found without asking it.
https://www.pulumi.com/docs/iac/languages-sdks/python/#package-management-and-virtual-environments
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pulumi_local.errors import EngineError
from pulumi_local.interfaces import Interpreter

_LOCKS = {"uv.lock": "uv", "poetry.lock": "poetry"}


def interpreter(root: Path, program: Path, options: Mapping[str, Any], file: str) -> Interpreter:
    """The interpreter of a project or policy pack whose `file` is in the folder `root`, its program in `program`.

    Raises EngineError, with what to do, where the options are wrong or the virtual environment is not there.
    """
    toolchain, virtualenv = _option(options, "toolchain", file), _option(options, "virtualenv", file)
    if toolchain not in ("", "pip", *_LOCKS.values()):
        raise EngineError(f"{file}: unsupported toolchain option: {toolchain}; it is pip, poetry or uv")
    toolchain = toolchain or detected(program)
    if virtualenv:
        return _named(root, virtualenv, toolchain, file)
    if toolchain == "uv":
        return _of_uv(program)
    return _of_poetry(program) if toolchain == "poetry" else _on_path()


def detected(program: Path) -> str:
    """The toolchain of a program whose project names none: by the lock file, else pip."""
    return next((tool for lock, tool in _LOCKS.items() if above(program, lock)), "pip")


def typechecker(options: Mapping[str, Any], file: str) -> str:
    """The module that checks a program's types before it runs, or "". Raises EngineError for one that is not supported."""
    chosen = _option(options, "typechecker", file)
    if "typechecker" in options and chosen not in ("mypy", "pyright"):
        raise EngineError(f"{file}: unsupported typechecker option: {chosen}; it is mypy or pyright")
    return chosen


def _option(options: Mapping[str, Any], name: str, file: str) -> str:
    value = options.get(name) or ""
    if not isinstance(value, str):
        raise EngineError(f"{file}: {name} option must be a string")
    return value


def _python(virtualenv: Path) -> Interpreter | None:
    found = (virtualenv / "bin" / "python", virtualenv / "Scripts" / "python.exe")
    return next((Interpreter(str(python), virtualenv) for python in found if python.is_file()), None)


def _named(root: Path, virtualenv: str, toolchain: str, file: str) -> Interpreter:
    folder = root / virtualenv
    if python := _python(folder):
        return python
    install = {
        "pip": f"{folder}/bin/python -m pip install -r {root / 'requirements.txt'}",
        "poetry": f"VIRTUAL_ENV={folder} poetry install --directory {root}",
        "uv": f"UV_PROJECT_ENVIRONMENT={folder} uv sync --directory {root}",
    }
    raise EngineError(
        f'The \'virtualenv\' option in {file} is set to "{virtualenv}", but "{folder}" doesn\'t appear to be a virtual '
        f"environment. Run the following commands to create the virtual environment and install dependencies into it:\n"
        f"    1. python3 -m venv {folder}\n    2. {install[toolchain]}"
    )


def _of_uv(program: Path) -> Interpreter:
    home = above(program, "uv.lock") or above(program, "pyproject.toml") or program
    folder = home / (os.environ.get("UV_PROJECT_ENVIRONMENT") or ".venv")
    if python := _python(folder):
        return python
    raise EngineError(f"'{folder}' is not a virtualenv; run `uv sync --directory {home}` to create it and install dependencies")


def _of_poetry(program: Path) -> Interpreter:
    home = above(program, "pyproject.toml") or above(program, "poetry.lock") or program
    if python := _python(home / ".venv"):
        return python
    poetry = shutil.which("poetry")
    if poetry is None:
        raise EngineError(
            f"Could not find `poetry` executable, nor a virtual environment in {home / '.venv'}.\n"
            f"Install poetry, make sure it is in your PATH, and run `poetry install --directory {home}`; or set `virtualenv`, "
            "an option of the runtime, to a virtual environment that is there."
        )
    asked = subprocess.run([poetry, "env", "info", "--path"], cwd=program, capture_output=True, text=True, check=False)
    path = asked.stdout.strip()
    if python := _python(Path(path)) if path and not asked.returncode else None:
        return python
    raise EngineError(
        f"poetry has no virtual environment for {home} (`poetry env info --path` ended with exit code {asked.returncode}); run "
        f"`poetry install --directory {home}` to create it and install dependencies"
        + (f":\n{asked.stderr.strip()}" if asked.stderr.strip() else "")
    )


def _on_path() -> Interpreter:
    named = os.environ.get("PULUMI_PYTHON_CMD")
    commands = [named] if named else ["python3", "python"]
    for command in commands:
        if found := shutil.which(command):
            return Interpreter(found)
    raise EngineError(f"failed to locate any of {commands} on your PATH. Have you installed Python 3.11 or greater?")


def above(start: Path, name: str) -> Path | None:
    """The nearest folder, `start` or above it, that has such a file."""
    return next((folder for folder in (start, *start.parents) if (folder / name).exists()), None)
