"""How Sphinx builds the site; `python -m scripts.site` gives it the pages."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from scripts.site import REPOSITORY, SITE, title  # noqa: E402

project = title((ROOT / "docs/index.md").read_text())
html_title = project
html_baseurl = SITE
extensions = ["myst_parser", "sphinx.ext.autodoc"]

myst_heading_anchors = 4
default_role = "code"  # docstrings are Markdown: one backtick on each side is code

autodoc_preserve_defaults = True
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
toc_object_entries_show_parents = "hide"
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 80

html_theme = "pydata_sphinx_theme"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_favicon = "static/icon.svg"
html_copy_source = False
html_context = {"default_mode": "auto"}
html_theme_options = {
    "logo": {"text": "Billing as code", "image_light": "static/icon.svg", "image_dark": "static/icon.svg"},
    "github_url": REPOSITORY,
    "navbar_align": "left",
    "show_toc_level": 2,
    "navigation_with_keys": False,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": [],
    "footer_end": [],
}


def from_markdown(app: Any, what: str, name: str, object_: object, options: Any, lines: list[str]) -> None:
    """A docstring as reStructuredText: two colons before the code that it indents, and its links, which are relative to docs/."""
    text: list[str] = []
    code = False
    for line in lines:
        indented = line.startswith("    ")
        if indented and not code and (not text or not text[-1]):
            text += ["::", ""]
            code = True
        elif line and not indented:
            code = False
        text.append(line if code else re.sub(r"\[([^]]+)\]\((\S+?)\)", link, line))
    lines[:] = text


def link(found: re.Match[str]) -> str:
    """A link of Markdown as one of reStructuredText, on a page of the API reference."""
    text, target = found.groups()
    return f"`{text} <{target if ':' in target else '../' + target.replace('.md', '.html')}>`__"


def setup(app: Any) -> None:
    """Called by Sphinx."""
    app.connect("autodoc-process-docstring", from_markdown)
