"""Imports of private names: `_name`, as a module, a name in a module, or an attribute of an imported module."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Set
from pathlib import Path


def private_imports(modules: Mapping[str, Path]) -> Iterator[str]:
    """The private names that are used outside the package they are in, as "importer: dotted.name".

    The tests of a package (`tests.<package>`) may use all that is private in it.
    """
    packages = {name for name, path in modules.items() if path.name == "__init__.py"}
    for importer, path in modules.items():
        for used in sorted(set(_used(importer, path, modules))):
            owner = _owner(used, modules, packages)
            if owner is not None and not _within(importer, owner) and not _tests(importer, used):
                yield f"{importer}: {used}"


def _used(importer: str, path: Path, modules: Mapping[str, Path]) -> Iterator[str]:
    """Dotted names that a file imports, or reaches as attributes of modules that it imports, each up to its private part."""
    tree = ast.parse(path.read_text(), path)
    bound: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            base = _base(importer, path, node)
            for alias in node.names:
                yield from _private(f"{base}.{alias.name}")
                if f"{base}.{alias.name}" in modules:
                    bound[alias.asname or alias.name] = f"{base}.{alias.name}"
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield from _private(alias.name)
                name = alias.asname or alias.name.partition(".")[0]
                bound[name] = alias.name if alias.asname else name
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            name, _, rest = ast.unparse(node).partition(".")
            if name in bound:
                yield from _private(f"{bound[name]}.{rest}")


def _base(importer: str, path: Path, node: ast.ImportFrom) -> str:
    """The module that `from … import` names, made absolute."""
    if not node.level:
        return node.module or ""
    levels = node.level - (path.name == "__init__.py")
    parts = importer.split(".")
    return ".".join([*parts[: len(parts) - levels], *filter(None, [node.module])])


def _private(dotted: str) -> Iterator[str]:
    """The name up to its first private part, if it has one."""
    parts = dotted.split(".")
    for i, part in enumerate(parts):
        if part.startswith("_") and not part.startswith("__"):
            yield ".".join(parts[: i + 1])
            return


def _owner(used: str, modules: Mapping[str, Path], packages: Set[str]) -> str | None:
    """The package that a private name is in; None where it is not of ours, or in a class."""
    holder = used.rpartition(".")[0]
    if holder not in modules:
        return None
    return holder if holder in packages else holder.rpartition(".")[0]


def _within(importer: str, package: str) -> bool:
    return importer == package or importer.startswith(f"{package}.")


def _tests(importer: str, used: str) -> bool:
    """Whether the importer is a test of the package that the name is in."""
    return _within(importer, f"tests.{used.partition('.')[0]}")
