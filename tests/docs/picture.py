"""A terminal as an SVG: what commands print, in their colours, on a dark ground of its own, legible on any page."""

from __future__ import annotations

import re
from html import escape

COLORS = {"91": "#ff7b72", "92": "#7ee787", "33": "#e3b341", "95": "#d2a8ff"}
"""Of the colours that the engine prints (SGR codes)."""
PROMPT, TEXT, GROUND, EDGE = "#79c0ff", "#e6edf3", "#0d1117", "#6e7681"
CHARACTER, LINE, MARGIN = 7.9, 19, 18
"""Pixels."""


def drawn(text: str, title: str) -> str:
    """The picture of lines with SGR codes; those that begin with `$ ` are what was typed."""
    lines = text.splitlines()
    width = max(len(plain(line)) for line in lines) * CHARACTER + 2 * MARGIN
    height = len(lines) * LINE + 2 * MARGIN
    rows = [
        f'<text x="{MARGIN}" y="{MARGIN + i * LINE + 14}" xml:space="preserve">{_row(line)}</text>'
        for i, line in enumerate(lines)
        if line.strip()
    ]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" width="{width:.0f}" height="{height}"'
            f' font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="13" fill="{TEXT}" role="img">',
            f"<title>{escape(title)}</title>",
            f'<rect x="0.5" y="0.5" width="{width - 1:.0f}" height="{height - 1}" rx="8" fill="{GROUND}" stroke="{EDGE}"/>',
            *rows,
            "</svg>\n",
        ]
    )


def plain(text: str) -> str:
    """Without SGR codes."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def _row(line: str) -> str:
    if line.startswith("$ "):
        return f'<tspan fill="{PROMPT}">{escape(line)}</tspan>'
    color, shown = "", []
    for part in re.split(r"(\x1b\[[0-9;]*m)", line):
        if code := re.fullmatch(r"\x1b\[([0-9;]*)m", part):
            color = COLORS.get(code[1], "" if code[1] == "0" else color)
        elif part:
            shown.append(f'<tspan fill="{color}">{escape(part)}</tspan>' if color else escape(part))
    return "".join(shown)
