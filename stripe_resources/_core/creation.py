"""How a new resource comes by its object: by one that is there, or by a new one, which is made once however often it is tried."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from stripe_client.errors import ConfigurationError, Refused, StripeError

from . import adoption
from .adoption import ADOPT
from .behaviour import History, Refusal, Retirement, Values
from .existing import Existing
from .finding import find
from .ledger import Ledger
from .leftovers import Leftovers
from .lineage import Held, Lineage, Outdated
from .objects import Objects
from .values import options, ownership, parameters
from .values.check import shown
from .values.outputs import told
from .values.ownership import tag_of
from .values.schema import UNKNOWN, Failure, Role, Unique

MAX_TRIES = 30
"""How many dead predecessors a create goes past before it gives up; each destroy within a day leaves one."""


@dataclass(frozen=True)
class Own:
    """The objects in use that earlier runs made for a resource, and that the state does not have."""

    fits: Values | None = None
    """The one that can become what is wanted."""
    others: tuple[Values, ...] = ()


class Creation:
    """For the resources of one kind. `ask_permission(id, values)` raises NotAllowed where an object must not be retired."""

    def __init__(
        self,
        objects: Objects,
        ledger: Ledger,
        existing: Existing,
        leftovers: Leftovers,
        held: Held,
        lineage: Lineage,
        ask_permission: Callable[[str, Values], None],
        say: Callable[[str], None],
    ) -> None:
        self._objects, self._ledger, self._existing, self._leftovers = objects, ledger, existing, leftovers
        self._held, self._lineage, self._ask_permission, self._say = held, lineage, ask_permission, say
        self._schema, self._behaviour, self._client = objects.schema, objects.behaviour, objects.client
        leftovers.enter(existing, self.retire_known_leftovers)

    # -- said at preview

    def failures(self, inputs: Values) -> Iterator[Failure]:
        """What speaks against a new resource's object. Tells the user which one that is there it begins with, or replaces.

        Without `adopt`, what cannot be looked up at once is left to the deployment: most new resources have nothing to find.
        """
        history = self._ledger.history(inputs)
        if history.inputs is not None or history.forced:
            yield from self._irreplaceable(inputs, history)
            return  # a replacement: what was adopted once is what is replaced
        adopts = bool(inputs.get(ADOPT))
        try:
            if problem := self._unclear(inputs, hasty=not adopts):
                yield Failure("", problem)
            own = self._own(inputs, history, hasty=not adopts)
            named = adoption.Named() if own.fits else self._adoptable(inputs)
            live = own.fits or named.live
            if not live and not adopts:
                live, failures = self._by_key(inputs)
                yield from failures
            if not live and not own.others:
                yield from self._renamed(inputs)
            if named.failures and not own.others:
                yield from named.failures
            elif live:
                yield from self._claimed(str(live["id"]), inputs)
                self._tell(live, inputs, f"adopts {live['id']}" if live is named.live else self._found(live, inputs))
            elif named.by:
                yield from self._claimed(named.by, inputs)
            for other in own.others if self._retires(inputs) else ():  # the state is lost: else there would be inputs
                yield from self._replaced(other, inputs)
        except (ConfigurationError, Outdated) as e:
            yield Failure("", str(e))
        except StripeError as e:
            if adopts:
                yield Failure(ADOPT, f"cannot be looked up: {e}")

    def _irreplaceable(self, inputs: Values, history: History) -> Iterator[Failure]:
        key = self._schema.key
        value = inputs.get(key.field) if key else None
        if (
            key is None
            or key.unique in (Unique.NO, Unique.MOVES)
            or value in (None, UNKNOWN)
            or not history.had(key.field, value)
        ):
            return
        is_ = f"is {shown(value)}, which the {self._schema.kind} that is to be replaced keeps"
        if key.unique is Unique.ALWAYS and key.lists and history.inputs is not None and history.unannounced:
            yield Failure(key.field, f"{is_} for ever; choose another one together with the replacement, or do without it")
        elif options.retained(inputs) or options.retained(history.inputs or {}):
            yield Failure(
                key.field,
                f"{is_}, since retain_on_delete leaves it in use; choose another one together with the replacement, or run `up` "
                "without retain_on_delete first",
            )

    def _by_key(self, inputs: Values) -> tuple[Values | None, list[Failure]]:
        """Of a kind that has no metadata: the object that has the key, if it is this stack's and can become what is wanted."""
        key, owner, client = self._schema.key, ownership.owner_of(inputs), self._existing.hasty
        value = inputs.get(key.field) if key else None
        if self._schema.tagged or key is None or key.unique is Unique.NO or value in (None, UNKNOWN):
            return None, []
        holder = next(iter(find(client, self._schema, value)), None)
        if holder is None or not self._ledger.free(str(holder["id"]), owner):
            return None, []
        if different := self._behaviour.conflicts(holder, inputs):
            reason = f"{shown(value)} belongs to {holder['id']}, which has another {' and '.join(different)}"
            return None, [Failure(key.field, f"{reason}; choose another one, or retire {holder['id']} first")]
        return (holder if self._behaviour.ours(client, holder, self._ledger.owners(inputs)) else None), []

    def _renamed(self, inputs: Values) -> Iterator[Failure]:
        """The key is another resource's of this stack, which gives it up only after this one has asked for it."""
        key, owner = self._schema.key, ownership.owner_of(inputs)
        value = inputs.get(key.field) if key else None
        if not owner or key is None or key.unique is Unique.NO or value in (None, UNKNOWN) or inputs.get(key.transfer):
            return
        for other, live in self._existing.of_stack(ownership.stack_of(owner)):
            if (live.get(key.field) if key.lists else live["id"]) != value or self._behaviour.conflicts(live, inputs):
                continue
            wanted = self._ledger.known().get(other, History()).wanted
            if (wanted is None or wanted.get(key.field) == value) and (problem := self._behaviour.taken(live, inputs)):
                yield Failure(key.field, problem)

    def _claimed(self, object_: Any, inputs: Values) -> Iterator[Failure]:
        owner = ownership.owner_of(inputs)
        if other := self._ledger.claim(object_, owner):
            what = object_ if isinstance(object_, str) else f"what has the {object_[0]} {shown(object_[1])}"
            names = f'"{ownership.name_of(owner)}" cannot have {what}, which is of "{ownership.name_of(other)}"'
            yield Failure(ADOPT, f"{names}: two resources cannot have one object; declare it once")

    def _found(self, live: Values, inputs: Values) -> str:
        name = ownership.name_of(tag_of(live))
        former = name and name != ownership.name_of(ownership.owner_of(inputs))
        return f"finds {live['id']} again" + (f' under its former name "{name}"' if former else "")

    def _tell(self, live: Values, inputs: Values, what: str) -> None:
        """Says what becomes of an object that is there: what is changed, what may be, and what cannot be compared."""
        fields = self._schema.fields
        changes = self._objects.changes(self._objects.seen(live, inputs), inputs).changed
        # What is immutable is as declared, or an id that the preview does not know yet.
        names = [n for n in changes if n in fields and fields[n].in_update]
        known = [n for n in names if not _has_unknown(inputs.get(n))]
        perhaps = [n for n in names if n not in known]
        blind = [n for n, f in fields.items() if n in inputs and f.sent and not f.readable and f.role is not Role.OPTION]
        parts = [what, *([f"changes {', '.join(known)}"] if known else [])]
        text = " and ".join(parts)
        text += f"; {', '.join(perhaps)} may change, with ids that are not known yet" if perhaps else ""
        text += f"; {', '.join(blind)} cannot be compared, and stays as it is" if blind else ""
        self._say(f"{self._objects.title(inputs)}: {text}")

    def _replaced(self, other: Values, inputs: Values) -> Iterator[Failure]:
        id_ = str(other["id"])
        try:
            self._check_replaceable(other, inputs)
        except StripeError as e:
            yield Failure("", str(e))
            return
        why = ", ".join(f"{name} is {has}, not {wanted}" for name, (wanted, has) in self._different(other, inputs).items())
        once = " and ".join(self._schema.shown_once)
        why = why or (f"Stripe may not repeat its {once}" if once else "another one is as declared")
        self._say(f"{self._objects.title(inputs)}: replaces {id_}, which an earlier run left: {why}")

    def _check_replaceable(self, other: Values, inputs: Values) -> None:
        """Raises StripeError where what an earlier run left must not be retired, or not after what takes its place is there."""
        id_ = str(other["id"])
        if self._behaviour.changes(self._objects.seen(other, inputs), inputs).delete_before_replace:
            different = self._different(other, inputs)
            why = ", ".join(f"{name} is {wanted}, but {has} there" for name, (wanted, has) in different.items())
            raise StripeError(
                f"{why}: an earlier run left {id_}, and Stripe takes no other {self._schema.kind} beside it; declare what it "
                "has, or retire it by hand first"
            )
        self._ask_permission(id_, inputs)

    def _different(self, other: Values, inputs: Values) -> dict[str, tuple[str, str]]:
        """What keeps an object from becoming what is wanted: each field as it is wanted, and as the object has it."""
        names = self._behaviour.conflicts(other, inputs)
        return {name: adoption.both(self._behaviour, name, other, inputs) for name in names}

    # -- the object

    def object_for(self, inputs: Values, history: History) -> tuple[Values, Values]:
        """The object, new or not; the ledger says which. And what Stripe tells only once, as outputs.

        Raises StripeError where there can be none, or what it replaces must not be retired.
        """
        live = self._present(inputs, history) or self._made_otherwise(inputs, history)
        return (live, {}) if live else self._new(inputs, history)

    def retire_leftovers(self, made: str, inputs: Values, history: History) -> bool:
        """Retires what carries the resource's name, is not in the state, and is not what the program wants: a run that died
        while it replaced the object left it, or one whose state is lost. Whether there was any. Raises StripeError where one
        cannot be retired."""
        any_ = False
        for leftover in self._marked(inputs, history):
            id_ = str(leftover["id"])
            if id_ == made:
                continue
            any_ = True
            if self._retires(inputs):
                self._retire_leftover(id_, made, inputs)
            else:
                self._say(f"{self._objects.title(inputs)}: {id_} stays: it carries the same name; retire it by hand, or adopt it")
        return any_

    def retire_known_leftovers(self, stack: str) -> None:
        """The same for resources that are in the state: what a run that died found again, and was about to retire."""
        histories = self._ledger.known()
        if not self._schema.lifecycle.one or not histories:
            return
        for owner, leftover in self._existing.of_stack(stack):
            id_, history = str(leftover["id"]), histories.get(owner, History())
            current, wanted = history.made or history.id, history.wanted
            if wanted is None or not current or id_ in (history.made, history.id):
                continue
            if history.replacing and not history.made:
                continue  # its create, which is to come, may begin with this one
            if options.retained(wanted) or owner in ownership.vague(ownership.owners_of(wanted)):
                continue
            if self._ledger.free(id_, ownership.owner_of(wanted)) and not self._ledger.history(wanted).unannounced:
                self._retire_leftover(id_, current, wanted)

    def _retires(self, inputs: Values) -> bool:
        """Whether what carries the resource's name, and is not what is wanted, is retired.

        As in a replacement, where the state is lost; not where `retain_on_delete` keeps it. With a state, somebody may have kept
        it on purpose: only what can be put back into use is retired then.
        """
        lost = self._ledger.history(inputs).inputs is None
        return not options.retained(inputs) and (lost or self._schema.lifecycle.one)

    def _retire_leftover(self, id_: str, made: str, inputs: Values) -> None:
        title = self._objects.title(inputs)

        def retire() -> None:
            try:
                self._held.verify(made)  # what an outdated state takes for a leftover may be what took the place of its own
                live = self._objects.live(id_, inputs)
                if live is None or self._schema.lifecycle.over(live):
                    return
                self._ask_permission(id_, inputs)
                retirement = Retirement(id_, self._objects.outputs(inputs, live), made, inputs, self._say)
                self._behaviour.retire(self._client, self._objects.path(id_, inputs), retirement)
            except StripeError as e:
                raise StripeError(f"{title}: {id_}, which an earlier run left, could not be retired: {e}") from None
            self._say(f"{title}: retired {id_}, which an earlier run had left")

        standing = self._leftovers.add(id_, ownership.stack_of(ownership.owner_of(inputs)), retire)
        if standing:
            self._say(f"{title}: {id_}, which an earlier run left, stays in use until {', '.join(standing)} has left it")

    # -- an object that is there

    def _present(self, inputs: Values, history: History) -> Values | None:
        """The object to begin with instead of making one, or None. Raises StripeError where `adopt` means one that cannot be."""
        if history.unannounced:
            return None  # which of the objects with the resource's name is to be replaced, nothing tells
        if history.inputs is None and (problem := self._unclear(inputs)):
            raise StripeError(problem)
        own = self._own(inputs, history)
        for other in own.others if history.inputs is None and self._retires(inputs) else ():
            self._check_replaceable(other, inputs)
        if own.fits is not None:
            return own.fits if self._take(own.fits, inputs) else None
        if history.inputs is not None:
            return None
        named = self._adoptable(inputs)
        if named.failures and not own.others:
            raise StripeError("; ".join(map(str, named.failures)))
        if named.live is None or named.failures:
            return None
        if not self._take(named.live, inputs, adopts=True):
            problems = "; ".join(map(str, self._claimed(str(named.live["id"]), inputs)))
            raise StripeError(problems or f"{ADOPT}: {named.live['id']} is in use in this stack already")
        return named.live

    def _unclear(self, inputs: Values, *, hasty: bool = False) -> str:
        """Why nothing is made while a mark of the old form fits several resources, or several objects; "" where none does."""
        owner, owners = ownership.owner_of(inputs), self._ledger.owners(inputs)
        shared = ownership.shared(inputs)
        for mark in dict.fromkeys([*([shared] if shared else []), *sorted(ownership.vague(owners))]):
            marked = self._existing.of([mark], hasty=hasty)
            unheld = [str(live["id"]) for live in marked if self._ledger.free(str(live["id"]), owner)]
            if unheld and mark == shared:
                return (
                    f'{", ".join(unheld)} carries the mark "{mark}" of an earlier version, which fits several resources of this '
                    "program; run `up` with the one that it is, and a change of it, which rewrites the mark; or give this one "
                    "another name"
                )
            if len(unheld) > 1 and not self._existing.of([name for name in owners if name not in ownership.vague(owners)]):
                return (
                    f'{" and ".join(unheld)} carry the mark "{mark}" of an earlier version, which says the same of both; set the '
                    f'metadata {ownership.TAG} of the one that it is to "{owner}", which leaves the other one as it is'
                )
        return ""

    def _marked(self, inputs: Values, history: History, *, afresh: bool = False, hasty: bool = False) -> list[Values]:
        """The objects that carry a name of the resource, but for the one in the state, and those that others have.

        What carries the old form of a name can be another resource's: it counts where the state is lost and nothing carries a
        whole name.
        """
        owner, owners = ownership.owner_of(inputs), self._ledger.owners(inputs)
        found, vague = self._existing.of(owners, afresh=afresh, hasty=hasty), ownership.vague(owners)
        whole = [live for live in found if tag_of(live) not in vague]
        marked = whole if whole or history.inputs is not None else found
        return [live for live in marked if str(live["id"]) != history.id and self._ledger.free(str(live["id"]), owner)]

    def _own(self, inputs: Values, history: History, *, afresh: bool = False, hasty: bool = False) -> Own:
        """None fits of a kind that tells a secret once: without it the object is of no use. Only the repeated answer has it."""
        fits: Values | None = None
        others: list[Values] = []
        candidates = self._marked(inputs, history, afresh=afresh, hasty=hasty)
        self._held.compare_listed()
        self._held.verify(history.id)
        for candidate in candidates:
            live = self._objects.live(str(candidate["id"]), inputs)
            if live is None or self._schema.lifecycle.over(live):
                continue
            if fits is None and not self._schema.shown_once and not self._behaviour.conflicts(live, inputs):
                fits = live
            else:
                others.append(live)
        return Own(fits, tuple(others))

    def _adoptable(self, inputs: Values) -> adoption.Named:
        def read(id_: str) -> Values | None:
            return self._objects.live(id_, inputs)

        def was_ours(id_: str) -> bool:
            return tag_of(self._objects.answer(id_, inputs) or {}) in self._ledger.owners(inputs)

        return adoption.named(self._behaviour, self._client, read, was_ours, inputs)

    def _take(self, live: Values, inputs: Values, *, adopts: bool = False) -> bool:
        """Whether the object becomes this resource's; False where another one has it meanwhile."""
        id_, owner = str(live["id"]), ownership.owner_of(inputs)
        if not self._ledger.take(id_, owner):
            return False
        title = self._objects.title(inputs)
        if adopts and tag_of(live) not in self._ledger.owners(inputs):
            self._say(f"{title}: adopted {id_}")
            return True
        count = self._lineage.found()
        of_two = "; another state of this stack that has what this run finds again is refused from now on" if count == 1 else ""
        self._say(f"{title}: found again {id_} ({count} so far){of_two}")
        return True

    # -- a new one

    def _made_otherwise(self, inputs: Values, history: History) -> Values | None:
        live = self._behaviour.make(self._client, inputs, history, self._say)
        if live is not None:
            self._ledger.find(str(live["id"]), ownership.owner_of(inputs))
        return live

    def _new(self, inputs: Values, history: History) -> tuple[Values, Values]:
        """The new object, and what Stripe tells only once.

        The idempotency key follows from the resource and the parameters, so that a run that died between Stripe's answer and
        the state file gets its object back instead of a second one. Stripe replays the first answer for at least a day, though:
        what it describes may be retired by now, or be the very object that is to be replaced. Then the next key in the chain is
        used, which follows from that object, so that it too is the same in every run.
        """
        params: Mapping[str, Any] = parameters.create_params(self._schema, inputs, history.had)
        after = ""
        for _ in range(MAX_TRIES):
            try:
                made, replayed = self._objects.create(params, inputs, self._key(inputs, params, after))
            except Refused as e:
                if e.replayed:
                    # An old refusal, whose cause may be gone; or an old failure, which may have come after the work was done.
                    own = self._own(inputs, history, afresh=True).fits if e.status >= 500 else None
                    if own is not None and self._take(own, inputs):
                        return own, {}
                    history = replace(history, attempted=history.attempted or e.status >= 500)
                    after += "!"
                    continue
                recovery = self._behaviour.recover(Refusal(self._client, params, inputs, history, e, self._ledger.owners(inputs)))
                if recovery is None:
                    raise
                if recovery.live:
                    if not self._take(recovery.live, inputs):
                        # It has been named by a repeated answer already, and was found to be out of use.
                        self._ledger.retake(str(recovery.live["id"]), ownership.owner_of(inputs))
                    return recovery.live, {}
                self._ledger.free_up(recovery.freed)
                params, after = recovery.params, after + "!"
                continue
            id_ = str(made["id"])
            first = self._ledger.make(id_) and not history.forced and history.id != id_
            if not replayed:
                return made, told(self._schema, made)
            live = self._objects.live(id_, inputs)
            if live is not None and not self._schema.lifecycle.over(live) and first:
                self._ledger.find(id_)
                return live, told(self._schema, made)
            after = id_
        raise StripeError(
            f"gave up after {MAX_TRIES} objects that were made and retired under the same parameters within a day; "
            "change the resource's name, or try again tomorrow"
        )

    def _key(self, inputs: Values, params: Mapping[str, Any], after: str) -> str | None:
        owner = ownership.owner_of(inputs)
        if not owner:
            return None
        path = self._behaviour.path(inputs)  # of what is below another object, that object is in no parameter
        # A replacement that no change explains has a key of its own, by which the run after a crash gets its object back.
        generation = options.generation(inputs)
        parts = [self._schema.token, owner, path, params, after, *([generation] if generation else [])]
        text = json.dumps(parts, sort_keys=True)
        return "pulumi-" + hashlib.sha256(text.encode()).hexdigest()[:48]


def _has_unknown(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(map(_has_unknown, value.values()))
    if isinstance(value, (list, tuple)):
        return any(map(_has_unknown, value))
    return value is UNKNOWN
