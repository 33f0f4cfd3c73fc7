"""What a project's plan is asked for: its name, its currency, its price. Checked as the resources check them."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stripe_pricing.currencies import money

from . import template

EXAMPLE = "4 is 0.04 USD"
"""In the question for the price."""


@dataclass(frozen=True)
class Question:
    """One question, for people and as an option of the command line; its words and its default are the template's."""

    name: str
    """As in the parsed arguments."""
    setting: str
    """In `Pulumi.yaml`."""

    @property
    def flag(self) -> str:
        """`--unit-amount`."""
        return f"--{self.name.replace('_', '-')}"

    @property
    def says(self) -> str:
        """What is asked for."""
        return str(_ASKED[self.setting]["description"])

    @property
    def default(self) -> str:
        """What `--yes` takes."""
        return str(_ASKED[self.setting]["default"])


_ASKED = template.for_cli()["config"]

PLAN = (Question("plan", "planName"), Question("currency", "currency"), Question("unit_amount", "unitAmount"))
"""In the order in which they are asked."""


def add_to(parser: argparse.ArgumentParser) -> None:
    """Adds an option for each question about the plan, and `--yes`."""
    for question in PLAN:
        parser.add_argument(question.flag, help=f"{question.says}; default: {question.default}")
    parser.add_argument("--yes", "-y", action="store_true", help="ask nothing: take the defaults, and go ahead")


def interactive() -> bool:
    """Whether somebody can be asked."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def of_plan(given: argparse.Namespace, wrong: Sequence[str] = ()) -> dict[str, str]:
    """The answers, by question. Those that no option gives are asked for, or are the defaults with `--yes`.

    Raises SystemExit with all that is wrong with them, after what is `wrong` besides.
    """
    answers = {q.name: v for q in PLAN if (v := getattr(given, q.name)) is not None}
    failures = problems(answers)
    if wrong or failures:
        raise SystemExit("\n".join([*wrong, *(f"{q.flag}: {failures[q.name]}" for q in PLAN if q.name in failures)]))
    missing = [q for q in PLAN if q.name not in answers]
    if missing and not given.yes and not interactive():
        raise SystemExit(f"there is nobody to ask; give {', '.join(q.flag for q in missing)}, or --yes: it takes the defaults")
    for question in missing:
        answers[question.name] = question.default if given.yes else _asked(question, answers)
    return {**answers, "unit_amount": str(int(answers["unit_amount"]))}


def _asked(question: Question, answers: Mapping[str, str]) -> str:
    """The answer of somebody at the terminal, who is asked again as long as it is wrong."""
    says = question.says.replace(EXAMPLE, f"4 is {money(4, answers['currency'])}" if "currency" in answers else EXAMPLE)
    while True:
        answer = line(f"{says} [{question.default}]: ") or question.default
        reason = problems({**answers, question.name: answer}).get(question.name)
        if reason is None:
            return answer
        print(f"  {reason}")


def line(prompt: str) -> str:
    """What is typed. Raises SystemExit where nothing comes any more."""
    try:
        return input(prompt).strip()
    except (EOFError, KeyboardInterrupt):
        raise SystemExit("\nNothing was written.") from None


def problems(answers: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with the answers, by question: what a preview would say about the resources made of them."""
    from stripe_resources.checking import failures_of  # with Pulumi's SDK, which takes longer to load than the rest

    amount = answers.get("unit_amount", "0")
    price = {
        "product": "prod_x",
        "currency": answers.get("currency", "usd"),
        "unit_amount": int(amount) if re.fullmatch(r"-?\d+", amount) else amount,
    }
    failures = [*failures_of("Product", {"name": answers.get("plan", "")}), *failures_of("Price", price)]
    reasons = {"plan" if f.path == "name" else f.path: f.reason for f in failures}
    return {name: reason for name, reason in reasons.items() if name in answers}


def said(answers: Mapping[str, str]) -> str:
    """The plan in a few words: `Pay as you go, at 0.04 USD a unit`."""
    return f"{answers['plan']}, at {money(int(answers['unit_amount']), answers['currency'])} a unit"


def lines(answers: Mapping[str, str]) -> list[str]:
    """The answers as lines of a stack's `config`."""
    values = {q.name: answers[q.name] if q.name == "unit_amount" else template.quoted(answers[q.name]) for q in PLAN}
    return [f"{q.setting}: {values[q.name]}" for q in PLAN]
