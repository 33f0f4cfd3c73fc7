"""CHANGELOG.md, as Keep a Changelog 1.1.0 has it: https://keepachangelog.com/en/1.1.0/. Pure."""

from __future__ import annotations

import re

UNRELEASED = "Unreleased"

_HEADING = re.compile(r"^## \[(?P<version>[^\]]+)\](?: - (?P<date>\d{4}-\d{2}-\d{2}))?[ \t]*$", re.M)
_LINK = re.compile(r"^\[[^\]]+\]: \S+[ \t]*$", re.M)


def sections(text: str) -> dict[str, str]:
    """What is said of each version, the newest first; `UNRELEASED` is one of them. Without the links at the end."""
    headings = list(_HEADING.finditer(text))
    ends = [heading.start() for heading in headings[1:]] + [len(text)]
    return {h["version"]: _LINK.sub("", text[h.end() : end]).strip() for h, end in zip(headings, ends, strict=True)}


def dates(text: str) -> dict[str, str]:
    """When each version was released, such as "2026-11-29"; "" of one that was not."""
    return {heading["version"]: heading["date"] or "" for heading in _HEADING.finditer(text)}
