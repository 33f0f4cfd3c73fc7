"""What PyPI shows: the README, whose links lead to the repository."""

from __future__ import annotations

import email
import re
import zipfile
from pathlib import Path

from tests.package.test_dependencies import PROJECT
from tests.rooms.sources import ROOT

REPOSITORY = PROJECT["urls"]["Repository"]


def test_the_links_of_the_readme_lead_to_the_repository_at_the_version_s_tag(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as files:
        (metadata,) = (name for name in files.namelist() if name.endswith(".dist-info/METADATA"))
        shown = email.message_from_string(files.read(metadata).decode())
    assert shown["Description-Content-Type"] == "text/markdown"
    text = str(shown.get_payload())
    assert text.count("\n# ") + text.startswith("# ") == 1
    links = re.findall(r"(!?)\[[^]]*\]\(([^)#]+)", text)
    assert [link for _, link in links if not link.startswith("https://")] == []
    ours = {(image, link) for image, link in links if link.startswith(f"{REPOSITORY}/")}
    prefix = {image: f"{REPOSITORY}/{'raw' if image else 'blob'}/v{PROJECT['version']}/" for image in ("!", "")}
    found = [(image, ROOT / link.removeprefix(prefix[image])) for image, link in ours]
    assert {image for image, _ in found} == {"!", ""}
    assert [path for _, path in found if not path.exists()] == []
    local = re.findall(r"\]\((?!https?:|#)([^)#]+)", (ROOT / "README.md").read_text())
    assert {path for _, path in found} == {ROOT / link for link in local}
