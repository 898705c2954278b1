"""Between grant rows and the glossary's `Grant` and `ClaimOutcome`."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, select

from domain.show import Claim, ClaimOutcome, ClaimResult, DeliveryState, Grant
from store.granting import Key
from store.tables import CodeRow, GrantRow, OfferRow, table_of

_offers = table_of(OfferRow)
_codes = table_of(CodeRow)
_grants = table_of(GrantRow)


def key_of(claim: Claim) -> Key:
    """Whose claim it is."""
    return claim.platform, claim.viewer_id


def first_claims(claims: Iterable[Claim]) -> dict[Key, Claim]:
    """Each viewer's first claim, in the order given."""
    firsts: dict[Key, Claim] = {}
    for claim in claims:
        firsts.setdefault(key_of(claim), claim)
    return firsts


def outcomes(
    claims: Sequence[Claim], new: Mapping[Key, Grant], held: Mapping[Key, Grant]
) -> list[ClaimOutcome]:
    """The outcome of each claim: a viewer's first is GRANTED, any further one finds it HELD.

    `new` is in the order of the viewers' first claims.
    """
    if len(new) == len(claims):  # the common case in a crowd: one claim each, all served
        return [ClaimOutcome(c, ClaimResult.GRANTED, g) for c, g in zip(claims, new.values(), strict=True)]
    told: set[Key] = set()
    results = []
    for claim in claims:
        key = key_of(claim)
        if key in new:
            result = ClaimResult.HELD if key in told else ClaimResult.GRANTED
            results.append(ClaimOutcome(claim, result, new[key]))
            told.add(key)
        elif key in held:
            results.append(ClaimOutcome(claim, ClaimResult.HELD, held[key]))
        else:
            results.append(ClaimOutcome(claim, ClaimResult.EXHAUSTED))
    return results


def new_grant(id: int, offer_id: int, claim: Claim, code: str, now: datetime) -> Grant:
    """The grant just made for `claim`; it is still owed."""
    return Grant(
        id,
        offer_id,
        claim.platform,
        claim.viewer_id,
        claim.viewer_name,
        claim.channel,
        claim.message_id,
        code,
        now,
        DeliveryState.OWED,
    )


def select_grants() -> Select[Any]:
    """Every grant with its code, whichever kind of offer it is under."""
    code = func.coalesce(_codes.c.code, _offers.c.shared_code).label("code")
    with_offer = _grants.join(_offers, _offers.c.id == _grants.c.offer_id)
    return select(_grants, code).select_from(with_offer.outerjoin(_codes, _codes.c.id == _grants.c.code_id))


def is_owed() -> ColumnElement[bool]:
    """The condition that a grant has not been delivered, as its partial index has it."""
    return _grants.c.delivery == DeliveryState.OWED


def is_undelivered() -> ColumnElement[bool]:
    """The condition that a grant is still owed, or that its platform refused to deliver it."""
    return _grants.c.delivery.in_((DeliveryState.OWED, DeliveryState.REFUSED))


def grant_of(row: Row[Any]) -> Grant:
    """The grant in a row of `select_grants`."""
    return Grant(
        id=row.id,
        offer_id=row.offer_id,
        platform=row.platform,
        viewer_id=row.viewer_id,
        viewer_name=row.viewer_name,
        channel=row.channel,
        message_id=row.message_id,
        code=row.code,
        granted_at=row.granted_at,
        delivery=row.delivery,
    )
