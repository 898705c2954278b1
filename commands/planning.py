"""Planning a live, and changing its plan: what holds for the command line and the console alike, and what the
audit log is told of it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import available_timezones

from commands.money import say_money
from domain.errors import Refusal
from domain.plaintext import one_line
from domain.plan_rules import FIELDS, Plan, Planned, check_change, planned
from domain.sentences import sentence
from domain.show import Live, LiveState, Offer
from store.unit import UnitOfWork


def plan_live(
    unit: UnitOfWork, plan: Plan, *, platforms: Collection[str], languages: Collection[str]
) -> Live:
    """The live, planned. Raises `Refusal` for the first thing that is wrong with the plan."""
    plan = _checked(plan, platforms, languages)
    _check_window(plan)
    live = unit.lives.add(
        plan.title,
        plan.language,
        plan.timezone,
        plan.channels,
        starts_at=plan.starts_at,
        ends_at=plan.ends_at,
    )
    unit.live_products.put(live.id, plan.skus)
    return live


def planned_live(unit: UnitOfWork, live: Live) -> Planned:
    """How `live` stands, for whoever wants to change its plan."""
    return planned(live, unit.live_products.of(live.id))


def change_live(
    unit: UnitOfWork,
    live_id: int,
    seen: Planned,
    plan: Plan,
    now: datetime,
    *,
    platforms: Collection[str],
    languages: Collection[str],
) -> Plan:
    """The plan that the live has now. Raises `Refusal`, nothing changed, when a rule of `check_change` says
    no to someone who has `seen` it so, or when the plan cannot be."""
    stands = planned_live(unit, unit.lives.lock(live_id))
    plan = _checked(plan, platforms, {*languages, _tongue(stands.plan.language)})
    check_change(seen, stands, plan, now)
    if stands.state is LiveState.PLANNED:  # an open one may have been opened, and be ended, before its start
        _check_window(plan)
    unit.lives.change(live_id, plan)
    unit.live_products.put(live_id, plan.skus)
    return plan


def plan_told(plan: Plan, names: Iterable[str] = FIELDS) -> dict[str, Any]:
    """The fields of these `names` for the audit log, those that hold nothing left out."""
    return _told({name: getattr(plan, name) for name in names})


def offer_told(offer: Offer, codes: int) -> dict[str, Any]:
    """An offer for the audit log, with how many codes were drawn for it. A shared code is no secret: the chat
    is told it."""
    amount = offer.discount.amount
    fields = {
        "kind": offer.kind.value,
        "mechanic": offer.mechanic.value,
        "percent": offer.discount.percent,
        "amount": say_money(amount, "en") if amount else None,
        "skus": offer.skus,
        "quantity": offer.quantity,
        "codes": codes or None,
        "starts_at": offer.starts_at,
        "ends_at": offer.ends_at,
    }
    return _told(fields)


def _told(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields as JSON has them, without those that hold nothing."""
    return {name: _plain(value) for name, value in fields.items() if value not in (None, "", ())}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def _checked(plan: Plan, platforms: Collection[str], languages: Collection[str]) -> Plan:
    """The plan as it is kept: its title one line, nothing twice."""
    title = one_line(plan.title).strip()
    if not title:
        raise Refusal("A live needs a title, such as «Soirée Xbox».")
    for name in plan.channels:
        check_channel(name, platforms)
    if _tongue(plan.language) not in languages:
        known = ", ".join(languages)
        raise Refusal(
            sentence(
                "There are no reply texts in «{language}»; there are: {known}. See BATELEUR_TEXTS.",
                language=plan.language,
                known=known,
            )
        )
    if plan.timezone not in available_timezones():
        raise Refusal(
            sentence("«{timezone}» is no time zone; write one such as Europe/Paris.", timezone=plan.timezone)
        )
    return replace(
        plan,
        title=title,
        channels=tuple(dict.fromkeys(plan.channels)),
        skus=tuple(dict.fromkeys(plan.skus)),
    )


def _check_window(plan: Plan) -> None:
    if plan.starts_at is not None and plan.ends_at is not None and plan.ends_at <= plan.starts_at:
        raise Refusal("The live would end before it starts: give it a later end.")


def _tongue(language: str) -> str:
    return language.partition("-")[0].lower()


def check_channel(name: str, platforms: Collection[str]) -> None:
    """Raise `Refusal` unless `name` is `platform:id` of a platform that can be read."""
    platform, _, account = name.partition(":")
    if platform not in platforms or not account.strip():
        raise Refusal(
            sentence(
                "«{name}» is no channel; write platform:id, with one of: {platforms}.",
                name=name,
                platforms=", ".join(platforms),
            )
        )
