"""Builds the documentation as a site, from the Markdown that is also read as files, and from docstrings.

python -m scripts.site FOLDER

docs/index.md is the site's first page, and its lists are the navigation. Sphinx (docs/site/conf.py) builds from a copy of the
pages in which a link to a page leads to that page on the site, and one to any other file to the repository. Fails where a link is
dead, or a page is in no list.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Iterator
from os.path import normpath, relpath
from pathlib import Path

import stripe_resources
from scripts.resource_docs import page
from stripe_resources.register import KINDS

ROOT = Path(__file__).resolve().parents[1]
URLS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["urls"]
REPOSITORY: str = URLS["Repository"]
SITE: str = URLS["Documentation"]

OUTSIDE = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "examples/README.md")
"""Pages that are not in docs/, as far as there are such files."""

API = {
    "stripe_resources": "What a program declares: one class for each kind of object at Stripe.",
    "stripe_resources.testing": "A program under mocks, for unit tests of a catalogue.",
    "stripe_components": "Plans: several resources declared as one.",
    "stripe_client": "Settings, one HTTP client, retries, errors: for scripts of your own that talk to Stripe.",
    "stripe_pricing": "What a price charges for a quantity, exactly and in words.",
    "stripe_policy": "The policy pack's rules.",
}
"""The packages of the API reference, each with what it is for."""

_CODE_OR_LINK = re.compile(r"^ *```.*?^ *```|(`+)(?!`).+?(?<!`)\1(?!`)|\]\((?P<target>[^)\s]+)\)", re.S | re.M)
_ELSEWHERE = re.compile(r"[a-z]+:")
_SECTION = re.compile(r"^## (.+)\n((?:(?!## ).*\n)*)", re.M)
_ENTRY = re.compile(r"^- \[(.+?)\]\((.+?)\)", re.M)


def links(text: str) -> Iterator[str]:
    """What the inline links and images of a page lead to, without those in code."""
    yield from (found["target"] for found in _CODE_OR_LINK.finditer(text) if found["target"])


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as GitHub and the site name them."""
    prose = re.sub(r"^ *```.*?^ *```", "", text, flags=re.S | re.M)
    named: dict[str, int] = {}
    for heading in re.findall(r"^#+ (.+)$", prose, re.M):
        words = re.sub(r"\[(.+?)\]\(.+?\)", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", words).lower().replace(" ", "-")
        named[slug] = named.get(slug, -1) + 1
    return {f"{slug}-{i}" if i else slug for slug, count in named.items() for i in range(count + 1)}


def pages() -> dict[str, str]:
    """Every page's name on the site, by its path in the repository."""
    inside = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*.md"))
    named = {path: path.removeprefix("docs/").removesuffix(".md") for path in inside}
    outside = [path for path in OUTSIDE if (ROOT / path).exists()]
    return named | {path: path.removesuffix(".md").removesuffix("/README").lower() for path in outside}


def on_the_site(text: str, path: str, name: str) -> str:
    """A page's text with its links as they are on the site. Raises SystemExit, naming the page, for a dead link."""

    def moved(found: re.Match[str]) -> str:
        target = found["target"]
        return f"]({_place(target, path, name)})" if target else found[0]

    return _CODE_OR_LINK.sub(moved, text)


def _place(target: str, path: str, name: str) -> str:
    if target.startswith(SITE):
        return _from(name, target.removeprefix(SITE).removesuffix("/") + "/index.md")
    if _ELSEWHERE.match(target) or target.startswith("#"):
        return target
    wanted, mark, anchor = target.partition("#")
    file = normpath(f"{Path(path).parent}/{wanted}")
    if place := pages().get(file):
        return _from(name, f"{place}.md{mark}{anchor}")
    if file == "docs/decisions":
        return _from(name, "decisions/index.md")
    if file.startswith("docs/images/"):
        return _from(name, file.removeprefix("docs/"))
    if not (ROOT / file).exists():
        raise SystemExit(f"{path}: the link to {target} leads nowhere")
    return f"{REPOSITORY}/{'tree' if (ROOT / file).is_dir() else 'blob'}/main/{file}{mark}{anchor}"


def _from(name: str, other: str) -> str:
    return relpath(other, Path(name).parent)


def title(text: str) -> str:
    """A page's first heading."""
    return text.partition("\n")[0].removeprefix("# ")


def menu(entries: Iterable[str]) -> str:
    """What the pages below a page are, as Sphinx reads it: they are in the navigation only."""
    return "\n".join(["\n```{toctree}", ":hidden:", "", *entries, "```", ""])


def sections() -> dict[str, str]:
    """The parts of docs/index.md, each with its introduction and its list, by heading."""
    return dict(_SECTION.findall((ROOT / "docs/index.md").read_text()))


def reference(module: str) -> str:
    """What Sphinx makes the reference of a package from. The arguments of a resource have their table on its own page."""
    if module != "stripe_resources":
        return rst(f".. automodule:: {module}\n   :members:")
    kinds = [schema.kind for schema, _ in KINDS.values()]
    others = sorted({*stripe_resources.__all__} - {*kinds, *(f"{kind}Args" for kind in kinds)})
    parts = [rst(f".. automodule:: {module}")]
    for kind in kinds:
        parts.append(f"## {kind}\n\nIts fields, and what a change of each does: [{kind}](../{page(kind)}).\n")
        parts.append(rst(f".. autoclass:: {module}.{kind}\n   :members:\n\n.. autoclass:: {module}.{kind}Args"))
    parts.append("## What all of them have\n")
    parts += [rst(f".. autoclass:: {module}.{name}\n   :members:") for name in others if name[0].isupper()]
    parts += [rst(f".. autofunction:: {module}.{name}") for name in others if name[0].islower()]
    return "\n".join(parts)


def rst(text: str) -> str:
    """reStructuredText, as a part of a page in Markdown."""
    return f"```{{eval-rst}}\n{text}\n```\n"


def source() -> dict[str, str]:
    """The text of every page, by its path in the folder that Sphinx builds from."""
    read = {path: (ROOT / path).read_text() for path in pages()}
    texts = {f"{name}.md": on_the_site(read[path], path, name) for path, name in pages().items()}

    for path, name in pages().items():
        entries = [f"{title(read[below])} </{place}>" for below, place in pages().items() if place.startswith(f"{name}/")]
        order = {f"{target.removesuffix('.md')}>": i for i, target in enumerate(links(read[path]))}
        if entries:
            texts[f"{name}.md"] += menu(sorted(entries, key=lambda entry: order[entry.partition(" </")[2]]))

    decisions = [f"{title(read[path])} </{name}>" for path, name in pages().items() if name.startswith("decisions/")]
    listed = [f"- [{title(read[path])}]({Path(path).name})\n" for path in pages() if path.startswith("docs/decisions/")]
    texts["decisions/index.md"] = "# Decisions\n\n" + "".join(listed) + menu(decisions)

    listed = [f"- [{module}]({module}.md): {text}\n" for module, text in API.items()]
    texts["api/index.md"] = "# API reference\n\n" + "".join(listed) + menu(API)
    texts |= {f"api/{module}.md": f"# {module}\n\n{reference(module)}" for module in API}

    parts = []
    for heading, body in sections().items():
        name = heading.lower().replace(" ", "-")
        parts.append(f"{heading} <{name}>")
        body = on_the_site(body, "docs/index.md", name)
        entries = [f"{text} <{target.removesuffix('.md')}>" for text, target in _ENTRY.findall(body)]
        texts[f"{name}.md"] = f"# {heading}\n\n{body}{menu(entries)}"
    texts["index.md"] += menu(parts)
    return texts


def build(target: Path) -> int:
    """Builds the site into a folder, anew; Sphinx' exit code. What Sphinx warns of is an error."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "source"
        for path, text in source().items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)
        shutil.copytree(ROOT / "docs/images", folder / "images")
        shutil.rmtree(target, ignore_errors=True)
        options = ["--builder", "html", "--fail-on-warning", "--keep-going", "--quiet", "--jobs", "auto"]
        places = ["--conf-dir", f"{ROOT}/docs/site", "--doctree-dir", f"{scratch}/doctrees", str(folder), str(target)]
        done = subprocess.run([sys.executable, "-m", "sphinx", *options, *places], cwd=ROOT, check=False)
    (target / "_static" / "webpack-macros.html").unlink(missing_ok=True)  # a template of the theme's, no page
    return done.returncode


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    sys.exit(build(Path(sys.argv[1]).resolve()))
