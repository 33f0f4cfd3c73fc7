"""What the packages import is what their extra installs, and nothing is asked for that nobody imports."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator

import pytest

from tests.rooms.sources import ROOT, packages

SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text())
PROJECT = SETTINGS["project"]
PACKAGES: list[str] = SETTINGS["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]

SERVES = {
    "usage": {"stripe_usage"},
    "policy": {"stripe_policy"},
    "impact": set[str](),
    "local": {"pulumi_local", "stripe_local"},
    "scale": {"stripe_sources"},
    "spark": {"stripe_sources"},
    "postgres": {"stripe_usage"},
}
"""The packages that import what an extra brings. All others do without."""
BESIDE = {"spark": "scale", "postgres": "usage"}
"""Extras that are of use beside another one only."""
ALSO_WITHOUT = {"stripe_sources"}
"""Imports what its extra brings where that is needed: files of rows are read without."""
BY_DEFAULT = set(PACKAGES).difference(*SERVES.values()) | ALSO_WITHOUT

IMPORTED_AS = {"ibis-framework": "ibis", "pulumi-policy": "pulumi_policy", "pyyaml": "yaml", "ruamel.yaml": "ruamel"}
"""What a distribution is imported as, where that is not its name."""
THROUGH = {"google": "pulumi", "grpc": "pulumi"}
"""Installed by another distribution, which alone can say which version: Pulumi's protocol is generated for one."""
BRINGS = {"uvicorn.protocols.http.httptools_impl": "httptools"}
"""What is imported by a module that we import, and not installed with it."""


def asked_for(requirements: list[str]) -> set[str]:
    """What these requirements are imported as."""
    names = [re.split(r"[\[<>=!~; ]", requirement)[0] for requirement in requirements]
    return {IMPORTED_AS.get(name, name) for name in names}


PRESENT = {"stripe_local": {"pytest"}}
"""What is there whenever the one module is imported that imports it: fixtures, by pytest."""

DEFAULT = asked_for(PROJECT["dependencies"])
EXTRAS = {name: asked_for(requirements) for name, requirements in PROJECT["optional-dependencies"].items()}
REQUIREMENTS = [*PROJECT["dependencies"], *(r for extra in PROJECT["optional-dependencies"].values() for r in extra)]


def imported(package: str) -> set[str]:
    """What a package imports that is neither Python's nor ours, wherever in a file."""
    found = set(_modules(package))
    tops = {module.partition(".")[0] for module in found} - sys.stdlib_module_names - packages()
    return {THROUGH.get(top, top) for top in tops} | {name for module, name in BRINGS.items() if module in found}


def _modules(package: str) -> Iterator[str]:
    for path in (ROOT / package).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                yield node.module or ""


def test_every_package_for_users_is_in_the_wheel() -> None:
    assert set(PACKAGES) == packages() - {"benchmarks", "scripts", "tests"}


@pytest.mark.parametrize("package", PACKAGES)
def test_what_a_package_imports_is_installed_with_it(package: str) -> None:
    installed = DEFAULT.union(*(EXTRAS[extra] for extra, served in SERVES.items() if package in served))
    assert imported(package) - installed == PRESENT.get(package, set())


def test_nothing_is_installed_that_is_not_imported() -> None:
    assert EXTRAS.keys() == SERVES.keys()
    needed = {extra: set[str]().union(*map(imported, served)) for extra, served in SERVES.items()}
    assert {extra: modules - needed[extra] for extra, modules in EXTRAS.items() if modules - needed[extra]} == {}
    assert DEFAULT - set[str]().union(*map(imported, BY_DEFAULT)) == set()


def test_every_dependency_has_a_lower_bound_and_few_an_upper_one() -> None:
    assert [r for r in REQUIREMENTS if ">=" not in r] == []
    bounded = ["stripe>=16.1,<17", "duckdb>=1.5.6,<2", "sqlglot>=28.0,<30.18", "pyspark>=4.0.5,<4.1"]
    assert [r for r in REQUIREMENTS if re.search("[<!~]|==", r)] == bounded
