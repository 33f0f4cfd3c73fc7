"""A client of Pyright's language server: what an editor shows."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any

Position = tuple[int, int]
"""Line and column, both from 0."""


class LanguageServer:
    """One session over a folder. https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/"""

    def __init__(self, command: list[str], folder: Path, python: Path) -> None:
        self._python, self._asked = python, 0
        self._process = subprocess.Popen([*command, "--stdio"], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        hover = {"contentFormat": ["markdown"]}
        self._ask(
            "initialize",
            processId=None,
            rootUri=folder.as_uri(),
            workspaceFolders=[{"uri": folder.as_uri(), "name": folder.name}],
            capabilities={"workspace": {"configuration": True}, "textDocument": {"hover": hover}},
        )
        self._send(method="initialized", params={})

    def __enter__(self) -> LanguageServer:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._process.kill()
        self._process.communicate()

    def open(self, file: Path) -> None:
        document = {"uri": file.as_uri(), "languageId": "python", "version": 1, "text": file.read_text()}
        self._send(method="textDocument/didOpen", params={"textDocument": document})

    def hover(self, file: Path, position: Position) -> str:
        """What is shown when the pointer rests there, as Markdown on one line; "" for nothing."""
        line, column = position
        place = {"line": line, "character": column}
        answer = self._ask("textDocument/hover", textDocument={"uri": file.as_uri()}, position=place)
        return " ".join(answer["contents"]["value"].split()) if answer else ""

    def _ask(self, method: str, **params: Any) -> Any:
        self._asked += 1
        self._send(id=self._asked, method=method, params=params)
        while True:
            message = self._receive()
            if "method" in message and "id" in message:
                self._send(id=message["id"], result=self._answer(message))
            elif message.get("id") == self._asked:
                return message["result"]

    def _answer(self, message: dict[str, Any]) -> Any:
        """What the server asks of an editor: its settings."""
        if message["method"] != "workspace/configuration":
            return None
        asked = message["params"]["items"]
        return [{"pythonPath": str(self._python)} if item.get("section") == "python" else {} for item in asked]

    def _send(self, **message: Any) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._process.stdin.flush()

    def _receive(self) -> dict[str, Any]:
        assert self._process.stdout
        length = 0
        while header := self._process.stdout.readline().strip():
            name, _, value = header.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        message: dict[str, Any] = json.loads(self._process.stdout.read(length))
        return message
