"""Which endpoints Stripe has, read from the source of the installed SDK; only used when the local Stripe lacks one."""

from __future__ import annotations

import functools
import importlib.util
import re
from pathlib import Path

_CALL = re.compile(r'_request\(\s*"(\w+)",\s*"(/v\d/[^"]*)"')


@functools.cache
def endpoints() -> frozenset[tuple[str, str]]:
    """(method, path) of every endpoint, as ("GET", "/v1/prices/{price}"); none where the SDK is not installed."""
    spec = importlib.util.find_spec("stripe")
    folders = (spec.submodule_search_locations if spec else None) or ()
    calls = [_CALL.findall(file.read_text()) for folder in folders for file in Path(folder).rglob("*_service.py")]
    return frozenset((method.upper(), path) for found in calls for method, path in found)


def stripe_has(method: str, path: str) -> bool:
    """Whether one of Stripe's endpoints serves the path."""
    return any(method == known and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", fits), path) for known, fits in endpoints())
