"""A state that cannot be understood is refused with where a good copy is, and nothing is written over it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.pulumi_local.shop import Shop


def checkpoint(shop: Shop) -> Path:
    return shop.backend / ".pulumi" / "stacks" / "shop" / "dev.json"


@pytest.fixture
def deployed(dev: Shop) -> Shop:
    """A stack with one shelf."""
    dev.wants({"a": {"size": 1}})
    dev.up()
    return dev


def changed(**changes: Any) -> str:
    resource = {"urn": "urn:pulumi:dev::shop::a:b:C::x", "type": "a:b:C", "custom": True, **changes}
    return json.dumps({"version": 3, "checkpoint": {"latest": {"resources": [resource]}}})


def latest(text: str) -> str:
    return f'{{"version": 3, "checkpoint": {{"latest": {text}}}}}'


DAMAGED = [
    ("", "it is empty"),
    ('{"version": 3, "checkpoint": {"latest": {"reso', "it is not valid JSON: Unterminated string"),
    ("[]", "it is not an object"),
    ("{}", "it has version null; pulumi_local supports version 3"),
    ('{"version": 5, "checkpoint": {}}', "it has version 5; pulumi_local supports version 3"),
    ('{"version": 3}', "it has no `checkpoint`"),
    ('{"version": 3, "checkpoint": "x"}', "it has no `checkpoint`"),
    ('{"version": 3, "deployment": {}}', "is what `stack export` writes"),
    (latest("[]"), "the deployment is not an object"),
    (latest('{"resource": [1]}'), "`resource` is not known to pulumi_local, which would lose it"),
    (latest('{"resources": {}, "metadata": 1}'), "`resources` is not a list"),
    (latest('{"resources": {}, "metadata": 1}'), "`metadata` is not an object"),
    (latest('{"resources": ["x"]}'), "`resources[0]` is not an object"),
    (latest('{"pending_operations": [{"type": 1}]}'), "`pending_operations[0].type` is not a string"),
    (changed(urn="x"), "`resources[0].urn` is not a URN: 'x'"),
    (changed(type=None), "`resources[0].type` is missing (urn:pulumi:dev::shop::a:b:C::x)"),
    (changed(custom="yes"), "`resources[0].custom` is not true or false"),
    (changed(id=5), "`resources[0].id` is not a string"),
    (changed(inputs=[]), "`resources[0].inputs` is not an object"),
    (changed(dependencies=[1]), "`resources[0].dependencies` is not a list of strings"),
    (changed(propertyDependencies={"a": "b"}), "`resources[0].propertyDependencies` is not an object of lists of strings"),
    (changed(customTimeouts={"create": "1m"}), "`resources[0].customTimeouts` is not an object of numbers"),
]


@pytest.mark.parametrize(
    ("text", "reason"), [*DAMAGED[:6:5], *(pytest.param(*each, marks=pytest.mark.thorough) for each in DAMAGED)]
)
def test_a_damaged_state_is_refused_and_kept(dev: Shop, text: str, reason: str) -> None:
    file = checkpoint(dev)
    backup = file.with_name("dev.json.bak")
    shutil.copy(file, backup)
    good = backup.read_text()
    file.write_text(text)
    ended = dev.run("up", "--yes", "--skip-preview")
    assert ended.code == 1
    assert ended.err.startswith(f"error: failed to load checkpoint: {file}")
    assert reason in ended.err
    assert f"Nothing was changed. Its last good copy is {backup}: put that in its place." in ended.err
    assert "Traceback" not in ended.err
    assert (file.read_text(), backup.read_text()) == (text, good)


@pytest.mark.parametrize("command", [("preview",), ("refresh", "--yes"), ("destroy", "--yes"), ("stack", "export")])
def test_every_command_refuses_it(dev: Shop, command: tuple[str, ...]) -> None:
    checkpoint(dev).write_text('{"version":3}')
    ended = dev.run(*command)
    assert (ended.code, "it has no `checkpoint`" in ended.err) == (1, True)
    assert checkpoint(dev).read_text() == '{"version":3}'


@pytest.mark.thorough
def test_the_remedy_is_one(deployed: Shop) -> None:
    """Also where the copy beside it is damaged, too: then it is the newest backup."""
    file = checkpoint(deployed)
    good = json.loads(file.read_text())
    file.write_text("")
    file.with_name("dev.json.bak").write_text("{")
    said = deployed.run("preview").err
    copy = said.partition("Its last good copy is ")[2].partition(": put that")[0]
    assert "/.pulumi/backups/shop/dev/dev." in copy
    shutil.copy(copy, file)
    assert json.loads(file.read_text()) == good
    deployed.ok("preview", "--expect-no-changes")


def test_where_there_is_no_copy_that_is_said(dev: Shop) -> None:
    checkpoint(dev).write_text("")
    assert f"There is no good copy of it in {dev.backend}/.pulumi." in dev.run("preview").err


def test_a_damaged_log_is_refused(dev: Shop) -> None:
    time = json.loads(checkpoint(dev).read_text())["checkpoint"]["latest"]["manifest"]["time"]
    log = checkpoint(dev).with_name("dev.json.log")
    log.write_text(json.dumps({"after": time}) + "\n")
    ended = dev.run("up", "--yes", "--skip-preview")
    assert (ended.code, f"the log of its changes, {log}, is damaged" in ended.err) == (1, True)
    assert log.exists()


def test_an_import_refuses_what_could_not_be_read_again(dev: Shop, tmp_path: Path) -> None:
    before = checkpoint(dev).read_text()
    exported = tmp_path / "exported.json"
    document = {"version": 3, "deployment": {"resources": [{"urn": "urn:pulumi:dev::shop::a:b:C::x", "type": "a:b:C", "id": 5}]}}
    exported.write_text(json.dumps(document))
    ended = dev.run("stack", "import", "--force", "--file", str(exported))
    assert (ended.code, ended.err) == (
        1,
        f"error: could not read {exported}:\n  * `resources[0].id` is not a string\n",
    )
    assert checkpoint(dev).read_text() == before
