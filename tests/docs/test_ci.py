"""docs/ci.md: the tables say what there is. The sequence of commands runs in tests/stripe_project/ci/test_sequence.py."""

import re

import yaml

from tests.docs.checkout import ROOT, blocks

PAGE = (ROOT / "docs" / "ci.md").read_text()


def test_every_target_and_every_workflow_is_listed() -> None:
    makefile = (ROOT / "Makefile").read_text()
    assert set(re.findall(r"^\| `make (ci-\w+)", PAGE, re.M)) == set(re.findall(r"^(ci-\w+):", makefile, re.M))
    listed = set(re.findall(r"\| `([\w-]+\.yml)` \|$", PAGE, re.M))
    assert listed == {path.name for path in (ROOT / ".github" / "workflows").glob("*.yml")}


def test_every_environment_with_secrets_is_listed() -> None:
    used = {
        str(job["environment"])
        for path in (ROOT / ".github" / "workflows").glob("*.yml")
        for job in yaml.safe_load(path.read_text())["jobs"].values()
        if "secrets." in str(job)
    }
    expanded = {name.replace("${{ matrix.stack }}", stack) for name in used for stack in ("staging", "prod")}
    assert expanded == set(re.findall(r"^\| `([\w-]+)` \| .* key", PAGE, re.M))


def test_the_step_for_openid_connect_is_yaml() -> None:
    [step] = blocks("docs/ci.md", "yaml")
    assert yaml.safe_load(step)["permissions"] == {"contents": "read", "id-token": "write"}
