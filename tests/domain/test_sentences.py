"""Sentences: English as a text, and remembering enough to be told in another language."""

import pytest

from domain.errors import ActionRequired, BateleurError, Fault, Refusal
from domain.sentences import Sentence, joined, sentence, sentence_of

FRENCH = {
    "There is no live {id}.": "Il n’y a pas de live {id}.",
    "The shop fails ({why}).": "La boutique est en panne ({why}).",
    "{first} before {second}": "{second} après {first}",
    "it is silent": "elle est muette",
    "The database is busy.": "La base de données est occupée.",
}


def test_the_text_is_the_english_sentence_filled_in() -> None:
    made = sentence("There is no live {id}.", id=7)
    assert "There is no live 7." == made == str(Refusal(made))
    assert type(str(Refusal(made))) is str


def test_it_is_told_in_the_language_whose_templates_are_given() -> None:
    assert "Il n’y a pas de live 7." == sentence("There is no live {id}.", id=7).told(FRENCH)


def test_it_stays_english_where_the_language_has_none_for_it() -> None:
    made = sentence("The shop {name} is shut.", name="of Ann")
    assert "The shop of Ann is shut." == made.told(FRENCH) == made.told({})


def test_the_places_of_another_language_may_stand_in_another_order() -> None:
    assert "deux après un" == sentence("{first} before {second}", first="un", second="deux").told(FRENCH)


def test_a_sentence_within_a_sentence_is_told_too_and_a_platforms_words_are_not() -> None:
    silent = sentence("The shop fails ({why}).", why=sentence("it is silent"))
    assert ("The shop fails (it is silent).", "La boutique est en panne (elle est muette).") == (
        silent,
        silent.told(FRENCH),
    )
    foreign = sentence("The shop fails ({why}).", why="it is silent")
    assert "La boutique est en panne (it is silent)." == foreign.told(FRENCH)


@pytest.mark.parametrize("error", [Refusal("it is silent"), ActionRequired(sentence("it is silent"))])
def test_an_error_within_a_sentence_is_told_by_its_own(error: BateleurError) -> None:
    assert "La boutique est en panne (elle est muette)." == sentence(
        "The shop fails ({why}).", why=error
    ).told(FRENCH)


def test_an_error_of_a_library_keeps_its_text() -> None:
    assert "The shop fails ('id')." == sentence("The shop fails ({why}).", why=KeyError("id"))


def test_what_is_put_in_is_never_read_as_a_template() -> None:
    named = sentence("{first} before {second}", first="{second} {0} {{x}}", second="{first!r} %s \\1")
    assert "{second} {0} {{x}} before {first!r} %s \\1" == named
    assert "{first!r} %s \\1 après {second} {0} {{x}}" == named.told(FRENCH)


def test_braces_of_a_plain_text_survive_being_told() -> None:
    assert "{id} {} {x.y}" == Refusal("{id} {} {x.y}").sentence.told(FRENCH)


def test_a_plain_literal_is_its_own_template() -> None:
    fault = Fault("The database is busy.", is_retryable=True)
    assert "The database is busy." == str(fault) == fault.sentence
    assert "La base de données est occupée." == fault.sentence.told(FRENCH)


def test_sentences_that_are_joined_are_told_one_by_one() -> None:
    both = joined([sentence("There is no live {id}.", id=7), sentence("The database is busy.")], " ")
    assert "There is no live 7. The database is busy." == both
    assert "Il n’y a pas de live 7. La base de données est occupée." == both.told(FRENCH)


def test_what_happens_to_its_values_happens_to_what_is_told() -> None:
    hidden = sentence("There is no live {id}.", id="secret").with_values(lambda _: "***")
    assert ("There is no live ***.", "Il n’y a pas de live ***.") == (hidden, hidden.told(FRENCH))


def test_an_error_without_a_text_has_an_empty_sentence() -> None:
    assert Sentence("") == sentence_of(ValueError())
