"""Writes the reference of all resources, docs/resources.md and a page for each, from their declarations and docstrings.

python -m scripts.resource_docs            writes it
python -m scripts.resource_docs --check    fails where it is stale
"""

from __future__ import annotations

import ast
import inspect
import itertools
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from os.path import relpath
from pathlib import Path
from textwrap import dedent
from types import MappingProxyType
from typing import Any, get_args, get_type_hints, is_typeddict

from scripts.generated import run_all
from stripe_resources.declare import fields_of
from stripe_resources.register import (
    KINDS,
    AnyOf,
    Behaviour,
    Boolean,
    DecimalText,
    Enum,
    Field,
    Integer,
    Kind,
    ListOf,
    MapOf,
    Number,
    Object,
    Role,
    Schema,
    Step,
    Text,
    Type,
    Unset,
    replaced_without,
)
from stripe_resources.resource import StripeResource

DOCS = Path(__file__).resolve().parents[1] / "docs"
COMMAND = "python -m scripts.resource_docs"
SHARED = "resources/shared-objects.md"
"""The page of what several resources take."""
LISTED_VALUES = 14
"""If a field has more values than this, only the first ones are listed."""

CHANGES = {
    Role.MUTABLE: "in place",
    Role.IMMUTABLE: "**replaces**",
    Role.OPTION: "sent along",
    Role.RETIRE_OPTION: "for the delete",
    Role.ADOPTION: "at creation",
}

INTRODUCTION = f"""\
# Resources

A page for each resource: its fields, an example, what a change of each field does, what deleting it does. Written by
`{COMMAND}` from the declarations in [`stripe_resources/`](../stripe_resources): change those, not these.
"""

READING = """\
## How to read the tables

Fields have Stripe's names and shapes, and take Pulumi inputs at every depth. Every field is also an output of the resource,
with the value that Stripe has; [what one is that is not declared](options.md#outputs-of-what-is-not-declared). Amounts are in
minor currency units (4 is 0.04 USD), times are Unix seconds, UTC,
or a datetime with a time zone. Type checkers and editors know all of this:
see [Types](typing.md).

**Takes**: the type and its limits; a preview refuses anything else. **A change** is made

- *in place*: by an update of Stripe's object;
- **replaces**: by a new object, since Stripe cannot change it; the old one is retired;
- *sent along*: says how a request is carried out, and is never a change by itself;
- *for the delete*: says how the object is retired; kept in the state until then;
- *at creation*: says which existing object the resource begins with; matters only then.

**Default** is Stripe's: where an object can only be replaced, declaring it aloud changes nothing; what is changed in place is
sent when it is declared anew, since others may have set it meanwhile. **Left out again**: what happens at Stripe when the field
leaves the program; of a field that is changed in place, a part that leaves goes the same way, as far as Stripe has a way. A field
marked ◦ is compared with what was declared last, since Stripe does not give it back or changes it by itself: drift in it is not
seen.
"""


# -- where the texts come from


def field_texts(class_: type) -> dict[str, str]:
    """The string literals under the annotated names of a class, by name."""
    source = ast.parse(Path(inspect.getsourcefile(sys.modules[class_.__module__]) or "").read_text())
    body = next(n.body for n in ast.walk(source) if isinstance(n, ast.ClassDef) and n.name == class_.__name__)
    found: dict[str, str] = {}
    for node, after in itertools.pairwise(body):
        match node, after:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                found[name] = _line(text)
    return found


def _line(text: str | None) -> str:
    """A docstring on one line."""
    return " ".join((text or "").split())


def summary(class_: type) -> str:
    """What the docstring of a resource says, on one line, without its example."""
    return _line(_parts(class_)[0])


def example(class_: type) -> str:
    """The program that the docstring of a resource ends with, with what it imports."""
    code = dedent(_parts(class_)[1])
    used = {node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)}
    return f"from stripe_resources import {', '.join(sorted(used & {s.kind for s, _ in KINDS.values()}))}\n\n{code}"


def _parts(class_: type) -> list[str]:
    return (inspect.getdoc(class_) or "").split("\n\nAn example:\n\n")


@cache
def nested(declaration: type) -> dict[str, type]:
    """The TypedDict inside each field that has one. Raises TypeError for a field with two: a link leads to one table."""
    found: dict[str, type] = {}
    for name, hint in get_type_hints(declaration, include_extras=True).items():
        inside = list(dict.fromkeys(_typed_dicts(hint)))
        if len(inside) > 1:
            raise TypeError(f"{declaration.__name__}.{name} holds {inside}")
        if inside:
            found[name] = inside[0]
    return found


def _typed_dicts(hint: Any) -> Iterator[type]:
    if is_typeddict(hint):
        yield hint
    for part in get_args(hint):
        yield from _typed_dicts(part)


def all_nested(declarations: Iterable[type]) -> list[type]:
    """Every TypedDict below these, each once, in the order of first use."""
    found: dict[type, None] = {}
    for declaration in declarations:
        for class_ in nested(declaration).values():
            if class_ not in found:
                found[class_] = None
                found.update(dict.fromkeys(all_nested([class_])))
    return list(found)


# -- where what is


def page(kind: str) -> str:
    """The page of a kind of resource, in docs/."""
    return f"resources/{re.sub('(?<=[a-z])(?=[A-Z])', '-', kind).lower()}.md"


@cache
def tables() -> dict[type, str]:
    """Where in docs/ the table of every declaration is: what one resource alone takes is on that resource's page."""
    by_page = {page(schema.kind): schema.arguments for schema, _ in KINDS.values()}
    found = {declaration: path for path, declaration in by_page.items()}
    for class_ in all_nested(by_page.values()):
        users = [path for path, declaration in by_page.items() if class_ in all_nested([declaration])]
        found[class_] = f"{users[0] if len(users) == 1 else SHARED}#{class_.__name__.lower()}"
    return found


def on_page(text: str, path: str) -> str:
    """A text whose links are relative to docs/, as part of a page in docs/."""

    def moved(link: re.Match[str]) -> str:
        target, mark, anchor = link[1].partition("#")
        return f"]({'' if target == path and mark else relpath(target, Path(path).parent)}{mark}{anchor})"

    return re.sub(r"\]\((?![a-z]+:|#)([^)]+)\)", moved, text)


# -- types in words


def words(type_: Type, inside: type | None, links: Mapping[type, str] = MappingProxyType({})) -> str:
    """A type and its limits; `inside` is the TypedDict of the object in it.

    `links` are those to tables that are not in the reference; the others are relative to docs/.
    """
    match type_:
        case Object():
            if inside is None:
                raise TypeError("an object without a TypedDict")
            return links.get(inside) or f"[{inside.__name__.removesuffix('Args')}]({tables()[inside]})"
        case ListOf(item=item, max_items=most, min_items=least):
            size = f" ({least} to {most})" if most and least else f" (at most {most})" if most else ""
            return f"list of {words(item, inside, links)}{size}"
        case MapOf(value=value, key=key):
            return f"map: {words(key, None)} → {words(value, inside, links)}"
        case AnyOf(alternatives=alternatives):
            return " or ".join(words(a, inside, links) for a in alternatives)
        case Enum(values=values):
            return _listed(values)
        case Boolean():
            return "True or False"
        case Integer(time=True):
            return "Unix seconds, or a datetime"
        case Integer(minimum=minimum, maximum=maximum):
            unlimited = Integer()
            return "whole number" + _limits(
                None if minimum == unlimited.minimum else minimum, None if maximum == unlimited.maximum else maximum
            )
        case Number(minimum=least_number, maximum=most_number):
            return "number" + _limits(least_number, most_number)
        case DecimalText(places=places, minimum=minimum_amount):
            return f"decimal, as a string or a Decimal, at most {places} places" + (
                "" if minimum_amount is None else ", not negative"
            )
        case Text(max_length=length, form=form):
            return (form or "string") + (f", at most {length} characters" if length else "")
    raise TypeError(f"no words for {type_!r}")


def _limits(minimum: float | None, maximum: float | None) -> str:
    if minimum is not None and maximum is not None:
        return f", {minimum} to {maximum}"
    if minimum is not None:
        return f", {minimum} or more"
    return "" if maximum is None else f", {maximum} or less"


def _listed(values: tuple[str, ...]) -> str:
    shown = ", ".join(f"`{v}`" for v in values[:LISTED_VALUES])
    return shown if len(values) <= LISTED_VALUES else f"{shown}, … ({len(values)} values)"


# -- tables


def table(header: list[str], rows: Iterable[list[str]]) -> list[str]:
    """A Markdown table, without the columns that are empty in every row."""
    filled = list(rows)
    kept = [i for i in range(len(header)) if i == 0 or any(row[i] for row in filled)]

    def line(cells: list[str]) -> str:
        return "| " + " | ".join(cells[i].replace("|", "\\|") for i in kept) + " |"

    return [line(header), "| " + " | ".join("---" for _ in kept) + " |", *map(line, filled)]


def _takes(field: Field, inside: type | None) -> str:
    return ("**required**; " if field.required else "") + words(field.type, inside)


def _default(field: Field) -> str:
    return "" if field.default is None else f"`{field.default!r}`".replace("'", '"')


def _remarks(field: Field, text: str) -> str:
    remarks = [text] if text else []
    if field.wire:
        remarks.append(f"Stripe's name: `{field.wire}`.")
    if field.enforced:
        remarks.append("Any other value at Stripe is drift, declared or not.")
    if field.only == "update":
        late = field.role is Role.MUTABLE
        remarks.append("Stripe takes it in updates only" + (": sent in one right after the creation." if late else "."))
    if field.only == "create" and field.role is not Role.IMMUTABLE:
        remarks.append("Sent at creation only.")
    return " ".join(remarks)


def _removed(schema: Schema, behaviour: Behaviour, field: Field) -> str:
    if field.required or field.role in (Role.OPTION, Role.RETIRE_OPTION, Role.ADOPTION):
        return ""
    if field.role is Role.IMMUTABLE:
        return "**replaces**"
    if isinstance(field.type, MapOf):
        return "**replaces**" if replaced_without(Kind(schema, behaviour), field.name) else "its keys are removed"
    return {
        Unset.EMPTY: "removed",
        Unset.DEFAULT: "the default",
        Unset.INSIDE: "each part is removed",
        Unset.KEEP: "stays",
    }[field.unset]


def _field_table(schema: Schema, behaviour: Behaviour, declaration: type) -> list[str]:
    texts, inside = field_texts(declaration), nested(declaration)
    rows = [
        [
            f"`{name}`" + ("" if field.readable or field.role is Role.OPTION else " ◦"),
            _takes(field, inside.get(name)),
            CHANGES[field.role],
            _default(field),
            _removed(schema, behaviour, field),
            _remarks(field, texts.get(name, "")),
        ]
        for name, field in fields_of(declaration).items()
    ]
    return table(["field", "takes", "a change", "default", "left out again", ""], rows)


def _nested_table(class_: type) -> list[str]:
    texts, inside = field_texts(class_), nested(class_)
    rows = [
        [f"`{name}`", _takes(field, inside.get(name)), _default(field), texts.get(name, "")]
        for name, field in fields_of(class_).items()
    ]
    return table(["field", "takes", "default", ""], rows)


OUTPUTS = {"pulumi.Output[bool]": "True or False", "pulumi.Output[int]": "whole number", "pulumi.Output[str]": "string"}
"""What an output is, by its annotation."""


def _computed_table(schema: Schema, resource: type) -> list[str]:
    texts = field_texts(resource)
    annotations = {**inspect.get_annotations(StripeResource), **inspect.get_annotations(resource)}
    rows = [[f"`{name}`", OUTPUTS[annotations[name]], texts.get(name, "")] for name in schema.computed]
    return table(["output", "is", ""], rows)


# -- the document


def _retired(schema: Schema, behaviour: Behaviour) -> str:
    own = type(behaviour).retire
    if own is not Behaviour.retire:
        return _line(own.__doc__)
    return "; where Stripe refuses that, ".join(_sent(f"{schema.path}/{{id}}", step) for step in schema.lifecycle.steps) + "."


def _sent(path: str, step: Step) -> str:
    if step.deletes:
        return f"`DELETE {path}`"
    params = ", ".join(f"`{name}: {str(value).lower()}`" for name, value in step.params.items())
    return f"`POST {path}{step.below}`" + (f" with {params}" if params else "")


def _reasons(schema: Schema) -> list[str]:
    rows = [[f"`{path}`", "all requests", reason] for path, reason in schema.left_out.items()]
    rows += [[f"`{path}`", "updates", reason] for path, reason in schema.creation_only.items()]
    return table(["parameter", "of", "why"], rows)


def _nested_parts(path: str) -> Iterator[str]:
    """The tables of the nested objects on a page."""
    for class_, place in tables().items():
        if place.startswith(f"{path}#"):
            rows = _nested_table(class_)
            yield f"{'##' if path == SHARED else '###'} {class_.__name__}"
            yield _line(class_.__doc__)
            yield "\n".join(rows) if len(rows) > 2 else "No fields: `{}`."


def _resource(schema: Schema, behaviour: Behaviour) -> Iterator[str]:
    declaration, class_ = schema.arguments, schema.resource
    link = _line(sys.modules[class_.__module__].__doc__).rpartition(" ")[2]
    yield f"# {schema.kind}"
    yield summary(class_)
    yield f"Stripe: <{link}>, parameters: <{_line(declaration.__doc__)}>. Type: `pulumi-python:dynamic/{schema.token}`."
    yield f"```python\n{example(class_)}\n```"
    yield "## Fields"
    yield "[How to read this table](resources.md#how-to-read-the-tables), [all resources](resources.md)."
    yield "\n".join(_field_table(schema, behaviour, declaration))
    yield "## Outputs"
    yield "Besides its fields:"
    yield "\n".join(_computed_table(schema, class_))
    yield "## Deleting it"
    yield _retired(schema, behaviour)
    yield "## Left out"
    yield "Parameters of Stripe's that the resource does not have:"
    yield "\n".join(_reasons(schema))
    if inside := list(_nested_parts(page(schema.kind))):
        yield from ("## Nested objects", *inside)


def _index() -> Iterator[str]:
    yield INTRODUCTION.rstrip()
    rows = [[f"[{schema.kind}]({page(schema.kind)})", summary(schema.resource)] for schema, _ in KINDS.values()]
    yield "\n".join(table(["resource", "is"], rows))
    yield f"What several of them take is in [objects that resources share]({SHARED})."
    yield READING.rstrip()


def documents() -> dict[Path, str]:
    """The whole reference, by file."""
    shared = ["# Objects that resources share", "What several [resources](resources.md) take.", *_nested_parts(SHARED)]
    pages = {"resources.md": _index(), SHARED: shared}
    pages |= {page(schema.kind): _resource(schema, behaviour) for schema, behaviour in KINDS.values()}
    return {DOCS / path: on_page("\n\n".join(parts), path) + "\n" for path, parts in pages.items()}


if __name__ == "__main__":
    sys.exit(run_all(__doc__, COMMAND, documents))
