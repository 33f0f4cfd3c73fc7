"""The contracts on imports in pyproject.toml cover every package, and are about packages."""

from __future__ import annotations

import ast
import tomllib
from collections import Counter
from typing import Any

import pytest

from tests.rooms.sources import ROOT, modules, packages

TOOLS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
CONTRACTS = TOOLS["importlinter"]["contracts"]
MODULES = modules()


def test_every_package_is_under_contract_type_checked_and_measured() -> None:
    ours = packages() - {"tests"}
    assert set(TOOLS["importlinter"]["root_packages"]) == ours
    assert set(TOOLS["mypy"]["packages"]) == ours
    assert set(TOOLS["coverage"]["run"]["source_pkgs"]) == ours - {"benchmarks"}


def files_listed(contract: dict[str, Any]) -> list[str]:
    """Folders of which a contract lists several files, so that the next file would be outside it.

    Layers name the files of a folder where `exhaustive` holds the next file to be among them.
    """
    folders = Counter(
        (key, name.rpartition(".")[0])
        for key, value in contract.items()
        if isinstance(value, list)
        for name in value
        if name in MODULES and MODULES[name].name != "__init__.py"
    )
    found = [f"{contract['name']}: {key} of {folder}" for (key, folder), count in folders.items() if count > 1]
    if contract["type"] == "layers" and not contract.get("exhaustive"):
        names = [name.strip() for layer in contract["layers"] for name in layer.replace(":", "|").split("|")]
        for container in contract.get("containers", []):
            if any(MODULES.get(f"{container}.{name}", ROOT / "__init__.py").name != "__init__.py" for name in names):
                found.append(f"{contract['name']}: layers of {container} without `exhaustive`")
    return found


def test_no_contract_lists_files() -> None:
    found = [said for contract in CONTRACTS for said in files_listed(contract)]
    assert not found, "Give the files a folder:\n" + "\n".join(found)


@pytest.mark.parametrize(
    ("contract", "listed"),
    [
        ({"source_modules": ["tests.rooms.sources", "tests.rooms.circles"]}, ["C: source_modules of tests.rooms"]),
        ({"source_modules": ["tests.rooms.sources"], "forbidden_modules": ["tests.sampling", "requests"]}, []),
        ({"source_modules": ["tests.rooms", "tests.docs"]}, []),
        ({"type": "layers", "layers": ["privates | circles", "sources"], "containers": ["tests.rooms"]}, None),
        ({"type": "layers", "layers": ["circles", "sources"], "containers": ["tests.rooms"], "exhaustive": True}, []),
        ({"type": "layers", "layers": ["rooms", "docs"], "containers": ["tests"]}, []),
    ],
)
def test_which_lists_are_found(contract: dict[str, Any], listed: list[str] | None) -> None:
    expected = ["C: layers of tests.rooms without `exhaustive`"] if listed is None else listed
    assert files_listed({"name": "C", "type": "forbidden", **contract}) == expected


@pytest.mark.parametrize(
    ("program", "rooms"),
    [("__main__", {"stripe_components", "stripe_resources"}), ("policy.__main__", {"stripe_policy"})],
)
def test_what_the_programs_import(program: str, rooms: set[str]) -> None:
    """Neither is in a package, so that no contract reaches them."""
    tree = ast.parse(MODULES[program].read_text())
    imported = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert imported & set(MODULES) == rooms
