"""Installed without an extra, whatever needs it says in one line which one to install; all else does without."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.package.test_dependencies import BESIDE, BY_DEFAULT, EXTRAS, PROJECT, SERVES
from tests.package.venv import Venv
from tests.rooms.sources import ROOT

pytestmark = pytest.mark.thorough

COMMANDS = {name: target.partition(".")[0] for name, target in PROJECT["scripts"].items()}
"""The package of each console command."""
BY_MODULE = [("python", "-m", path.parent.name) for path in ROOT.glob("[ps]*_*/__main__.py")]
EXTRA_OF = {package: extra for extra, packages in SERVES.items() if extra not in BESIDE for package in packages}


def remedy(extra: str) -> str:
    return f"pip install 'pulumi-stripe-billing[{extra}]'"


def names_the_extra(venv: Venv, folder: Path, *command: str, extra: str, **environment: str) -> str:
    """What is wrong with the answer of a command whose extra is missing; "" for nothing."""
    done = venv.run(*command, cwd=folder, environment=environment)
    lines = done.stderr.splitlines()
    right = (done.returncode, done.stdout, len(lines)) == (1, "", 1) and lines[0].endswith(remedy(extra))
    return "" if right else f"{' '.join(command)}: {done.returncode}\n{done.stdout}{done.stderr}"


def shows_help(venv: Venv, folder: Path, *command: str) -> str:
    done = venv.run(*command, "--help", cwd=folder)
    right = (done.returncode, done.stderr) == (0, "") and "usage:" in done.stdout.lower()
    return "" if right else f"{' '.join(command)}: {done.returncode}\n{done.stdout}{done.stderr}"


def test_by_default(wheel: Path, tmp_path: Path) -> None:
    """Resources, plans and prices can be imported, and every command that needs more names its extra."""
    venv = Venv.make(tmp_path / "venv", wheel)
    done = venv.run("python", "-c", f"import {', '.join(sorted(BY_DEFAULT))}", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    wrong = [names_the_extra(venv, tmp_path, "python", "-c", "import stripe_policy", extra="policy")]
    for command, package in [*(((name,), of) for name, of in COMMANDS.items()), *((c, c[-1]) for c in BY_MODULE)]:
        extra = EXTRA_OF.get(package)
        wrong.append(names_the_extra(venv, tmp_path, *command, extra=extra) if extra else shows_help(venv, tmp_path, *command))

    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (tmp_path / "Pulumi.dev.yaml").write_text("config:\n  stripe:apiBase: http://127.0.0.1:9\n")
    (tmp_path / "Pulumi.prod.yaml").write_text("config: {}\n")
    for stack in ("dev", "prod"):  # one misses the local Stripe, the other the local engine
        up = ("stripe-project", "up", "--stack", stack, "--yes")
        wrong.append(names_the_extra(venv, tmp_path, *up, extra="local", PULUMI_ENGINE="local"))
    assert not any(wrong), "\n".join(filter(None, wrong))


@pytest.mark.parametrize("installed", EXTRAS)
def test_with_one_extra(installed: str, wheel: Path, tmp_path: Path) -> None:
    """Its commands and packages do without the others."""
    beside = [BESIDE[installed]] if installed in BESIDE else []
    venv = Venv.make(tmp_path / "venv", wheel, [installed, *beside])
    packages = sorted(BY_DEFAULT | SERVES[installed])
    done = venv.run("python", "-c", f"import {', '.join(packages)}", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    wrong = [shows_help(venv, tmp_path, name) for name, of in COMMANDS.items() if of in SERVES[installed]]
    assert not any(wrong), "\n".join(filter(None, wrong))
