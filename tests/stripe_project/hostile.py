"""What a project's commands read of files that somebody else writes."""

from __future__ import annotations

from pathlib import Path

from stripe_project.adding import project as adding
from stripe_project.ci import commands as ci_commands
from stripe_project.ci import report
from tests.hostile.readers import SETTINGS, reader


@reader("file to add billing to", "Pulumi.qa.yaml", "yaml", SETTINGS, SystemExit)
def _(path: Path) -> object:
    return adding.mapping(path, adding.text(path))


@reader("dependencies to add billing to", "pyproject.toml", "toml", b'[project]\nname = "a"\ndependencies = ["b"]\n', SystemExit)
def _(path: Path) -> object:
    return adding.mapping(path, adding.text(path))


RESULT = {"stack": "dev", "changes": {"create": 1}, "deploys": True, "failed": []}


@reader("result of a preview in CI", "dev/result.json", "json", RESULT, ci_commands.Failed, prepared={"dev/preview.txt": "said"})
def _(path: Path) -> object:
    return report.comment("shop", [ci_commands._found(path.parent)])
