"""What all resources of this package are: a Pulumi dynamic resource over a declaration."""

from __future__ import annotations

import copy
import inspect
import weakref
from collections.abc import Callable, Mapping, Sequence
from decimal import InvalidOperation
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

import pulumi
import pulumi.dynamic
from pulumi import UNKNOWN
from pulumi.runtime.resource import all_aliases
from pulumi.runtime.settings import get_monitor

from ._core.adoption import ADOPT
from ._core.behaviour import Behaviour
from ._core.register import enter
from ._core.secrecy import SECRETS
from ._core.values.check import canonical_decimal
from ._core.values.compare import MADE_UP
from ._core.values.lifecycle import DELETED, Lifecycle
from ._core.values.options import IGNORED, REPLACING, RETAINED
from ._core.values.ownership import FORMER, OWNER, PARENTS, SHARED, declared_twice, old_form, owner, parts_of, stack_of
from ._core.values.schema import Key, Rule, Schema, include_parameter
from .carrying import carried, secret_places
from .checking import misplaced_outputs
from .configuration import warn_of_a_plain_key
from .declare import fields_of
from .provider import StripeProvider
from .pulumi_options import LOST_BY_TRANSFORMS, OPTIONS
from .transforms import watched

_NOTHING: Mapping[str, str] = MappingProxyType({})
_ASKED_FOR = "concerns the request, not the object: the provider asks for what it needs"


class StripeResource(pulumi.dynamic.Resource):
    """One object at Stripe. Arguments are Stripe's create parameters, verbatim; all take Pulumi inputs, at every depth.

    Every argument is also an output, with the value that Stripe has. One that is not declared has Stripe's default; one that
    Stripe makes up is unknown before creation; all others are None. One that is read by its id (`ResourceOptions(id=...)`) has
    what Stripe has, whatever its arguments say.

    A kind is a subclass that gives a path: it enters itself among the kinds there are. What it annotates besides its arguments
    are values that Stripe computes; only such as do not change by themselves.
    """

    livemode: pulumi.Output[bool]

    _schema: ClassVar[Schema]

    def __init_subclass__(
        cls,
        *,
        path: str = "",
        arguments: type = dict,
        behaviour: type[Behaviour] = Behaviour,
        shown_once: Mapping[str, str] = _NOTHING,
        irreversible: str = "",
        left_out: Mapping[str, str] = _NOTHING,
        creation_only: Mapping[str, str] = _NOTHING,
        part_of: str = "",
        rules: tuple[Rule, ...] = (),
        lifecycle: Lifecycle = DELETED,
        key: Key | None = None,
    ) -> None:
        """`arguments` is the TypedDict that declares the fields; the others are those of `_core.values.schema.Schema`.

        Annotations are not looked into before they are needed: a program uses few of the kinds that it imports.
        """
        if not path:  # a program's own class over a kind: at Stripe, and in the state, it is of that kind
            return
        super().__init_subclass__(module="stripe", name=cls.__name__)
        cls._schema = Schema(
            token=f"stripe:{cls.__name__}",
            path=path,
            fields=fields_of(arguments),
            computed=tuple(n for n in (*inspect.get_annotations(cls), "livemode") if n not in arguments.__annotations__),
            shown_once=shown_once,
            irreversible=irreversible,
            left_out={include_parameter(path): _ASKED_FOR, **left_out},
            creation_only=creation_only,
            part_of=part_of,
            rules=rules,
            lifecycle=lifecycle,
            key=key,
            arguments=arguments,
            resource=cls,
        )
        enter(cls._schema, behaviour(cls._schema))

    def __init__(
        self,
        resource_name: str,
        args: Mapping[str, Any],
        opts: pulumi.ResourceOptions | None = None,
        internal: Mapping[str, Any] | None = None,
    ) -> None:
        """`resource_name` is the name in the stack; the arguments are Stripe's parameters, and say themselves what they are.

        `opts` are [Pulumi's](https://www.pulumi.com/docs/iac/concepts/resources/options/). What is wrong with the arguments is
        said by `pulumi preview`, all at once.
        """
        schema = self._schema
        if not isinstance(resource_name, str) or not _can_be_sent(resource_name):
            raise unnamed(schema.kind)
        _refuse_misplaced(schema.kind, resource_name, args)
        args, later = carried(schema.fields, args)
        attributes = dict.fromkeys((*schema.fields, *schema.computed, MADE_UP))
        reads = opts.id if opts else None
        if reads is not None:  # the arguments say nothing that Stripe does not, but where the object is
            args = {name: args[name] for name in schema.below if name in args}
        props = {**attributes, **args, **(internal or {})}
        if later:
            props[SECRETS] = secret_places(later)

        def complete(given: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult:
            _refuse_options(schema, resource_name, given.opts)
            told = self._told(resource_name, given.opts)
            return pulumi.ResourceTransformationResult({**given.props, **told}, watched(given.opts))

        options = _secret(schema, _protected(schema, opts))
        super().__init__(StripeProvider(schema.token), resource_name, props, _transformed_last(options, complete))
        self._given = {name: args[name] for name in schema.fields if isinstance(args.get(name), pulumi.Output)}
        undeclared = (name for name in schema.fields if args.get(name) is None or name in self._given)
        self._answers = {name: self.__dict__.pop(name) for name in undeclared}
        self._defaults = {} if reads is not None else _defaults(schema, args)
        if reads is not None:  # the engine does not tell it in a preview
            self.__dict__["id"] = self.id.apply(_else(reads), run_with_unknowns=True)

    def _told(self, name: str, opts: pulumi.ResourceOptions) -> dict[str, Any]:
        """What the provider has to know of the name and the options, as internal inputs."""
        type_, parent = f"pulumi-python:{self._resource_type_name}", opts.parent
        claimed, at_the_top = _claim(self._schema.kind, name, opts), _at_the_top(opts)
        told: dict[str, Any] = {OWNER: claimed, **_left_to_the_provider(opts)}
        aliases = all_aliases(opts.aliases, name, type_, parent)
        if aliases or parent is not None:
            told[FORMER] = _former(claimed, parent, aliases, type_, at_the_top)
        if parent is not None and at_the_top:
            told[PARENTS] = _nested(parent)
        elif parent is not None:
            told.update({OWNER: _below(claimed, parent), SHARED: _shared(claimed, parent)})
        return told

    if not TYPE_CHECKING:  # type checkers know the outputs by their annotations

        def __getattr__(self, name: str) -> pulumi.Output[Any]:
            """The output of an argument that is not declared, made when it is asked for: most never are."""
            answer = self.__dict__.get("_answers", {}).get(name)
            if answer is None:
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            self.__dict__[name] = found = self._undeclared(name, answer)
            return found

    def _undeclared(self, name: str, answer: pulumi.Output[Any]) -> pulumi.Output[Any]:
        """The SDK takes all that the engine's answer lacks for unknown in a preview, and for None in a deployment. An output can
        be given that turns out to be None: then nothing is declared either."""

        def made_up(known: Any) -> Any:
            if known is UNKNOWN:  # what is only updated is as unknown; a state that is older than `MADE_UP` has none
                return self.livemode.apply(lambda seen: seen if seen is UNKNOWN else None, run_with_unknowns=True)
            return known.get(name) if known else None

        def value(known: Any) -> Any:
            left_out = known is UNKNOWN and not pulumi.runtime.is_dry_run()  # of this run, by --target
            if left_out or (known is not UNKNOWN and known is not None):
                return known
            given = self._given.get(name) if known is UNKNOWN else None
            return nothing() if given is None else given.apply(declared, run_with_unknowns=True)

        def declared(given: Any) -> Any:
            return nothing() if given is None else UNKNOWN

        def nothing() -> Any:
            if self._schema.fields[name].filled:
                return self.__dict__[MADE_UP].apply(made_up, run_with_unknowns=True)
            return self._defaults.get(name)

        return answer.apply(value, run_with_unknowns=True)


def _else(value: pulumi.Input[Any]) -> Callable[[Any], pulumi.Input[Any]]:
    """What is known, or else this value."""
    return lambda known: value if known is UNKNOWN else known


def _defaults(schema: Schema, args: Mapping[str, Any]) -> dict[str, Any]:
    """What Stripe has where these arguments declare nothing, as far as it is known; it never leaves metadata null."""
    found = {name: field.default for name, field in schema.fields.items() if field.default is not None}
    for decimal, whole in schema.amounts.items():  # one amount, of which Stripe says both
        if args.get(whole) is not None:
            found[decimal] = pulumi.Output.from_input(args[whole]).apply(_decimal)
        elif args.get(decimal) is not None:
            found[whole] = pulumi.Output.from_input(args[decimal]).apply(_whole)
    return {"metadata": {}, **found}


def _decimal(amount: object) -> str | None:
    try:
        return canonical_decimal(str(amount))
    except InvalidOperation:  # the check says so
        return None


def _whole(amount: object) -> int | None:
    plain = _decimal(amount)
    return None if plain is None or "." in plain else int(plain)


def _can_be_sent(name: str) -> bool:
    """Whether a name says anything, and has no half of a character, which the engine cannot be told."""
    return bool(name) and not any("\ud800" <= c <= "\udfff" for c in name)


def unnamed(kind: str) -> pulumi.RunError:
    """What is said of a resource without a name, with the line of the program that declares it."""
    frame, packages = inspect.currentframe(), ("stripe_resources", "stripe_components")
    while frame and str(frame.f_globals.get("__name__")).split(".")[0] in packages:
        frame = frame.f_back
    place = f"{frame.f_code.co_filename}, line {frame.f_lineno}: " if frame else ""
    return pulumi.RunError(f"{place}the first argument of {kind} is the resource's name: give a string of whole characters")


def _refuse_misplaced(kind: str, name: str, args: Mapping[str, Any]) -> None:
    """Raises RunError for outputs where the program itself has to know the value: an engine never sees those."""
    failures = [f'{kind} "{name}": {failure}' for failure in misplaced_outputs(args)]
    if failures:
        raise pulumi.RunError("\n".join(failures))


def _refuse_options(schema: Schema, name: str, opts: pulumi.ResourceOptions) -> None:
    """Raises RunError with what to do instead of each option that cannot keep its word, see `pulumi_options`.

    For instance `import_`: Pulumi tells a dynamic provider an id, and not even what it is the id of.
    """
    refused = {option: known.instead for option, known in OPTIONS.items() if known.instead and _given(opts, option)}
    if "import_" in refused:
        id_ = repr(opts.import_) if isinstance(opts.import_, str) else "the id"
        remedy = f"give adopt={id_}, which takes over" if ADOPT in schema.fields else "leave it out: the declaration finds"
        refused["import_"] = f"{remedy} what is there"
    wrong = {option: f"is not for dynamic resources; {what}" for option, what in refused.items()}
    if opts.transforms:
        lost = "is lost where a transform returns options; give `transformations` instead of transforms"
        wrong |= {option: lost for option in LOST_BY_TRANSFORMS if getattr(opts, option, None) not in (None, [])}
    if wrong:
        lines = (f'{schema.kind} "{name}": {option} {what}' for option, what in wrong.items())
        raise pulumi.RunError("\n".join(lines))


def _given(opts: pulumi.ResourceOptions, name: str) -> bool:
    return getattr(opts, name, None) is not None


def _left_to_the_provider(opts: pulumi.ResourceOptions) -> dict[str, Any]:
    """See `_core.values.options`."""
    named = {IGNORED: opts.ignore_changes, REPLACING: opts.replace_on_changes}
    paths = {key: list(paths) for key, paths in named.items() if paths}
    return {**paths, RETAINED: True} if opts.retain_on_delete else paths


def _transformed_last(opts: pulumi.ResourceOptions | None, last: pulumi.ResourceTransformation) -> pulumi.ResourceOptions:
    """The options, with a transformation that comes after all others, those of the parents too: they can add options.

    The SDK goes through a list to which a parent's are added behind a resource's own, so the first one adds the last one. Both
    are taken out again, since children inherit what is in the list.
    """

    def first(args: pulumi.ResourceTransformationArgs) -> None:
        args.resource._transformations.append(end)

    def end(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
        own = args.resource._transformations
        own[:] = [each for each in own if each not in (first, end)]
        return last(args)

    options = copy.copy(opts or pulumi.ResourceOptions())
    options.transformations = [first, *(options.transformations or [])]
    return options


def _secret(schema: Schema, opts: pulumi.ResourceOptions | None) -> pulumi.ResourceOptions | None:
    """What Stripe tells only once is encrypted in the state, and shown nowhere.

    https://www.pulumi.com/docs/iac/concepts/resources/options/additionalsecretoutputs/
    """
    if not schema.shown_once:
        return opts
    return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(additional_secret_outputs=list(schema.shown_once)))


def _protected(schema: Schema, opts: pulumi.ResourceOptions | None) -> pulumi.ResourceOptions | None:
    """In a live stack, what cannot be brought back is protected unless the program or `stripe:allowDelete` says otherwise.

    The engine then refuses to delete or replace it, which previews say already.
    https://www.pulumi.com/docs/iac/concepts/resources/options/protect/
    """
    config = pulumi.Config("stripe")
    allowed = [kind.strip() for kind in (config.get("allowDelete") or "").split(",")]
    said = opts is not None and opts.protect is not None
    if not schema.irreversible or said or config.get("livemode") != "true" or schema.kind in allowed:
        return opts
    return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(protect=True))


def _claim(kind: str, name: str, opts: pulumi.ResourceOptions) -> str:
    """Who an object at Stripe belongs to, in its old form, see `ownership.owner`. Raises RunError where another resource has it,
    elsewhere in the tree; two in the same place are the engine's to refuse.

    What was declared without a parent once (`aliases=[Alias(parent=ROOT_STACK_RESOURCE)]`) is still the same: it keeps the owner
    that it had, so that moving it into a component changes nothing at Stripe.
    """
    parent = opts.parent
    path = f"{parent.pulumi_resource_type}${kind}" if parent is not None else kind
    found = owner(pulumi.get_project(), pulumi.get_stack(), kind if _at_the_top(opts) else path, name)
    places = _claimed_here().setdefault(found, [])
    places.append(path)
    if places[0] != path:
        raise pulumi.RunError(declared_twice(kind, found))
    return found


def _at_the_top(opts: pulumi.ResourceOptions) -> bool:
    return any(map(_without_parent, opts.aliases or []))


def _without_parent(alias: object) -> bool:
    """Whether the resource was the same but for a parent, which it had none. What an alias does not say is `...` in it."""
    return (
        isinstance(alias, pulumi.Alias)
        and alias.parent is None
        and not any(isinstance(x, str) for x in (alias.name, alias.type_))
    )


async def _parents(parent: pulumi.Resource) -> str:
    """The types of a parent and of its own. A parent does not say what its own parent is, but for its URN."""
    parts = str(await parent.urn.future()).split("::", 3)
    return _without_stack(parts[2]) if len(parts) == 4 else ""


async def _nested(parent: pulumi.Resource) -> str | None:
    """See `ownership.PARENTS`."""
    types = await _parents(parent)
    return types if "$" in types else None


def _without_stack(types: str) -> str:
    return types.removeprefix("pulumi:pulumi:Stack$")  # mocks name the stack, as no engine does


async def _below(claimed: str, parent: pulumi.Resource) -> str:
    """The owner of a resource that has parents, from its old form."""
    path, name = parts_of(claimed)
    return f"{stack_of(claimed)}{await _parents(parent)}${path.rpartition('$')[2]}/{name}"


async def _shared(claimed: str, parent: pulumi.Resource) -> str | None:
    """See `ownership.SHARED`."""
    return claimed if len(_claimed_here().get(claimed, ())) > 1 and await _below(claimed, parent) != claimed else None


async def _former(
    claimed: str, parent: pulumi.Resource | None, aliases: Sequence[pulumi.Input[str]], type_: str, at_the_top: bool
) -> list[str] | None:
    """What the owner was before: in the old form, and as the aliases of the resource and of its parent say, which are URNs; None
    for nothing else.

    `at_the_top`: the resource is known as if it had no parent, and so it was under another name. The SDK runs this when the
    program is through: a name that another resource has by now is nobody's former one.
    """
    present = claimed if parent is None or at_the_top else await _below(claimed, parent)
    found: dict[str, None] = {}
    for alias in aliases:
        parts = str(await pulumi.Output.from_input(alias).future()).split("::", 3)
        if len(parts) != 4:
            continue  # the engine says what is wrong with it
        stack, (*parents, last), name = parts[0].removeprefix("urn:pulumi:"), _without_stack(parts[2]).split("$"), parts[3]
        kind = last.rpartition(":")[2]
        paths = ["$".join([*parents, kind]), *([kind] if at_the_top else [])]
        if last == type_:
            found.update((owner(parts[1], stack, path, name), None) for path in paths)
    found.update((old_form(each), None) for each in [present, *found])
    declared = _claimed_here()
    others = {each for each, places in declared.items() if each != claimed or len(places) > 1}
    return [each for each in found if each != present and old_form(each) not in others] or None


_claimed: weakref.WeakKeyDictionary[object, dict[str, list[str]]] = weakref.WeakKeyDictionary()
"""For each run of a program, by the monitor that it registers its resources with: the owners in their old form, and where in the
tree of resources each was declared. Mocks keep the stack from one test to the next, but each `set_mocks` brings a monitor."""


def _claimed_here() -> dict[str, list[str]]:
    monitor = get_monitor()
    if monitor is None:
        return {}
    if monitor not in _claimed:
        warn_of_a_plain_key()
    return _claimed.setdefault(monitor, {})
