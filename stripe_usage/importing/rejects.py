"""The rejects file: a JSON object for each row that was not sent, with its line, all that is wrong with it, and the row."""

from __future__ import annotations

import json
import os
from pathlib import Path
from types import TracebackType
from typing import TextIO

from stripe_usage.errors import UsageError
from stripe_usage.events.event import Reject

FIRST = 5


class Rejects:
    """Rewrites the file, if there is any reject, for its owner alone; `first` are the first few of `count`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        self.first: list[Reject] = []
        self._file: TextIO | None = None

    def __enter__(self) -> Rejects:
        try:
            if self.path.is_file():
                self.path.unlink()
        except OSError as e:
            raise UsageError(f"{self.path}: {e.strerror}; give another --rejects") from None
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._file is None:
            return
        try:
            self._file.close()
        except OSError as e:
            if error is None:
                raise self._failed(e) from None

    def add(self, reject: Reject) -> None:
        """One more."""
        self.count += 1
        if len(self.first) < FIRST:
            self.first.append(reject)
        record = {"line": reject.line, "problems": reject.problems, "row": reject.text}
        try:
            if self._file is None:
                descriptor = os.open(self.path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
                self._file = os.fdopen(descriptor, "w", encoding="utf-8")
            self._file.write(json.dumps(record, ensure_ascii=False) + "\n")
        except OSError as e:
            raise self._failed(e) from None

    def _failed(self, e: OSError) -> UsageError:
        return UsageError(f"{self.path}: {e.strerror}; give another --rejects")
