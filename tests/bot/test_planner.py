"""A crowd is answered inside the send budget, and never with a word too many."""

import itertools
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from bot.budget import Ledger
from bot.fit import fit, length, named
from bot.planner import NO_REPEAT_S, Planner, Utterance
from domain.answers import Answer, Priority
from domain.chat import Message, Viewer
from domain.ports import Capabilities, SendBudget

MODERATED = Capabilities(500, SendBudget(100, 32.0), can_thread=True)
ORDINARY = Capabilities(500, SendBudget(20, 32.0, 1.2), can_thread=True)


def answer(name: str, text: str = "499,99 €", priority: Priority = Priority.PRICE) -> Answer:
    viewer = Viewer("twitch", name, name, name)
    message = Message(f"m-{name}", "twitch:1", viewer, "!prix", datetime(2026, 11, 23, tzinfo=UTC))
    return Answer("twitch:1", text, "price", message, priority)


def planner(capabilities: Capabilities = MODERATED) -> Planner:
    return Planner(capabilities, Ledger(capabilities.budget))


def speak(plan: Planner, now: float, until: float) -> list[tuple[float, Utterance]]:
    """Everything said from `now` to `until`, as a channel would say it."""
    said = []
    while now < until:
        decision = plan.next(now)
        if isinstance(decision, Utterance):
            plan.ledger.spend(now)
            said.append((now, decision))
        else:
            now += min(0.1, decision or 0.1)
    return said


def test_a_single_viewer_is_answered_in_a_thread_within_a_second() -> None:
    plan = planner()
    plan.add(answer("ann"), 0.0, 0.0)

    ((when, utterance),) = speak(plan, 0.0, 5.0)

    assert when < 1.0
    assert "m-ann" == utterance.reply_to
    assert "@ann 499,99 €" == utterance.text


def test_a_dozen_viewers_are_named_in_one_message() -> None:
    plan = planner()
    for number in range(12):
        plan.add(answer(f"viewer{number}"), 0.0, 0.0)

    ((_, utterance),) = speak(plan, 0.0, 5.0)

    assert 12 == len(utterance.serves)
    assert all(f"@viewer{number} " in utterance.text for number in range(12))


def test_a_crowd_of_three_thousand_gets_one_message_to_all() -> None:
    plan = planner()
    for number in range(3_000):
        plan.add(answer(f"viewer{number}"), 0.0, 0.0)

    ((when, utterance),) = speak(plan, 0.0, 10.0)

    assert when < 1.0
    assert 3_000 == len(utterance.serves)
    assert "@" not in utterance.text


def test_who_asks_again_meanwhile_is_answered_by_the_screen() -> None:
    plan = planner()
    for number in range(500):
        plan.add(answer(f"viewer{number}"), 0.0, 0.0)
    speak(plan, 0.0, 2.0)

    assert plan.add(answer("late"), 2.0, 2.0)
    assert 0 == plan.waiting()


def test_a_message_that_scrolled_away_is_said_again_in_other_words() -> None:
    plan = planner()
    for number in range(500):
        plan.add(answer(f"viewer{number}"), 0.0, 0.0)
    first = speak(plan, 0.0, 2.0)
    plan.scrolled(1_000)
    for number in range(500, 1_000):
        assert not plan.add(answer(f"viewer{number}"), 2.0, 2.0)
    second = speak(plan, 2.0, 15.0)

    assert [1, 1] == [len(first), len(second)]
    assert first[0][1].text != second[0][1].text


def test_codes_are_said_before_prices() -> None:
    plan = planner(ORDINARY)
    plan.add(answer("ann"), 0.0, 0.0)
    plan.add(answer("bob", "Ton code t'attend.", Priority.CODE), 0.0, 0.0)

    said = speak(plan, 0.3, 10.0)

    assert ["@bob Ton code t'attend.", "@ann 499,99 €"] == [utterance.text for _, utterance in said]


def test_what_is_too_old_to_help_is_dropped() -> None:
    plan = planner()
    plan.add(answer("ann"), 0.0, 0.0)

    assert plan.next(1_000.0) is None
    assert 1 == plan.dropped


def test_what_could_not_be_said_waits_again() -> None:
    plan = planner()
    plan.add(answer("ann"), 0.0, 0.0)
    ((_, utterance),) = speak(plan, 0.0, 2.0)
    plan.put_back(utterance)

    ((_, again),) = speak(plan, 2.0, 4.0)

    assert utterance.text == again.text


asks = st.lists(
    st.tuples(st.floats(0, 60), st.integers(0, 400), st.sampled_from(["A", "B", "C"])), max_size=300
)


@given(asks=asks, capabilities=st.sampled_from([MODERATED, ORDINARY]))
def test_no_stream_of_questions_makes_it_exceed_a_limit_or_repeat_itself(
    asks: list[tuple[float, int, str]], capabilities: Capabilities
) -> None:
    plan = planner(capabilities)
    said: list[tuple[float, Utterance]] = []
    now = 0.0
    for at, viewer, text in sorted(asks):
        said += speak(plan, now, at)
        now = max(now, at)
        plan.add(answer(f"viewer{viewer}", text), at, at)
    said += speak(plan, now, now + 70.0)

    times = [when for when, _ in said]
    budget = capabilities.budget
    for index, when in enumerate(times):
        assert sum(when - budget.window_s < other <= when for other in times[: index + 1]) <= budget.messages
    assert all(later - earlier >= budget.gap_s - 1e-9 for earlier, later in itertools.pairwise(times))
    for index, (when, utterance) in enumerate(said):
        recent = [u.text for at, u in said[:index] if when - at < NO_REPEAT_S - 1e-9]
        assert utterance.text not in recent
        assert length(utterance.text) <= capabilities.max_characters


@given(st.lists(st.text(min_size=1, max_size=30), max_size=60), st.text(max_size=600), st.integers(20, 500))
def test_words_always_fit_and_names_are_never_cut(names: list[str], text: str, limit: int) -> None:
    words, count = named(names, text, limit)

    assert length(words) <= limit or count == 0
    assert length(fit(text, limit)) <= limit
    assert count <= len(names)
