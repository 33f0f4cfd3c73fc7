"""The spread of the changes as an SVG: readable on light and dark backgrounds, and by screen readers."""

from __future__ import annotations

from textwrap import shorten
from xml.sax.saxutils import escape

from stripe_impact.computing.impact import Impact

from .spread import Spread, Step, spread

WIDTH, ROW, BAR, LABELS, TOP = 720, 26, 380, 230, 64

LINE = 100
"""How many characters fit into a line."""

STYLE = """\
  text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2328; }
  .title { font-weight: 600; font-size: 15px; }
  .label { text-anchor: end; }
  .more { fill: #9a3412; } .less { fill: #0b6e4f; } .same { fill: #6e7781; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .more { fill: #f0883e; } .less { fill: #3fb98a; } .same { fill: #8b949e; }
  }"""


def picture(impact: Impact) -> str:
    """The picture; where there are too few bills for one, the verdict alone. The background is transparent."""
    found = spread(impact)
    if found is None:
        return _svg(f"Billing impact of {impact.project}/{impact.stack}", impact.verdict, TOP + 8, [])
    would = "Bills by change, if everybody moved" if found.would else "Bills by change"
    title = f"{would} ({found.currency.upper()}), {impact.project}/{impact.stack}"
    described = "; ".join(f"{found.label(s)}: {s.count:,}" for s in found.steps)
    most = max(s.count for s in found.steps)
    rows = [_row(found, s, i, most) for i, s in enumerate(found.steps)]
    return _svg(
        title,
        f"{impact.verdict} Customers by change of their bill: {described}.",
        TOP + ROW * len(rows) + 12,
        rows,
        impact.verdict,
    )


def _row(found: Spread, step: Step, position: int, most: int) -> str:
    y = TOP + ROW * position
    width = max(2 if step.count else 0, step.count * BAR // most)
    kind = "more" if step.high > 0 else "less" if step.high < 0 else "same"
    return (
        f'  <text class="label" x="{LABELS - 10}" y="{y + 16}">{escape(found.label(step))}</text>\n'
        f'  <rect class="{kind}" x="{LABELS}" y="{y + 2}" width="{width}" height="{ROW - 6}" rx="3"/>\n'
        f'  <text x="{LABELS + width + 8}" y="{y + 16}">{step.count:,}</text>'
    )


def _svg(title: str, description: str, height: int, rows: list[str], verdict: str = "") -> str:
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img" '
        'aria-labelledby="title description">',
        f'<title id="title">{escape(title)}</title>',
        f'<desc id="description">{escape(description)}</desc>',
        f"<style>\n{STYLE}\n</style>",
        f'  <text class="title" x="10" y="24">{escape(title)}</text>',
        f'  <text x="10" y="46">{escape(shorten(verdict or description, LINE, placeholder=" …"))}</text>',
        *rows,
        "</svg>",
    ]
    return "\n".join(lines) + "\n"
