"""The progress view on a terminal: a tree of resources that is redrawn in place, with the time each one takes."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator

from pulumi_local.display import steps
from pulumi_local.display.colors import BRIGHT_BLUE, RESET, UNDERLINE, YELLOW, Output, plain
from pulumi_local.display.progress import ProgressDisplay, Scene
from pulumi_local.display.rows import Row

_CLEAR_LINE = "\x1b[2K"
_SHARE = 20
"""A drawing may take a twentieth of the time."""
_HEADERS = ("", "Type", "Name", "Status", "Info")


class LiveDisplay(ProgressDisplay):
    """Redraws at most ten times a second, and twice a second while nothing happens.

    A drawing takes as long as there are resources; with many it is done less often, so that the run and not the display gets the
    time.
    """

    def __init__(self, scene: Scene, out: Output) -> None:
        super().__init__(scene, out)
        self._drawn = 0
        self._next_drawing = 0.0
        self._ended = threading.Event()
        self._ticker = threading.Thread(target=self._tick, name="display", daemon=True)
        self._ticker.start()

    def line(self, text: str) -> None:
        """Lines are only written before the tree and after it."""
        if not self.rows:
            self.out.line(text)

    def system_message(self, message: str) -> None:
        """Shown below the tree."""
        self.system_messages += [line for line in message.split("\n") if line.strip()]
        self._draw()

    def row_changed(self, row: Row) -> None:
        """Redraws, unless that was only just done."""
        if time.monotonic() > self._next_drawing:
            self._draw()

    def _tick(self) -> None:
        while not self._ended.wait(0.5):
            with self.lock:
                if not self._ended.is_set() and time.monotonic() > self._next_drawing:
                    self._draw()

    def close(self) -> None:
        """Draws the tree a last time; what comes last follows below."""
        self._ended.set()
        self._ticker.join()
        with self.lock:
            self.style.done = True
            self._draw(last=True)
            for text in self._ending():
                self.out.line(text)

    def _draw(self, *, last: bool = False) -> None:
        started = time.monotonic()
        if not self.rows:
            return
        columns, height = shutil.get_terminal_size()
        table = [[_header(h if h != "Status" or not self.scene.preview else "Plan") for h in _HEADERS], *self._tree()]
        widths = [max(len(plain(row[i])) for row in table) for i in range(len(_HEADERS))]
        lines = [
            _cut(" " + "  ".join(_padded(cell, w) for cell, w in zip(row, widths, strict=True)), columns - 1) for row in table
        ]
        if self.system_messages:
            lines += ["", f"{YELLOW}System Messages{RESET}", *(_cut(f"  {m}", columns - 1) for m in self.system_messages)]
        if not last and len(lines) > height - 2:
            lines = [lines[0], f" ... {len(lines) - height + 3} more ...", *lines[len(lines) - height + 4 :]]
        up = f"\x1b[{self._drawn}A" if self._drawn else ""
        self.out.write_raw(up + "".join(f"{_CLEAR_LINE}\r{self.out.shown(line)}\n" for line in lines))
        surplus = self._drawn - len(lines)
        if surplus > 0:
            self.out.write_raw(f"{_CLEAR_LINE}\n" * surplus + f"\x1b[{surplus}A")
        self._drawn = 0 if last else len(lines)
        if last:
            self.out.line("")
        ended = time.monotonic()
        self._next_drawing = ended + max(0.1, _SHARE * (ended - started))

    def _tree(self) -> Iterator[list[str]]:
        children: dict[str, list[str]] = {}
        for urn, row in self.rows.items():
            if urn == self.stack_urn:
                continue
            parent = (steps.result(row.step) or {}).get("parent") or ""
            children.setdefault(parent if parent in self.rows else self.stack_urn, []).append(urn)
        visible = self._visible(children)

        def branch(urn: str, margin: str, here: str) -> Iterator[list[str]]:
            cells = self.style.columns(self.rows[urn], self.scene.root_urn)
            cells[1] = here + cells[1]
            yield cells
            shown = [c for c in children.get(urn, []) if c in visible]
            for i, child in enumerate(shown):
                last = i == len(shown) - 1
                yield from branch(child, margin + ("   " if last else "│  "), margin + ("└─ " if last else "├─ "))

        yield from branch(self.stack_urn, "", "")

    def _visible(self, children: dict[str, list[str]]) -> set[str]:
        """Rows that are of interest, and their parents."""
        visible: set[str] = set()

        def visit(urn: str) -> bool:
            below = [visit(c) for c in children.get(urn, [])]
            wanted = any(below) or not self.rows[urn].hidden
            if wanted:
                visible.add(urn)
            return wanted

        visit(self.stack_urn)
        return visible


def _header(text: str) -> str:
    return f"{UNDERLINE}{BRIGHT_BLUE}{text}{RESET}" if text else ""


def _padded(text: str, width: int) -> str:
    return text + " " * (width - len(plain(text)))


def _cut(text: str, width: int) -> str:
    """The text cut to the terminal; colours do not count."""
    if len(plain(text)) <= width:
        return text
    out, seen, i = [], 0, 0
    while i < len(text) and seen < width:
        if text[i] == "\x1b":
            end = text.index("m", i) + 1
            out.append(text[i:end])
            i = end
            continue
        out.append(text[i])
        seen += 1
        i += 1
    return "".join(out) + RESET
