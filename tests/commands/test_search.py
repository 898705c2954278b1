import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.search import MAX_PROPOSED, Found, ProductIndex, Unsure, find_products, is_small_talk
from domain.money import Money
from domain.show import Product


def product(sku: str, name: str, *aliases: str) -> Product:
    return Product(sku, name, Money(1000, "EUR"), aliases)


INDEX = ProductIndex(
    [
        product("XSX", "Xbox Series X", "la grosse xbox"),
        product("XSS", "Xbox Series S"),
        product("PS5", "PlayStation 5"),
        product("NS1", "Nintendo Switch", "switch"),
        product("NS2", "Nintendo Switch OLED"),
        product("MR", "Manette rouge"),
        product("MB", "Manette bleue"),
        product("I15", "iPhone 15 Pro"),
    ]
)


@pytest.mark.parametrize(
    ("text", "sku"),
    [
        ("Xbox Series X", "XSX"), ("xbos serie x", "XSX"), ("XBOX SÉRIES X", "XSX"), ("xboxseriesx", "XSX"),
        ("xsx", "XSX"), ("serie s", "XSS"), ("grosse xbox", "XSX"),
        ("combien coûte la xbox series x svp", "XSX"),
        ("ps 5", "PS5"), ("playstaton", "PS5"), ("play station 5", "PS5"), ("swich", "NS1"),
        ("nintendo swich", "NS1"), ("switch oled", "NS2"), ("oled", "NS2"), ("manete rouge", "MR"),
        ("iphone", "I15"), ("iphone 15", "I15"),
    ],
)  # fmt: skip
def test_the_product_meant_is_found(text: str, sku: str) -> None:
    result = find_products(INDEX, text)
    assert isinstance(result, Found), result
    assert result.product.sku == sku


@pytest.mark.parametrize(
    ("text", "skus"),
    [
        ("xbox", {"XSX", "XSS"}),
        ("xbos", {"XSX", "XSS"}),
        ("manette", {"MR", "MB"}),
        ("nintendo", {"NS1", "NS2"}),
        ("playstation 4", {"PS5"}),
        ("iphone 16 pro", {"I15"}),
        ("coque iphone 15 pro", {"I15"}),
    ],
)
def test_when_unsure_it_proposes_and_does_not_pretend(text: str, skus: set[str]) -> None:
    result = find_products(INDEX, text)
    assert isinstance(result, Unsure), result
    assert {candidate.sku for candidate in result.candidates} == skus


@pytest.mark.parametrize("text", ["", "???", "tondeuse", "ps4", "🎮", "le prix svp", "iphnoe zzz yyy www"])
def test_what_is_not_sold_is_not_found(text: str) -> None:
    assert find_products(INDEX, text) is None


def test_at_most_three_are_proposed() -> None:
    index = ProductIndex([product(f"M{n}", f"Manette modèle {n}") for n in range(9)])
    result = index.find("manette")
    assert isinstance(result, Unsure)
    assert len(result.candidates) == MAX_PROPOSED


def test_two_products_of_one_name_are_both_proposed() -> None:
    result = ProductIndex([product("A", "Mixeur"), product("B", "mixeur")]).find("MIXEUR")
    assert isinstance(result, Unsure)
    assert [candidate.sku for candidate in result.candidates] == ["A", "B"]


def test_small_talk_names_nothing() -> None:
    assert is_small_talk("combien ça coûte svp")
    assert is_small_talk("")
    assert not is_small_talk("la xbox")


@given(st.text(max_size=60))
def test_no_text_breaks_the_search(text: str) -> None:
    result = INDEX.find(text)
    assert result is None or isinstance(result, Found) or 1 <= len(result.candidates) <= MAX_PROPOSED


@given(st.sampled_from(INDEX.products))
def test_every_product_is_found_by_its_own_name_and_sku(wanted: Product) -> None:
    assert INDEX.find(wanted.name) == Found(wanted)
    assert INDEX.find(wanted.sku.lower()) == Found(wanted)


def test_a_search_among_2000_products_takes_less_than_a_millisecond() -> None:
    draw = random.Random(7)
    words = ["".join(draw.choices("abcdefghijklmnoprstuvz", k=draw.randint(4, 9))) for _ in range(3000)]
    index = ProductIndex(
        product(f"S{n}", f"Marque{n % 40} {draw.choice(words)} {draw.choice(words)} {n}", draw.choice(words))
        for n in range(2000)
    )
    took = []
    for _ in range(200):
        text = f"{draw.choice(words)[:-1]}z {draw.choice(words)}"
        started = time.perf_counter()
        index.find(text)
        took.append(time.perf_counter() - started)
    assert sorted(took)[len(took) // 2] < 0.001
