"""`!code`: a viewer claims a code; `!code @viewer`: a moderator gives one by hand.

A unique code is never in an answer's text: the text says that it is kept, the grant carries it.
"""

from collections.abc import Sequence

from commands.scene import Asked, Scene
from domain.answers import Answer, Priority
from domain.chat import Message, Role, Viewer
from domain.claim_rules import claim_refusal, claimable
from domain.plaintext import one_line
from domain.show import Claim, ClaimOutcome, ClaimResult, DeliveryState, Grant, Offer, OfferKind
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
        claims = [_claim_of(asks[at].message.author, asks[at].message) for at in waiting]
        outcomes = unit.grants.grant(offer, claims, scene.now)
        key, text = _granted(offer, scene)
        for at, outcome in zip(waiting, outcomes, strict=True):
            if outcome.result is not ClaimResult.EXHAUSTED:
                message = asks[at].message
                answers[at] = Answer(message.channel, text, key, message, Priority.CODE, _owed(outcome))
        waiting = [at for at in waiting if at not in answers]
    answers.update(zip(waiting, _same([asks[at] for at in waiting], "code.exhausted", scene), strict=True))
    return [answers[at] for at in range(len(asks))]


def _give(asked: Asked, scene: Scene, unit: UnitOfWork) -> Answer:
    message = asked.message
    viewer = _find_viewer(asked, scene)
    if viewer is None:
        name = asked.parsed.argument.lstrip("@")
        return scene.answer(asked, "code.viewer_unknown", Priority.MODERATOR, viewer=name)
    offers = claimable(scene.live, scene.offers, scene.now, Role.MODERATOR)
    if not offers:
        refusal = claim_refusal(scene.live, scene.offers, scene.now, Role.MODERATOR)
        return scene.answer(asked, refusal, Priority.MODERATOR)
    claim = _claim_of(viewer, message)
    for offer in offers:
        outcome = unit.grants.grant(offer, [claim], scene.now)[0]
        if outcome.result is not ClaimResult.EXHAUSTED:
            return _given(asked, scene, offer, viewer, outcome)
    return scene.answer(asked, "code.exhausted", Priority.MODERATOR)


def _given(asked: Asked, scene: Scene, offer: Offer, viewer: Viewer, outcome: ClaimOutcome) -> Answer:
    values = {"viewer": viewer.handle.lstrip("@") or viewer.name}
    if offer.kind is OfferKind.SHARED:
        key, values["code"] = "code.given_shared", offer.shared_code or ""
    else:
        key = "code.given_whisper" if scene.whispers_on else "code.given"
    return scene.answer(asked, key, Priority.MODERATOR, grants=_owed(outcome), **values)


def _find_viewer(asked: Asked, scene: Scene) -> Viewer | None:
    """The viewer named after the @, on the moderator's own platform: elsewhere nothing could be delivered."""
    named = asked.parsed.argument.removeprefix("@").casefold()
    for name in dict.fromkeys((named, named.partition(" ")[0])):
        viewer = scene.viewers.get(name) or scene.viewers.get(f"@{name}")
        if viewer is not None and viewer.platform == asked.message.author.platform:
            return viewer
    return None


def _granted(offer: Offer, scene: Scene) -> tuple[str, str]:
    """Key and text for everyone who was granted, or already held, a code of `offer`."""
    if offer.kind is OfferKind.SHARED:
        return "code.shared", scene.say("code.shared", code=offer.shared_code or "")
    key = "code.kept_whisper" if scene.whispers_on else "code.kept"
    return key, scene.say(key)


def _owed(outcome: ClaimOutcome) -> tuple[Grant, ...]:
    """The grant, unless its viewer is known to have it."""
    grant = outcome.grant
    return () if grant is None or grant.delivery is DeliveryState.DELIVERED else (grant,)


def _claim_of(viewer: Viewer, message: Message) -> Claim:
    """The viewer's claim by `message`; their name is kept without what a database or a log cannot hold."""
    return Claim(viewer.platform, viewer.id, one_line(viewer.name), message.channel, message.id)


def _same(asks: Sequence[Asked], key: str, scene: Scene) -> list[Answer]:
    text = scene.say(key)
    return [Answer(a.message.channel, text, key, a.message, Priority.CODE) for a in asks]
