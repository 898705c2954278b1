"""What is wrong with each channel and the shop, in a sentence without secrets, and what was wrong last."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from bot.logs import masked
from domain.ports import Watched
from domain.sentences import joined, sentence

if TYPE_CHECKING:
    from bot.evening import Evening


@dataclass(slots=True)
class Trouble:
    """One trouble, from `at` on; `well_again_at` is None while it lasts."""

    sentence: str
    at: datetime
    well_again_at: datetime | None = None


class Troubles:
    """The last trouble of each part; parts are named as in `/readyz`."""

    def __init__(self) -> None:
        self._last: dict[str, Trouble] = {}

    def look(self, evening: "Evening", now: datetime) -> None:
        """Note what is wrong now, and what is well again."""
        for channel in evening.wanted or ():
            # What is only just being attached is no trouble yet.
            if channel in evening.speakers or channel in evening.refused:
                self._note(f"channel {channel}", channel_trouble(evening, channel), now)
        if evening.shop_jobs is not None:
            self._note("shop", shop_trouble(evening), now)

    def last(self, part: str) -> Trouble | None:
        """What was wrong last with a part; None when nothing was since the start."""
        return self._last.get(part)

    def _note(self, part: str, sentence: str, now: datetime) -> None:
        last = self._last.get(part)
        if not sentence:
            if last is not None and last.well_again_at is None:
                last.well_again_at = now
        elif last is None or last.well_again_at is not None or last.sentence != sentence:
            self._last[part] = Trouble(sentence, now)


def channel_trouble(evening: "Evening", channel: str) -> str:
    """What keeps a channel from being read or spoken in; empty when nothing does."""
    speaker = evening.speakers.get(channel)
    if speaker is None:
        refusal = evening.refused.get(channel)
        return masked(refusal.sentence) if refusal else sentence("It is being attached.")
    connector = speaker.connector
    problem = connector.problem if isinstance(connector, Watched) else None
    return masked(problem or speaker.trouble)


def shop_trouble(evening: "Evening") -> str:
    """What keeps the shop's tasks from their work, each thing once; empty when nothing does."""
    jobs = evening.shop_jobs
    return masked(joined(dict.fromkeys(jobs.problems.values()), " ")) if jobs else ""
