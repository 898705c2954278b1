"""Asking for a plan, or for a change of one, until it is right or given up."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from commands.planning import change_live, plan_live, plan_told, planned_live
from connectors.registry import PLATFORMS
from domain.people import Right
from domain.plan_rules import CHANGEABLE, Plan, Planned, changed
from domain.show import Live, LiveState
from store.unit import UnitOfWork
from web.console.desk import Change, Desk
from web.console.pages.lives.form import PlanForm
from web.console.pages.lives.plan import Typed, Wrong, open_plan_of, plan_of, typed_of
from web.console.texts import LANGUAGES


@dataclass(frozen=True, slots=True)
class Stand:
    """A live as it stands, and the names of its products."""

    live: Live
    planned: Planned
    names: Mapping[str, str]


async def ask_plan(desk: Desk) -> Live | None:
    """Ask for a plan; the planned live, None when it was given up."""
    channels = await desk.read(_last_channels)
    empty = Typed("", desk.language, desk.timezone, channels, "", "", "")
    form = PlanForm(desk, "lives.plan", "lives.plan_it", empty, {})
    live = None
    while live is None and await form.dialog:
        try:
            plan = plan_of(form.typed(), datetime.now(UTC))
        except Wrong as wrong:
            form.complain(desk.say(f"lives.{wrong.key}", **wrong.words))
            continue
        live = await _plan(desk, plan)
    form.dialog.delete()
    return live


async def ask_change(desk: Desk, live: Live) -> bool:
    """Ask for a change of a live's plan; whether there was one. Who changes a live that somebody else changes
    meanwhile is shown what stands now, and saves again."""
    stand = await desk.read(partial(_stand, live=live))
    if stand.live.state not in CHANGEABLE:
        desk.complain(desk.say("lives.not_changeable"))
        return False
    is_open, typed = stand.live.state is LiveState.OPEN, typed_of(stand.planned.plan)
    form = PlanForm(desk, "lives.change_title", "lives.save", typed, stand.names, is_open=is_open)
    was_changed = False
    while not was_changed and await form.dialog:
        try:
            plan = _wanted(form.typed(), stand)
        except Wrong as wrong:
            form.complain(desk.say(f"lives.{wrong.key}", **wrong.words))
            continue
        if plan == stand.planned.plan:
            break
        stands = await desk.read(partial(_stand, live=live))
        was_changed = stands.planned == stand.planned and await _change(desk, stand, plan)
        if not was_changed:
            stand = await _caught_up(desk, form, stand)
    form.dialog.delete()
    return was_changed


def _wanted(typed: Typed, stand: Stand) -> Plan:
    now, kept = datetime.now(UTC), stand.planned.plan
    if stand.live.state is LiveState.OPEN and stand.live.opened_at is not None:
        return open_plan_of(typed, now, kept, stand.live.opened_at)
    return plan_of(typed, now, kept)


async def _caught_up(desk: Desk, form: PlanForm, seen: Stand) -> Stand:
    """What the form is compared with from now on; it says what was changed meanwhile, if anything was."""
    stands = await desk.read(partial(_stand, live=seen.live))
    if stands.live.state is not seen.live.state:
        form.complain(desk.say("lives.not_changeable"))
        return seen
    names = changed(seen.planned.plan, stands.planned.plan)
    if not names:
        form.complain("")
        return seen
    form.catch_up(typed_of(seen.planned.plan), typed_of(stands.planned.plan), stands.names)
    lines = [
        desk.say("audit.set", name=desk.say(f"audit.name_{name}"), after=_in_words(desk, stands, name))
        for name in names
    ]
    form.complain(desk.say("lives.changed_meanwhile"), *lines)
    return stands


def _in_words(desk: Desk, stand: Stand, name: str) -> str:
    value = getattr(stand.planned.plan, name)
    if isinstance(value, datetime):
        return desk.date(value, stand.planned.plan.timezone)
    if isinstance(value, tuple):
        return ", ".join(stand.names.get(one, one) for one in value) or "–"
    return str(value or "–")


def _stand(unit: UnitOfWork, live: Live) -> Stand:
    live = unit.lives.get(live.id) or live
    planned = planned_live(unit, live)
    products = unit.products.some(planned.plan.skus)
    return Stand(live, planned, {sku: product.name for sku, product in products.items()})


def _last_channels(unit: UnitOfWork) -> tuple[str, ...]:
    """Those of the live that was planned last: most are broadcast where the last one was."""
    return tuple(channel for live in unit.lives.list()[:1] for channel in live.channels)


async def _plan(desk: Desk, plan: Plan) -> Live | None:
    def planned(unit: UnitOfWork, _: datetime) -> Change:
        live = plan_live(unit, plan, platforms=PLATFORMS, languages=LANGUAGES)
        return Change(f"live {live.id}", after=plan_told(plan), result=live)

    live: Live | None = await desk.act(Right.PLAN, "live_planned", planned)
    return live


async def _change(desk: Desk, seen: Stand, plan: Plan) -> bool:
    def change(unit: UnitOfWork, now: datetime) -> Change:
        before = seen.planned.plan
        kept = change_live(
            unit, seen.live.id, seen.planned, plan, now, platforms=PLATFORMS, languages=LANGUAGES
        )
        names = changed(before, kept)
        return Change(f"live {seen.live.id}", plan_told(before, names), plan_told(kept, names))

    return bool(await desk.act(Right.PLAN, "live_changed", change))
