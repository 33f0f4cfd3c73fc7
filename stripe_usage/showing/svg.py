"""Series of usage as a bar chart in SVG: a single file, light and dark, readable by a screen reader. Pure.

Lengths are floats, which is all that a picture needs; the figures in it are exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from textwrap import wrap
from xml.sax.saxutils import escape

from stripe_pricing import number
from stripe_usage.asking.series import Series, Window, label

WIDTH, HEIGHT = 720, 240
LEFT, RIGHT, TOP, BOTTOM = 12, 12, 64, 28
_LABELS = 6
_LINE = 16
_LETTERS = 88
"""How many fit on a line, in a wide font too."""

_STYLE = """\
text { font: 12px system-ui, sans-serif; fill: #55616f }
.title { font-size: 14px; font-weight: 600; fill: #17202b }
.ground { fill: #ffffff } .bar { fill: #0f766e } .below { fill: #a3231c } .axis { stroke: #55616f } .line { stroke: #dfe3e8 }
@media (prefers-color-scheme: dark) {
  text { fill: #a3b0bd } .title { fill: #e7ecf1 }
  .ground { fill: #171e26 } .bar { fill: #4fc7b6 } .below { fill: #ff9c92 } .axis { stroke: #a3b0bd } .line { stroke: #2b3540 }
}"""


def svg(found: Sequence[Series], heading: str, note: str) -> str:
    """A chart for each customer, one below the other, under `heading`; `note` says how fresh the figures are."""
    said, noted = wrap(heading, _LETTERS), wrap(note, _LETTERS)
    top = 16 + _LINE * len(said)
    height = top + HEIGHT * len(found) + 8 + _LINE * len(noted)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img" '
        'aria-labelledby="title">',
        f'<title id="title">{escape(heading)}</title>',
        f"<style>{_STYLE}</style>",
        f'<rect class="ground" width="{WIDTH}" height="{height}"/>',
        *_lines(said, 24),
    ]
    for place, series in enumerate(found):
        parts += _chart(series, top + place * HEIGHT)
    parts += [*_lines(noted, height - 10 - _LINE * (len(noted) - 1)), "</svg>", ""]
    return "\n".join(parts)


def _lines(texts: list[str], y: int) -> list[str]:
    return [f'<text x="{LEFT}" y="{y + _LINE * place}">{escape(text)}</text>' for place, text in enumerate(texts)]


def _chart(series: Series, top: int) -> list[str]:
    windows = list(series.every_window())
    values = [w.value for w in windows]
    most, least = max([*values, Decimal(0)]), min([*values, Decimal(0)])
    room, span = HEIGHT - TOP - BOTTOM, float(most - least) or 1.0
    zero = top + TOP + room * float(most) / span
    step = (WIDTH - LEFT - RIGHT) / len(windows)
    what = "last" if series.formula == "last" else "in all"
    parts = [
        f'<text class="title" x="{LEFT}" y="{top + 24}">{escape(series.customer)}: {number(series.total)} {what}</text>',
        f'<line class="line" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{top + TOP:.1f}" y2="{top + TOP:.1f}"/>',
        f'<text x="{LEFT}" y="{top + TOP - 6}">{number(most)}</text>',
    ]
    for place, window in enumerate(windows):
        parts.append(_bar(window, series.by, LEFT + place * step, step, zero, room / span))
    parts.append(f'<line class="axis" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{zero:.1f}" y2="{zero:.1f}"/>')
    every = -(-len(windows) // _LABELS)
    for place in range(0, len(windows), every):
        text = label(windows[place].start, series.by)
        parts.append(f'<text x="{LEFT + place * step:.1f}" y="{top + HEIGHT - 8}">{text}</text>')
    return parts


def _bar(window: Window, by: str, x: float, step: float, zero: float, scale: float) -> str:
    tall = abs(float(window.value)) * scale
    y, kind = (zero - tall, "bar") if window.value >= 0 else (zero, "below")
    title = f"<title>{label(window.start, by)}: {number(window.value)}</title>"
    width = max(step - 2, step * 0.6)
    place = f'x="{x + (step - width) / 2:.1f}" y="{y:.1f}" width="{width:.1f}" height="{tall:.1f}"'
    return f'<rect class="{kind}" {place}>{title}</rect>'
