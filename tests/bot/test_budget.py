"""A send budget counts from when the platform may have counted."""

from bot.budget import Ledger
from domain.answers import Priority
from domain.ports import SendBudget


def test_a_message_that_was_long_on_its_way_delays_the_next_by_as_much() -> None:
    ledger = Ledger(SendBudget(20, 30.0, 1.2))
    ledger.spend(100.0)
    ledger.arrived(103.0)

    assert 1.2 == round(ledger.wait_s(103.0, Priority.CODE), 3)
    assert 0.0 == ledger.wait_s(104.3, Priority.CODE)


def test_a_full_window_is_free_again_a_window_after_the_arrivals() -> None:
    ledger = Ledger(SendBudget(2, 30.0))
    for second in (0.0, 10.0):
        ledger.spend(second)
        ledger.arrived(second + 5.0)

    assert 0 == ledger.left(34.0, Priority.MODERATOR)
    assert 1 == ledger.left(35.0, Priority.MODERATOR)
