"""Ranges of versions, as the Pulumi CLI reads them: https://pkg.go.dev/github.com/blang/semver#ParseRange."""

from __future__ import annotations

import re
from collections.abc import Callable

from pulumi_local import CLI_VERSION
from pulumi_local.errors import EngineError

_FULL = f"{CLI_VERSION}.0"
_Version = tuple[int, int, int, bool]
"""Major, minor, patch, and whether it is a release: what comes before one is less."""

_PART = re.compile(
    r"(?P<operator>[<>=!]*)(?P<version>\d+\.(?:x(?:\.x)?|\d+\.(?:x|\d+(?P<early>-[0-9A-Za-z.-]+)?)))(?:\+[0-9A-Za-z.-]+)?"
)
_COMPARISONS: dict[str, Callable[[_Version, _Version], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "": lambda a, b: a == b,
    "!": lambda a, b: a != b,
}
_SAME = {"=": "", "==": "", "!=": "!"}
_WILD = {"": (">=", "<"), "!": ("<", ">="), ">": ("", ">="), ">=": (">=", ""), "<": ("<", ""), "<=": ("", "<")}
"""What an operator asks of a version: towards the first one that a wildcard covers, and towards the first one above those."""


def require(wanted: str) -> None:
    """Raises EngineError where the CLI that this engine stands for is not in the range of versions, or the range is not one."""
    if wanted and not _holds(wanted, _numbers(_FULL)):
        raise EngineError(
            f'Pulumi CLI version {_FULL} does not satisfy the version range "{wanted}"; pulumi_local stands for that version: '
            "use the Pulumi CLI, or widen the range"
        )


def _numbers(version: str, *, early: bool = False) -> _Version:
    major, minor, patch = (int(number) for number in version.partition("-")[0].split("."))
    return major, minor, patch, not early


def _holds(wanted: str, version: _Version) -> bool:
    alternatives = [part.split() for part in re.sub(r"([<>=!])\s+", r"\1", wanted).split("||")]
    found = [[_part(part, wanted, version) for part in parts or [""]] for parts in alternatives]
    return any(all(parts) for parts in found)


def _part(part: str, wanted: str, version: _Version) -> bool:
    found = _PART.fullmatch(part)
    operator = _SAME.get(found["operator"], found["operator"]) if found else ""
    if not found or operator not in _COMPARISONS:
        raise EngineError(
            f'parsing CLI version range "{wanted}": {part!r} is no part of a range; write it as in ">=3.200.0 !3.210.1" or "3.x"'
        )
    text = found["version"]
    if "x" not in text:
        return _COMPARISONS[operator](version, _numbers(text, early=bool(found["early"])))
    *above, last = (int(number) for number in text.split(".") if number != "x")
    bounds = (_numbers(".".join(map(str, [*above, end, 0, 0][:3]))) for end in (last, last + 1))
    return all(_COMPARISONS[towards](version, bound) for towards, bound in zip(_WILD[operator], bounds, strict=True) if towards)
