"""What `policy` says of the rules' judgements: how many there are, and with --explain, each. Pure."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any


def told(judgements: str, of: str | None) -> str:
    """The text. `judgements` is what rules write into POLICY_EXPLAIN; `of` is the resource whose judgements are told one by one:
    "" for each, None for none."""
    found = [json.loads(line) for line in judgements.split("\n") if line]
    results = Counter(each["result"] for each in found)
    counted = ", ".join(f"{results[result]} {result}" for result in ("passed", "violated", "cannot be judged yet"))
    lines = [
        f"{_of({each['urn'] for each in found}, 'resource')} under {_of({each['rule'] for each in found}, 'rule')}: {counted}."
    ]
    if of is None:
        return lines[0]
    names = {each["urn"]: _name(each["urn"]) for each in found}
    asked = sorted({urn for urn, name in names.items() if of in ("", name)}, key=lambda urn: (names[urn], urn))
    if not asked:
        lines.append(f"No rule looked at a resource {of}; they looked at {', '.join(sorted(set(names.values())))}.")
    for urn in asked:
        lines += ["", f"{_kind(urn)} {names[urn]}"]
        for each in sorted((each for each in found if each["urn"] == urn), key=lambda each: str(each["rule"])):
            lines += _explained(each)
    return "\n".join(lines)


def _explained(judgement: Mapping[str, Any]) -> list[str]:
    settings = ", ".join(f"{name}={json.dumps(value)}" for name, value in judgement["settings"].items())
    return [
        f"  {judgement['rule']}: {judgement['result']}",
        *(f"    {reason}" for reason in judgement["why"]),
        f"    settings: {settings}",
    ]


def _of(what: set[str], noun: str) -> str:
    return f"{len(what)} {noun}{'' if len(what) == 1 else 's'}"


def _name(urn: str) -> str:
    return urn.split("::", 3)[-1]


def _kind(urn: str) -> str:
    return urn.split("::")[2].rpartition("$")[2].rpartition(":")[2]
