"""From the local engine to the CLI: the state is Pulumi's own."""

from pathlib import Path

import pytest

from tests.e2e.project import CLI_ABSENT, ENGINES, Project
from tests.stripe_local.server import LocalStripe


@pytest.mark.skipif(ENGINES["cli"] is None, reason=CLI_ABSENT)
@pytest.mark.parametrize(("first", "second"), [("local", "cli"), ("cli", "local")])
def test_a_stack_moves_to_the_other_engine(first: str, second: str, tmp_path: Path, stripe_server: LocalStripe) -> None:
    folders = [tmp_path / name for name in (first, second)]
    for folder in folders:
        folder.mkdir()
    one, other = (Project(engine, folder, stripe_server.url) for engine, folder in zip((first, second), folders, strict=True))
    one.config("hypernian:displayName", "Hypernian's tokens", "--secret")
    (folders[1] / "Pulumi.dev.yaml").write_text((folders[0] / "Pulumi.dev.yaml").read_text())
    assert one.up().code == 0
    stripe_server.forget_requests()
    (folders[1] / "state.json").write_text(one.run("stack", "export", "--stack", "dev", check=True).stdout)
    other.run("stack", "import", "--stack", "dev", "--file", "state.json", check=True)

    preview = other.preview("--expect-no-changes")
    assert (preview.code, preview.summary) == (0, {"same": 7})
    assert stripe_server.requests() == []
    other.config("hypernian:unitAmount", "5")
    assert other.up().code == 0
    assert other.destroy().code == 0
