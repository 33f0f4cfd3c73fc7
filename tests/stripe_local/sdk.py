"""The endpoints that the installed SDK calls, with the class of their parameters."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def endpoint(method: str, path: str) -> str:
    """One name for an endpoint, whatever its path's parameters are called: "GET /v1/prices/{}"."""
    return f"{method.upper()} {re.sub('{.*?}', '{}', path)}"


def parameters() -> dict[str, tuple[str, str]]:
    """Endpoint → the module and the class of its parameters."""
    spec = importlib.util.find_spec("stripe")
    assert spec is not None
    (folder,) = spec.submodule_search_locations or ()
    return dict(found for path in Path(folder).rglob("*_service.py") for found in _of(ast.parse(path.read_text())))


def load(place: tuple[str, str]) -> Any:
    """The class at a place that `parameters` gives."""
    return getattr(importlib.import_module(place[0]), place[1])


def _of(tree: ast.Module) -> Iterator[tuple[str, tuple[str, str]]]:
    modules = {
        alias.name: node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        annotations = [ast.unparse(a.annotation) for a in function.args.args if a.arg == "params" and a.annotation]
        names = [name for text in annotations for name in re.findall(r"\w+Params\b", text)]
        for call in ast.walk(function):
            if names and isinstance(call, ast.Call) and ast.unparse(call.func) == "self._request":
                method, path = call.args[:2]
                template = path.func.value if isinstance(path, ast.Call) and isinstance(path.func, ast.Attribute) else path
                yield endpoint(ast.literal_eval(method), ast.literal_eval(template)), (modules[names[0]], names[0])
