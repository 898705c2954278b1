"""Forgetting viewers: those of long ago, and one who asks for it.

In small transactions, each whole in itself: broken off, it is begun again and goes on with what is left.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from domain.privacy import Erased, Forgotten, HeldOfViewer, Keep
from store.database import Database
from store.forgetting import AT_A_TIME, Trace
from store.mentions import Names
from store.pseudonyms import nobody
from store.unit import UnitOfWork

T = TypeVar("T")
Go = Callable[[], bool]
"""Asked before each transaction; False breaks the work off."""


def forget_old(database: Database, keep: Keep, now: datetime, *, goes_on: Go = lambda: True) -> Forgotten:
    """Take names, words and at last the viewers out of what is older than `keep` says; how many rows.

    Figures stay: how many viewers asked, how many were given a code and what they bought. Lives that are not
    closed are left alone. Raises `ActionRequired` without a secret key.
    """
    done = Forgotten()
    words, viewers = now - keep.words, now - keep.viewers
    with database.unit(read_only=True) as unit:
        unit.forgetting.check()
        over = unit.forgetting.lives_over(viewers)
    for ids in _parts(database, lambda unit, after: unit.forgetting.wordy_asks(words, after), goes_on):
        done.asks += _change(database, ids, lambda unit, some: unit.forgetting.blank_asks(some))
    for ids in _parts(database, lambda unit, after: unit.forgetting.wordy_said(words, after), goes_on):
        done.said += _change(database, ids, lambda unit, some: unit.forgetting.blank_said(some))
    if goes_on():
        done.links = database.run(lambda unit: unit.forgetting.drop_links(words))
        done.audited = database.run(lambda unit: unit.mentions.fade_in_audit(words))
        done.memories = database.run(lambda unit: unit.forgetting.fade_memories(words))
    for live_id in over:
        done.viewers += _forget_live(database, live_id, goes_on)
    done.viewers += _forget_strays(database, viewers, goes_on)
    return done


def held_of_viewer(
    database: Database, platform: str, viewer_id: str, names: Sequence[str] = ()
) -> HeldOfViewer:
    """Everything that is held of one viewer."""
    with database.unit(read_only=True) as unit:
        return unit.viewers.held(platform, viewer_id, names)


def erase_viewer(
    database: Database, platform: str, viewer_id: str, who: str, names: Sequence[str] = ()
) -> Erased:
    """Take one viewer out of everything, and write to the audit log that `who` did, naming nobody.

    `names` are others that they are addressed by. The ledger keeps its codes, orders and amounts. Raises
    `ActionRequired` without a secret key.
    """
    with database.unit(read_only=True) as unit:
        unit.forgetting.check()
        known = Names((*unit.viewers.names(platform, viewer_id), *names))
        lives = unit.viewers.lives(platform, viewer_id)
    mentions, asks, grants, links, gone = 0, 0, 0, 0, nobody()
    # Their names go last from where they are found by.
    while hidden := database.run(lambda unit: unit.mentions.hide(known, AT_A_TIME)):
        mentions += hidden
    mentions += database.run(lambda unit: unit.mentions.hide_in_audit(known))
    for live_id, is_on in lives:
        for some in _erased_in(database, platform, viewer_id, live_id, None if is_on else gone):
            asks, grants, links = asks + some[0], grants + some[1], links + some[2]
    memories = database.run(lambda unit: unit.viewers.erase_memories(platform, viewer_id))
    still = tuple(id for id, is_on in lives if is_on and id is not None)
    erased = Erased(asks, grants, mentions, links, memories, still)
    database.run(lambda unit: _audit(unit, who, platform, viewer_id, erased))
    return erased


def _erased_in(
    database: Database, platform: str, viewer_id: str, live_id: int | None, stand_in: str | None
) -> Iterator[tuple[int, int, int]]:
    def erase(unit: UnitOfWork) -> tuple[int, int, int]:
        return unit.viewers.erase_in_live(platform, viewer_id, live_id, stand_in, datetime.now(UTC))

    while any(some := database.run(erase)):
        yield some


def _audit(unit: UnitOfWork, who: str, platform: str, viewer_id: str, erased: Erased) -> None:
    subject = f"viewer {unit.viewers.stand_in(platform, viewer_id)}"
    unit.audit.record(datetime.now(UTC), who, "viewer_erased", subject, {}, erased.as_dict())


def _forget_live(database: Database, live_id: int, goes_on: Go) -> int:
    with database.unit(read_only=True) as unit:
        traces = unit.forgetting.traces(live_id)
    hidden = 0
    for part in _viewers_at_a_time(traces):
        if not goes_on():
            return hidden
        hidden += _change(database, part, lambda unit, some: unit.forgetting.hide(some))
    return hidden


def _forget_strays(database: Database, before: datetime, goes_on: Go) -> int:
    hidden, after = 0, 0
    while goes_on():
        with database.unit(read_only=True) as unit:
            traces = unit.forgetting.stray_traces(before, after)
        if not traces:
            break
        hidden += _change(database, traces, lambda unit, some: unit.forgetting.hide(some))
        after = traces[-1].id
    return hidden


def _viewers_at_a_time(traces: Sequence[Trace]) -> Iterator[list[Trace]]:
    """Parts of a live in which all of a viewer's rows are together: at no moment are they counted as two."""
    part: list[Trace] = []
    for number, trace in enumerate(traces):
        is_other = number > 0 and traces[number - 1].viewer_id != trace.viewer_id
        if len(part) >= AT_A_TIME and is_other:
            yield part
            part = []
        part.append(trace)
    if part:
        yield part


def _parts(
    database: Database, look: Callable[[UnitOfWork, int], list[int]], goes_on: Go
) -> Iterator[list[int]]:
    after = 0
    while goes_on():
        with database.unit(read_only=True) as unit:
            ids = look(unit, after)
        if not ids:
            return
        yield ids
        after = ids[-1]


def _change(database: Database, some: Sequence[T], work: Callable[[UnitOfWork, Sequence[T]], None]) -> int:
    database.run(lambda unit: work(unit, some))
    return len(some)
