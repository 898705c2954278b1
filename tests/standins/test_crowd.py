"""The crowd behaves like people, and the same evening can be had again."""

from standins.crowd import SMALL_TALK, Crowd

PRODUCTS = ["Xbox Series X", "Nintendo Switch"]


def evening(seed: int = 7) -> list[tuple[float, str, str]]:
    lines = Crowd(200, seed=seed, products=PRODUCTS).lines(60.0)
    return [(at, who.name, text) for at, who, text in lines]


def test_the_same_seed_gives_the_same_evening() -> None:
    assert evening(7) == evening(7)
    assert evening(7) != evening(8)


def test_lines_come_in_order_within_the_evening() -> None:
    times = [at for at, _, _ in evening()]
    assert sorted(times) == times
    assert 0.0 <= times[0] <= times[-1] <= 60.0


def test_people_talk_ask_and_mistype() -> None:
    texts = [text for _, _, text in evening()]
    assert set(SMALL_TALK) <= set(texts)
    named = {text.partition(" ")[2] for text in texts if text.lower().startswith("!prix ")}
    right = {name.lower() for name in PRODUCTS}
    assert named & right
    assert named - right


def test_a_wave_follows_each_shout() -> None:
    codes = [at for at, _, text in evening() if "code" in text.lower()]
    waves = [sum(start <= at < start + 4 for at in codes) for start in (15.0, 39.0)]
    assert all(wave > 80 for wave in waves)
    assert len(codes) - sum(waves) < 40


def test_moderators_give_orders_and_viewers_do_not() -> None:
    for _, who, text in Crowd(200, seed=7, products=PRODUCTS).lines(60.0):
        if text.startswith(("!produit", "!drop", "!code @")):
            assert ("moderator",) == who.badges
