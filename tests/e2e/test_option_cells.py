"""Each of Pulumi's options × verb × kind: what Stripe receives, and what the state has.

One program declares every kind with one option. An option is as its row of docs/options.md says; all else is as without it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from stripe_resources.pulumi_options import OPTIONS
from tests.e2e.optioned import CHANGING, NOBODYS, ONE_AT_A_TIME, STAYS, TAKEN_FOR_EVER, Program, Story, without_interrupts
from tests.e2e.project import Project, written
from tests.forks import Forks
from tests.stripe_local.server import LocalStripe
from tests.stripe_resources.samples import SAMPLES
from tests.stripe_resources.test_drift import schema_of

Record = Callable[[str, object], None]

SEALED = "4dabf18193072939515e22adb298388d"
"""The key by which a state says that a value is a secret."""

OTHER = 'other = Product("other", OTHERS, name=f"Other {when}")'


@dataclass(frozen=True)
class Case:
    """An option, and in what a life with it differs from one without."""

    option: str
    program: Program
    ignores: bool = False
    """The field that changes is left to others."""
    replaces: str = "trigger"
    """What replaces: a `replacement_trigger`, a "change" of the field; or nothing: "refused"."""
    first: bool = False
    """The old object goes first."""
    retires: bool = True
    """Whether what is replaced, or leaves, is retired."""
    destroys: bool = True
    """Whether a destroy is allowed."""
    either: bool = False
    """Two objects are in use after a replacement, and either is found again after a lost state."""
    leaves_out: tuple[str, ...] = ()
    """Kinds without a mark: nothing shows of two of them, or of one that others changed, that it is this stack's."""
    ordered: bool = False
    """Made after another resource, and retired before it."""
    secret: bool = False
    """Two outputs are encrypted in the state."""
    hidden: bool = False
    """What changes is not shown."""
    cli_only: bool = False
    """The local engine refuses it by name."""

    @property
    def kinds(self) -> list[str]:
        return [kind for kind in SAMPLES if kind not in self.leaves_out]


def case(option: str, options: str = "None", before: str = "", **more: Any) -> Case:
    return Case(option, Program(options, before), **more)


HOOK = """
def hook(args):
    pass


hook = pulumi.ResourceHook("hook", hook)
"""
IGNORING = """
def ignoring(args):
    paths = [told["fields"].get(args.type_.rpartition(":")[2], "nothing")]
    return pulumi.RESULT(args.props, pulumi.ResourceOptions.merge(args.opts, Opts(ignore_changes=paths)))
"""
TRANSFORMATION = IGNORING.replace("RESULT", "ResourceTransformationResult")
TRANSFORM = IGNORING.replace("RESULT", "ResourceTransformResult")
MIGRATION = """
def nothing(args):
    return None
"""

OWN = 'own = pulumi.ProviderResource("pulumi-python", "own", {})'
INNER = 'inner = Team("inner", Opts(parent=Team("outer")))'
TRIGGERED = OTHER.replace("OTHERS", "Opts(replacement_trigger=when)")
IGNORES: dict[str, Any] = {"ignores": True, "leaves_out": (STAYS,)}
TWO_IN_USE: dict[str, Any] = {"retires": False, "either": True, "leaves_out": ("Meter", NOBODYS, TAKEN_FOR_EVER)}

CASES = [
    case(
        "additional_secret_outputs",
        'Opts(additional_secret_outputs=[field, "livemode"], replacement_trigger=trigger)',
        secret=True,
    ),
    case("delete_before_replace", "Opts(delete_before_replace=True, replacement_trigger=trigger)", first=True),
    case("deleted_with", "Opts(deleted_with=other)", TRIGGERED, **TWO_IN_USE),
    case("depends_on", "Opts(depends_on=[other], replacement_trigger=trigger)", OTHER.replace("OTHERS", "None"), ordered=True),
    case("hide_diffs", "Opts(hide_diffs=[field], replacement_trigger=trigger)", hidden=True),
    case(
        "hooks", "Opts(hooks=pulumi.ResourceHookBinding(before_update=[hook]), replacement_trigger=trigger)", HOOK, cli_only=True
    ),
    case("ignore_changes", "Opts(ignore_changes=[field], replacement_trigger=trigger)", **IGNORES),
    case("parent", "Opts(parent=inner, replacement_trigger=trigger)", INNER),
    case("protect", "Opts(protect=True, replacement_trigger=trigger)", replaces="refused", destroys=False),
    case("provider", "Opts(provider=own, replacement_trigger=trigger)", OWN),
    case("providers", "Opts(parent=inner, replacement_trigger=trigger)", f'{OWN}\ninner = Team("inner", Opts(providers=[own]))'),
    case("replace_on_changes", "Opts(replace_on_changes=[field])", replaces="change"),
    case("replace_with", "Opts(replace_with=[other])", TRIGGERED, leaves_out=(TAKEN_FOR_EVER,)),
    case("replacement_trigger", "Opts(replacement_trigger=trigger)"),
    case("retain_on_delete", "Opts(retain_on_delete=True, replacement_trigger=trigger)", **TWO_IN_USE),
    case("state_migrations", "Opts(state_migrations=[nothing], replacement_trigger=trigger)", MIGRATION, cli_only=True),
    case("transformations", "Opts(transformations=[ignoring], replacement_trigger=trigger)", TRANSFORMATION, **IGNORES),
    case(  # what else would replace it is refused beside transforms
        "transforms",
        "Opts(transforms=[ignoring], deleted_with=other)",
        f"{TRANSFORM}\n{TRIGGERED}",
        cli_only=True,
        **{**IGNORES, **TWO_IN_USE, "leaves_out": (*IGNORES["leaves_out"], *TWO_IN_USE["leaves_out"])},
    ),
]


@pytest.fixture
def server(stripe_server: LocalStripe) -> LocalStripe:
    return stripe_server


@pytest.fixture
def project(engine: str, tmp_path: Path, server: LocalStripe, forks: Forks | None) -> Project:
    """The dev stack, whose processes are forks, which take a tenth of the time."""
    return Project(engine, tmp_path, server.url, virtualenv=forks.virtualenv if forks else None)


def finished(story: Story, record_property: Record) -> None:
    record_property("counted: cells of options", story.cells)
    assert not story.wrong, "\n".join(story.wrong)


def printed(*lines: str) -> str:
    """A stack trace, as a program's process prints it on the Pulumi CLI."""
    return "\n".join(f"info#err: {line}" for line in ("Traceback (most recent call last):", *lines))


MAIN = '  File "/pulumi-language-python-exec", line 232, in <module>'
OURS = '  File "/stripe_resources/resource.py", line 1, in <module>'
INTERRUPTED = printed(MAIN, "    loop.run_until_complete(coro)", "KeyboardInterrupt")
DURING = "info#err: During handling of the above exception, another exception occurred:"


def test_only_an_interrupt_of_the_program_is_left_out() -> None:
    error = "error: it is protected"
    assert without_interrupts(f"{error}\n{INTERRUPTED}\n{DURING}\n{INTERRUPTED}\n") == f"{error}\n\n{DURING}\n\n"
    for trace in (printed(MAIN, OURS, "KeyError: '__provider'"), printed(OURS, "KeyboardInterrupt")):
        assert without_interrupts(f"{trace}\n{DURING}\n{INTERRUPTED}") == f"{trace}\n{DURING}\n"


@pytest.mark.thorough
@pytest.mark.timeout(0)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.option)
def test_a_life_with_an_option(case: Case, project: Project, server: LocalStripe, record_property: Record) -> None:
    story = Story(project, server, case.program, case.kinds)
    if case.cli_only and project.engine == "local":
        server.forget_requests()
        run = story.run("preview", project.preview(), fails=True)
        said = f"{case.option.replace('_', ' ')} are not supported by this engine"
        for kind in story.kinds:
            story.cell("preview", kind, (said in run.text, run.text), *untouched(story))
    else:
        if case.cli_only and f"does not support {case.option.replace('_', ' ')}" in project.preview().text:
            pytest.skip(f"the Pulumi CLI on PATH is older than {case.option}")
        brought_up(story, case)
        updated(story, case)
        refreshed(story, case)
        replaced(story, case)
        lost(story, case)
        destroyed(story, case)
    finished(story, record_property)


def brought_up(story: Story, case: Case) -> None:
    """preview, up, preview; and a run that died before its state was written."""
    project, server = story.project, story.server
    story.saved()
    server.forget_requests()
    run = story.run("preview", project.preview())
    state = story.state()
    for kind, ops in story.ops(run).items():
        story.cell(
            "preview",
            kind,
            (ops == ["create"], f"the steps are {ops}"),
            *untouched(story),
            (kind not in state, "it is in the state"),
        )
    server.forget_requests()
    ops_of = story.ops(story.run("up", project.up()))
    state = story.state()
    story.ids = {kind: found["id"] for kind, found in state.items()}
    for kind, ops in ops_of.items():
        made, [other] = len(story.making(kind)), story.making_another() or [-1]
        story.cell(
            "up",
            kind,
            (ops == ["create"], f"the steps are {ops}"),
            (kind in state, "it is not in the state"),
            (not case.ordered or not made or story.making(kind)[0] > other, "it is made before the other one"),
            (made == 1 or not SAMPLES[kind].has_create or kind == NOBODYS, f"{made} are made"),
            (kind not in CHANGING or story.live(kind) == story.wanted(kind), "Stripe has something else"),
        )
    unchanged(story, "preview of what is unchanged")
    died(story, "up after a crash")
    unchanged(story, "preview after a crash")


def died(story: Story, verb: str) -> None:
    """The run before died before its state was written; the next one gets the same objects."""
    story.restore()
    story.run(verb, story.project.up())
    kept(story, verb)


def unchanged(story: Story, verb: str) -> None:
    story.server.forget_requests()
    ops_of = story.ops(story.run(verb, story.project.preview()))
    for kind, ops in ops_of.items():
        changes = [op for op in ops if op != "read"]
        story.cell(verb, kind, (not changes, f"the steps are {ops}"), *untouched(story))


def updated(story: Story, case: Case) -> None:
    """The program changes a field."""
    if case.replaces == "change":
        return
    story.changed = set(CHANGING)
    story.declare()
    story.server.forget_requests()
    expected = [] if case.ignores else ["update"]
    run = story.run("preview of a change", story.project.preview())
    for kind, ops in story.ops(run).items():
        if kind in CHANGING:
            story.cell(
                "preview of a change",
                kind,
                (ops == expected, f"the steps are {ops}"),
                *untouched(story),
            )
    if case.hidden:
        shown = story.project.run("preview", "--diff", "--stack", story.project.stack, check=True).stdout
        for kind in CHANGING:
            line = f"~ {CHANGING[kind].field} "
            block = shown.partition(f"::it-{kind}]")[2].partition("[urn=")[0]
            found = [each.strip() for each in block.splitlines() if each.strip().startswith(line)]
            story.cell("preview --diff of a change", kind, (found == [f"{line}(hidden)"], f"{found} is shown"))
    story.server.forget_requests()
    ops_of = story.ops(story.run("up of a change", story.project.up()))
    state = story.state()
    for kind in CHANGING.keys() & set(story.kinds):
        changed = bool(story.touching(story.ids[kind]))
        has = story.live(kind) == story.wanted(kind)
        story.cell(
            "up of a change",
            kind,
            (ops_of[kind] == expected, f"the steps are {ops_of[kind]}"),
            (changed != case.ignores, "it is not changed" if not changed else "it is changed"),
            (has != case.ignores, f"Stripe has {story.live(kind)}"),
            (state[kind]["id"] == story.ids[kind], "the id is another one"),
        )
        if case.secret:
            values = [state[kind]["outputs"][name] for name in (CHANGING[kind].field, "livemode")]
            sealed = all(isinstance(value, dict) and SEALED in value for value in values)
            story.cell("up of a change", kind, (sealed, f"the state has {values} in clear"))


def refreshed(story: Story, case: Case) -> None:
    """Somebody changes the field."""
    if case.ignores:  # which is as the program said at first
        story.changed = set()
        story.declare()
    kinds = sorted(CHANGING.keys() & set(story.kinds))
    story.outside(kinds)
    story.server.forget_requests()
    story.run("refresh", story.project.refresh())
    state = story.state()
    for kind in kinds:
        seen = state[kind]["outputs"].get(CHANGING[kind].field)
        right = case.secret or seen == story.live(kind)
        story.cell("refresh", kind, (right, f"the state has {seen}"), *untouched(story))
    if case.replaces == "change":  # what others change would be replaced: it is put back by them
        story.changed ^= set(kinds)
        story.outside(kinds)
        story.changed ^= set(kinds)
        story.run("refresh", story.project.refresh())
        unchanged(story, "preview after a refresh")
        return
    story.server.forget_requests()
    story.run("up after a refresh", story.project.up())
    for kind in kinds:
        has = story.live(kind) == story.wanted(kind)
        story.cell(
            "up after a refresh",
            kind,
            (has != case.ignores, f"Stripe has {story.live(kind)}"),
            (bool(story.touching(story.ids[kind])) != case.ignores, "it is changed" if case.ignores else "it is not changed"),
        )
    unchanged(story, "preview after a refresh")


def replaced(story: Story, case: Case) -> None:
    """Another object, and a run that died when the new one was made."""
    kinds = [kind for kind in story.kinds if kind != TAKEN_FOR_EVER]
    if case.replaces == "change":
        kinds = [kind for kind in kinds if kind in CHANGING]
        story.changed = set(kinds)
    else:
        story.when = "november"
    story.declare()
    refused = case.replaces == "refused"
    story.server.forget_requests()
    ops_of = story.ops(story.run("preview of a replacement", story.project.preview(), fails=refused))
    for kind in kinds:
        right = refused or "replace" in ops_of[kind]
        story.cell(
            "preview of a replacement",
            kind,
            (right, f"the steps are {ops_of[kind]}"),
            *untouched(story),
        )
    story.saved()
    story.server.forget_requests()
    story.run("replacement", story.project.up(), fails=refused)
    state, old = story.state(), dict(story.ids)
    if refused:
        for kind in kinds:
            kept = state[kind]["id"] == old[kind]
            story.cell("replacement", kind, (kept, "the id is another one"), (not story.touching(old[kind]), "it is changed"))
        return
    story.ids = {kind: found["id"] for kind, found in state.items()}
    for kind in kinds:
        if kind == STAYS:
            continue
        made, gone = story.making(kind), story.touching(old[kind])
        order = not made or not gone or kind in ONE_AT_A_TIME or (gone[-1] < made[0] if case.first else gone[-1] > made[-1])
        story.cell(
            "replacement",
            kind,
            (story.ids[kind] != old[kind], "the id is the old one"),
            (bool(gone) == case.retires, "the old one is retired" if gone else "the old one is not retired"),
            (order, "the order is another one"),
        )
    unchanged(story, "preview after a replacement")
    died(story, "replacement after a crash")
    unchanged(story, "preview after a replacement after a crash")


def lost(story: Story, case: Case) -> None:
    """The state is lost."""
    story.kinds = [kind for kind in story.kinds if kind != NOBODYS]
    story.lose()
    story.server.forget_requests()
    story.run("lost state, preview", story.project.preview())
    for kind in story.kinds:
        story.cell("lost state, preview", kind, *untouched(story))
    story.server.forget_requests()
    story.run("lost state, up", story.project.up())
    kept(story, "lost state, up", anew=lambda kind: case.either or not schema_of(kind).tagged)
    unchanged(story, "lost state, preview")


def destroyed(story: Story, case: Case) -> None:
    """Everything goes."""
    story.server.forget_requests()
    other = story.project.resources()["other"]["id"] if case.ordered else ""
    story.run("destroy", story.project.destroy(), fails=not case.destroys)
    state = story.state()
    for kind in story.kinds:
        gone = bool(story.touching(story.ids[kind]))
        if case.ordered and gone and kind != STAYS:
            before = story.touching(story.ids[kind])[-1] < story.touching(other)[0]
            story.cell("destroy", kind, (before, "it goes after the other one"))
        retires = case.retires and case.destroys and not SAMPLES[kind].retired_by.startswith("GET")
        story.cell(
            "destroy",
            kind,
            ((kind in state) != case.destroys, "it is still in the state" if case.destroys else "it is not in the state"),
            (gone == retires or kind == STAYS, "it is retired" if gone else "it is not retired"),
        )


# -- the others

REFUSED = [name for name, option in OPTIONS.items() if option.instead]
VALUES = {
    "custom_timeouts": 'pulumi.CustomTimeouts(create="1m")',
    "env_var_mappings": '{"A": "B"}',
}


@pytest.mark.timeout(0)
@pytest.mark.parametrize(
    "option", [pytest.param(name, marks=[pytest.mark.thorough] if name != "custom_timeouts" else []) for name in REFUSED]
)
def test_an_option_that_is_refused(option: str, project: Project, server: LocalStripe, record_property: Record) -> None:
    story = Story(project, server, Program(f"Opts({option}={VALUES.get(option, repr('1.0.0'))})"))
    for verb, command in (("preview", project.preview), ("up", project.up)):
        server.forget_requests()
        run = story.run(verb, command(), fails=True)
        for kind in story.kinds:
            said = f'{kind} "it-{kind}": {option} is not for dynamic resources; ' in run.text
            story.cell(verb, kind, (said, "it is not refused"), (not story.requests, "Stripe is asked"))
    assert story.state() == {}
    finished(story, record_property)


# -- aliases

BELOW = "Opts(parent=inner)"
FORMER_TYPE = "pulumi-python:dynamic/former:"
ALIASES: dict[str, tuple[Program, Program, tuple[str, str]]] = {
    "name": (Program(), Program('Opts(aliases=[pulumi.Alias(name=f"it-{kind}")])', name="new"), ("", "")),
    "parent": (Program(BELOW, INNER), Program("Opts(aliases=[pulumi.Alias(parent=inner)])", INNER), ("", "")),
    "no-parent": (
        Program(),
        Program("Opts(parent=inner, aliases=[pulumi.Alias(parent=pulumi.ROOT_STACK_RESOURCE)])", INNER),
        ("", ""),
    ),
    "parent-and-name": (
        Program(BELOW, INNER),
        Program('Opts(aliases=[pulumi.Alias(name=f"it-{kind}", parent=inner)])', INNER, name="new"),
        ("", ""),
    ),
    "of-the-parent": (
        Program(BELOW, INNER),
        Program(BELOW, 'inner = Team("renamed", Opts(parent=Team("outer"), aliases=[pulumi.Alias(name="inner")]))'),
        ("", ""),
    ),
    "urn": (
        Program(),
        Program('Opts(aliases=[f"urn:pulumi:dev::hypernian::pulumi-python:dynamic/stripe:{kind}::it-{kind}"])', name="new"),
        ("", ""),
    ),
    "type": (
        Program(),
        Program(f'Opts(aliases=[pulumi.Alias(type_=f"{FORMER_TYPE}{{kind}}")])'),
        ("pulumi-python:dynamic/stripe:", FORMER_TYPE),
    ),
    "project": (Program(), Program('Opts(aliases=[pulumi.Alias(project="elsewhere")])'), ("::hypernian::", "::elsewhere::")),
    "stack": (Program(), Program('Opts(aliases=[pulumi.Alias(stack="other")])'), ("urn:pulumi:dev::", "urn:pulumi:other::")),
}
"""By what of the URN an alias names: the programs before and after, and what is replaced in the state between them."""

NAMED_ANEW = ("name", "parent", "parent-and-name", "urn")
"""With these the object gets another mark at Stripe."""


@pytest.mark.thorough
@pytest.mark.timeout(0)
@pytest.mark.parametrize("of", ALIASES)
def test_a_life_under_another_urn(of: str, project: Project, server: LocalStripe, record_property: Record) -> None:
    before, after, (old, new) = ALIASES[of]
    # What has no mark is not found under another name, nor is what somebody else declares.
    story = Story(project, server, before, [kind for kind in SAMPLES if kind not in (STAYS, NOBODYS)])
    story.run("up", project.up())
    story.ids = {kind: found["id"] for kind, found in story.state().items()}
    if old:
        elsewhere(project, old, new)
    story.declare(after)
    server.forget_requests()
    ops_of = story.ops(story.run(f"preview, {of}", project.preview()))
    for kind, ops in ops_of.items():
        expected = ["update"] if of in NAMED_ANEW and schema_of(kind).tagged else []
        story.cell(f"preview, {of}", kind, (ops == expected, f"the steps are {ops}"), *untouched(story))
    story.run(f"up, {of}", project.up())
    kept(story, f"up, {of}")
    unchanged(story, f"preview after it, {of}")
    story.lose()
    story.run("lost state, up", project.up())
    kept(story, "lost state, up", anew=lambda kind: of in NAMED_ANEW and not schema_of(kind).tagged)
    unchanged(story, "lost state, preview")

    story.changed = set(CHANGING)
    story.declare()
    story.run("up of a change", project.up())
    kept(story, "up of a change")
    for kind, found in story.state().items():
        if "metadata" in (live := story.whole(kind)) and kind in CHANGING:
            mark = live["metadata"].get("pulumi_resource")
            owner = found["inputs"]["__owner"]
            story.cell("up of a change", kind, (mark == owner, f"Stripe has the mark {mark}, not {owner}"))
    story.run("destroy", project.destroy())
    for kind in story.kinds:
        retired = bool(story.touching(story.ids[kind]))
        story.cell("destroy", kind, (retired, "it is not retired"), (story.state() == {}, "it is still in the state"))
    finished(story, record_property)


def kept(story: Story, verb: str, anew: Callable[[str], bool] = lambda kind: False) -> None:
    """The objects are those that were there; but in a lost state those of kinds `anew`, and what Stripe tells only once."""
    state = story.state()
    for kind in story.kinds:
        now, before = state[kind]["id"], story.ids[kind]
        right = now == before or ("lost" in verb and (anew(kind) or bool(schema_of(kind).shown_once)))
        story.cell(verb, kind, (right, f"{now} is in the state, not {before}"))
    story.ids = {kind: found["id"] for kind, found in state.items()}


def elsewhere(project: Project, old: str, new: str) -> None:
    """The state has the resources under other URNs, as if they had been declared elsewhere."""
    state = project.state()
    for resource in state["deployment"]["resources"]:
        if "dynamic/stripe:" in resource["type"]:
            resource["urn"] = resource["urn"].replace(old, new)
            resource["type"] = resource["type"].replace(old, new)
    (project.folder / "elsewhere.json").write_text(json.dumps(state))
    project.run("stack", "import", "--force", "--file", "elsewhere.json", "--stack", project.stack, check=True)


# -- id


@pytest.mark.thorough
@pytest.mark.timeout(0)
def test_a_life_of_what_is_read(project: Project, server: LocalStripe, record_property: Record) -> None:
    story = Story(project, server, Program())
    story.run("up", project.up())
    story.read = story.ids = {kind: found["id"] for kind, found in story.state().items()}
    story.lose()
    story.declare(Program("Opts(id=ids[kind])"))
    for verb, command in (("preview", project.preview), ("up", project.up), ("preview after it", project.preview)):
        server.forget_requests()
        ops_of = story.ops(story.run(verb, command()))
        state = story.state()
        for kind in story.kinds:
            story.cell(verb, kind, ({*ops_of[kind]} <= {"read"}, f"the steps are {ops_of[kind]}"), *untouched(story))
            if verb != "preview":
                right = state[kind]["id"] == story.ids[kind] and state[kind].get("external")
                story.cell(verb, kind, (bool(right), "the state has something else"))
    story.outside(CHANGING)
    for verb, command in (("refresh", project.refresh), ("up after a refresh", project.up)):
        server.forget_requests()
        story.run(verb, command())
        state = story.state()
        for kind in CHANGING:
            seen = state[kind]["outputs"].get(CHANGING[kind].field)
            story.cell(verb, kind, (seen == story.live(kind), f"the state has {seen}"), *untouched(story))
    story.lose()
    server.forget_requests()
    story.run("lost state, up", project.up())
    kept(story, "up after a lost state")
    server.forget_requests()
    story.run("destroy", project.destroy())
    for kind in story.kinds:
        story.cell("destroy", kind, *untouched(story), (story.state() == {}, "it is still in the state"))
    story.read = {kind: f"{id_}x" for kind, id_ in story.ids.items()}
    story.declare()
    text = story.run("preview of what is not there", project.preview(), fails=True).text
    assert "could not be read" in text
    finished(story, record_property)


def untouched(story: Story) -> list[tuple[bool, str]]:
    return [(not written(story.requests), "Stripe is changed")]
