"""Stacks to crash: each test gets a copy of one that was brought up once."""

from __future__ import annotations

import contextlib
import functools
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.crash.catalogue import BILL, Catalogue, assert_exactly, bill, made, use
from tests.crash.points import Change
from tests.crash.rig import Command, Rig
from tests.stripe_local.server import LocalStripe


@dataclass(frozen=True)
class Snapshot:
    """A stack at rest, and what its Stripe holds."""

    rig: Rig
    stripe: Path


@dataclass(frozen=True)
class Scene:
    """A stack and its Stripe, which both can be killed."""

    rig: Rig
    server: LocalStripe
    closing: contextlib.ExitStack

    def begin(self, command: str) -> Command:
        """Starts `up` or `destroy`; what is left of it at the end of the test is ended."""
        begun = self.rig.begin(command)
        self.closing.callback(begun.clean)
        return begun

    def make_right(self, change: Change) -> None:
        """Runs the change's command once more: all is as if nothing had happened."""
        self.rig.unlock()
        again = self.rig.destroy() if change.command == "destroy" else self.rig.up()
        assert again.code == 0, again.text
        assert_exactly(change.objects(), self.rig, self.server)
        assert made(self.server) == change.made, "nothing was made twice"
        if change.deployed:
            assert bill(self.server) == BILL, "usage is billed once"


@pytest.fixture(scope="session")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, bool], Snapshot]:
    """The stack on an engine: brought up and used, or empty."""

    @functools.cache
    def take(engine: str, deployed: bool) -> Snapshot:
        folder = tmp_path_factory.mktemp(f"{engine}-{'up' if deployed else 'empty'}")
        (folder / "stack").mkdir()
        (folder / "stripe").mkdir()
        with LocalStripe(folder / "stripe" / "stripe.db") as server:
            rig = Rig(engine, folder / "stack", server.url)
            rig.program(Catalogue().program)
            if deployed:
                up = rig.up()
                assert up.code == 0, up.text
                use(server)
        return Snapshot(rig, folder / "stripe")

    return take


@pytest.fixture
def scene(snapshot: Callable[[str, bool], Snapshot], tmp_path: Path) -> Iterator[Callable[[str, bool], Scene]]:
    """A copy of such a stack, on a Stripe of its own."""
    with contextlib.ExitStack() as closing:

        def open_(engine: str, deployed: bool) -> Scene:
            taken = snapshot(engine, deployed)
            shutil.copytree(taken.stripe, tmp_path / "stripe")
            server = closing.enter_context(LocalStripe(tmp_path / "stripe" / "stripe.db"))
            return Scene(taken.rig.copied(tmp_path / "stack", server.url), server, closing)

        yield open_
