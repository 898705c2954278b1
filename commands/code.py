"""`!code`: a viewer claims a code; `!code @viewer`: a moderator gives one by hand.

A unique code is never in an answer's text: the text says that it is kept, the grant carries it.
"""

from collections.abc import Sequence

from commands.scene import Asked, Scene
from domain.answers import Answer, Priority
from domain.chat import LastSeen, Role, Viewer
from domain.claim_rules import claim_refusal, claimable
from domain.plaintext import one_line
from domain.show import Claim, ClaimOutcome, ClaimResult, DeliveryState, DeliveryWay, Grant, Offer, OfferKind
from store.unit import UnitOfWork


def handle(asks: Sequence[Asked], scene: Scene, unit: UnitOfWork) -> list[Answer]:
    """Hand grants first, one by one; then all the viewers' claims, one grant call per offer."""
    by_hand = [asked for asked in asks if _is_by_hand(asked)]
    claims = [asked for asked in asks if not _is_by_hand(asked)]
    return [_give(asked, scene, unit) for asked in by_hand] + _claim(claims, scene, unit)


def _is_by_hand(asked: Asked) -> bool:
    is_moderator = asked.message.author.role >= Role.MODERATOR
    return is_moderator and asked.parsed.is_leading and asked.parsed.argument.startswith("@")


def _claim(asks: Sequence[Asked], scene: Scene, unit: UnitOfWork) -> list[Answer]:
    offers = claimable(scene.live, scene.offers, scene.now, Role.VIEWER)
    if not offers:
        refusal = claim_refusal(scene.live, scene.offers, scene.now, Role.VIEWER)
        return _same(asks, refusal, scene)
    answers: dict[int, Answer] = {}
    waiting = list(range(len(asks)))
    for offer in offers:
        if not waiting:
            break
        wanting = [asks[at].message for at in waiting]
        claims = [_claim_of(m.author, m.channel, m.id) for m in wanting]
        outcomes = unit.grants.grant(offer, claims, scene.now)
        granted: dict[str, tuple[str, str]] = {}
        is_shared = offer.kind is OfferKind.SHARED
        for at, outcome in zip(waiting, outcomes, strict=True):
            if outcome.result is not ClaimResult.EXHAUSTED:
                message = asks[at].message
                channel = message.channel
                if channel not in granted:
                    granted[channel] = _granted(offer, channel, scene)
                key, text = granted[channel]
                owed = _owed(outcome)
                answers[at] = Answer(channel, text, key, message, Priority.CODE, owed, is_shared)
        waiting = [at for at in waiting if at not in answers]
    answers.update(zip(waiting, _same([asks[at] for at in waiting], "code.exhausted", scene), strict=True))
    return [answers[at] for at in range(len(asks))]


def _give(asked: Asked, scene: Scene, unit: UnitOfWork) -> Answer:
    seen = _find_viewer(asked, scene)
    if seen is None:
        name = asked.parsed.argument.lstrip("@")
        return scene.answer(asked, "code.viewer_unknown", Priority.MODERATOR, viewer=name)
    offers = claimable(scene.live, scene.offers, scene.now, Role.MODERATOR)
    if not offers:
        refusal = claim_refusal(scene.live, scene.offers, scene.now, Role.MODERATOR)
        return scene.answer(asked, refusal, Priority.MODERATOR)
    claim = _claim_of(seen.viewer, seen.channel, seen.message_id)
    for offer in offers:
        outcome = unit.grants.grant(offer, [claim], scene.now)[0]
        if outcome.result is not ClaimResult.EXHAUSTED:
            return _given(asked, scene, offer, seen, outcome)
    return scene.answer(asked, "code.exhausted", Priority.MODERATOR)


def _given(asked: Asked, scene: Scene, offer: Offer, seen: LastSeen, outcome: ClaimOutcome) -> Answer:
    values = {"viewer": seen.viewer.handle.lstrip("@") or seen.viewer.name}
    is_shared = offer.kind is OfferKind.SHARED
    if is_shared:
        key, values["code"] = "code.given_shared", offer.shared_code or ""
    else:
        key = _by_way("code.given", seen.channel, scene)
        values |= _link(key, scene)
    grants = _owed(outcome)
    return scene.answer(asked, key, Priority.MODERATOR, grants=grants, delivers=is_shared, **values)


def _find_viewer(asked: Asked, scene: Scene) -> LastSeen | None:
    """The viewer named after the @, on the moderator's own platform: elsewhere nothing could be delivered."""
    named = asked.parsed.argument.removeprefix("@").casefold()
    for name in dict.fromkeys((named, named.partition(" ")[0])):
        seen = scene.viewers.get(name) or scene.viewers.get(f"@{name}")
        if seen is not None and seen.viewer.platform == asked.message.author.platform:
            return seen
    return None


def _granted(offer: Offer, channel: str, scene: Scene) -> tuple[str, str]:
    """Key and text for everyone in `channel` who was granted, or already held, a code of `offer`."""
    if offer.kind is OfferKind.SHARED:
        return "code.shared", scene.say("code.shared", code=offer.shared_code or "")
    key = _by_way("code.kept", channel, scene)
    return key, scene.say(key, **_link(key, scene))


def _by_way(key: str, channel: str, scene: Scene) -> str:
    """The text that says how the code reaches its viewer; `key` itself where no way is known."""
    way = scene.ways.get(channel)
    return f"{key}_{way}" if way else key


def _link(key: str, scene: Scene) -> dict[str, str]:
    return {"link": scene.claim_link} if key.endswith(f"_{DeliveryWay.PAGE}") else {}


def _owed(outcome: ClaimOutcome) -> tuple[Grant, ...]:
    """The grant, unless its viewer is known to have it."""
    grant = outcome.grant
    return () if grant is None or grant.delivery is DeliveryState.DELIVERED else (grant,)


def _claim_of(viewer: Viewer, channel: str, message_id: str) -> Claim:
    """The viewer's claim by a message; their name is kept without what a database or a log cannot hold."""
    return Claim(viewer.platform, viewer.id, one_line(viewer.name), channel, message_id)


def _same(asks: Sequence[Asked], key: str, scene: Scene) -> list[Answer]:
    text = scene.say(key)
    return [Answer(a.message.channel, text, key, a.message, Priority.CODE) for a in asks]
