"""What may be said on Twitch, and what its answers mean. Pure.

Source: Twitch «Send Chat Message», «Send Whisper» (read 2026-10); drop codes are undocumented and
change (twitchdev/issues#962), so they are read by what they contain.
"""

from typing import Any

from connectors.twitch.outcome import Answered
from domain.errors import ActionRequired, BateleurError, Fault
from domain.plaintext import harmless
from domain.ports import Capabilities, SendBudget, Sent
from domain.sentences import sentence
from domain.show import DeliveryWay

LONGEST = 500
COMMAND_MARKS = ("/", ".", "\\")
# Windows are padded by 2 s: Twitch's clock is not ours.
WINDOW_S = 32.0
FOR_ALL = SendBudget(20, WINDOW_S, 1.2)
FOR_MODERATORS = SendBudget(100, WINDOW_S)
SLOW_MODE_S = 30.0
DUPLICATE_S = 30.0


def capabilities(*, is_moderator: bool, may_whisper: bool) -> Capabilities:
    """What the bot can do in a channel, as a moderator (or its broadcaster) or not."""
    budget = FOR_MODERATORS if is_moderator else FOR_ALL
    private = DeliveryWay.WHISPER if may_whisper else None
    return Capabilities(LONGEST, budget, can_thread=True, private=private)


def sayable(text: str) -> str:
    """`text` as one line that Twitch shows and does not obey; raises `Fault` when it cannot be."""
    line = harmless(text)
    if text.lstrip().startswith(COMMAND_MARKS) and line:
        line = f"» {line}"
    if not line:
        raise Fault("There is nothing to say on Twitch: the text is empty.", is_retryable=False)
    if len(line) > LONGEST:
        why = sentence(
            "Twitch takes {most} characters, and this text has {count}.", most=LONGEST, count=len(line)
        )
        raise Fault(why, is_retryable=False)
    return line


def read_sent(body: Any) -> Sent | None:
    """What became of a message; None when the answer does not say. Raises `Fault` for a dropped one."""
    try:
        data = body["data"][0]
        is_sent, id = data["is_sent"], data.get("message_id")
    except (KeyError, IndexError, TypeError):
        return None
    if is_sent:
        return Sent(str(id or ""))
    raise dropped(data.get("drop_reason") or {})


def dropped(reason: dict[str, Any]) -> Fault:
    """The fault for a message that Twitch took and did not show."""
    code, words = str(reason.get("code") or "no reason"), str(reason.get("message") or "")
    why = sentence("Twitch did not show the message: {why}", why=f"{code} {words}".strip()[:160])
    if "duplicate" in code:
        return Fault(why, is_retryable=False)
    if "slow" in code:
        return Fault(why, is_retryable=True, retry_after=SLOW_MODE_S, is_local=True)
    if "rate" in code:
        return Fault(why, is_retryable=True, retry_after=WINDOW_S)
    return Fault(why, is_retryable=False)


def refused(error: Answered, channel: str) -> BateleurError:
    """What a failed call means. 5xx never comes here: its outcome is open."""
    if error.status == 429:
        why = "Twitch asks the bot to wait before its next message."
        return Fault(why, is_retryable=True, retry_after=error.wait_s or WINDOW_S)
    if error.status == 401:
        return ActionRequired(
            sentence(
                "Twitch does not let the bot write ({error}): run `bateleur login twitch`.",
                error=error.message,
            )
        )
    if error.status == 403:
        return ActionRequired(
            sentence(
                "The bot may not write in {channel} ({error}): lift its ban or block there.",
                channel=channel,
                error=error.message,
            )
        )
    return Fault(
        sentence("Twitch refuses the message for {channel}: {error}.", channel=channel, error=error),
        is_retryable=False,
    )
