"""Why tests were skipped, told at the end of a run."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

SKIPPED = "Skipped: "


def reasons(reports: Iterable[object]) -> Iterator[str]:
    """What pytest's reports of skipped tests and modules give as their reasons."""
    for report in reports:
        told = getattr(report, "longrepr", None)
        if isinstance(told, tuple):
            yield str(told[2]).removeprefix(SKIPPED)


def grouped(reasons: Iterable[str]) -> list[str]:
    """One line for each reason with how often it was given, the most frequent first.

    Reasons that differ only in numbers are one, told as the first of them.
    """
    first: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for reason in reasons:
        line = " ".join(reason.split())
        key = re.sub(r"\d+", "0", line)
        first.setdefault(key, line)
        counts[key] += 1
    width = max((len(str(count)) for count in counts.values()), default=0)
    return [f"  {count:{width}}  {first[key]}" for key, count in counts.most_common()]
