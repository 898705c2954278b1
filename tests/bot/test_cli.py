"""The command line as the retailer types it: what each verb does, says, and refuses."""

import json

import pytest

from tests.bot.shell import Shell

HEAD = "sku,name,aliases,price,currency,reference_price,stock,url\n"
XBOX = 'X1,Xbox Series X,"xbox|series x","499,99",EUR,479.00,12,https://shop.example/x1\n'
VERBS = [
    "demo", "run", "replay", "report", "doctor", "login", "pair", "live plan", "live edit",
    "live open", "live close",
    "live list", "live show", "live undelivered", "products import", "products list", "offer add",
    "offer list", "offer end", "codes import", "codes generate", "codes list", "redemptions sync",
    "redemptions import", "redemptions list", "redemptions export", "user add",
    "user list", "user password", "user change", "db upgrade", "db check",
]  # fmt: skip


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself_with_an_example(bateleur: Shell, verb: str) -> None:
    shown = bateleur(*verb.split(), "--help")
    assert "Example:" in shown
    assert f"bateleur {verb}" in shown


def test_a_verb_that_does_not_exist_is_a_usage_error(bateleur: Shell) -> None:
    bateleur("dance", exit_code=2)
    bateleur("live", "open", exit_code=2)
    bateleur("offer", "add", "1", "--kind", "rubbish", exit_code=2)


def test_an_evening_is_prepared_and_ended_by_its_verbs(bateleur: Shell) -> None:
    bateleur("products", "import", bateleur.file(HEAD + XBOX))
    live = bateleur.json("live", "open", "Soirée", "--channel", "twitch:100", "--channel", "twitch:200")
    assert (1, "open", ["twitch:100", "twitch:200"]) == (live["live"], live["state"], live["channels"])
    offer = bateleur.json("offer", "add", "1", "--kind", "unique", "--percent", "20", "--count", "5")
    assert 5 == offer["left"]
    assert {"offer": 1, "codes": 2} == bateleur.json("codes", "generate", "1", "--count", "2")
    assert 7 == len(bateleur.json("codes", "list", "1"))
    assert 0 == bateleur.json("live", "show", "1")["granted"]
    assert bateleur.json("offer", "end", "1")["ended"]
    assert "closed" == bateleur.json("live", "close", "1")["state"]
    assert [[1, "closed"]] == [[row["live"], row["state"]] for row in bateleur.json("live", "list")]


def test_a_live_is_planned_with_its_products_in_their_order(bateleur: Shell) -> None:
    bateleur("products", "import", bateleur.file(HEAD + XBOX + XBOX.replace("X1", "A2")))
    plan = ("live", "plan", "Soirée", "--channel", "twitch:100", "--starts", "2126-12-03T20:00")
    refused = bateleur.refused(*plan, "--product", "X1", "--product", "NO")
    assert "There is no product NO" in refused
    assert 0 == bateleur.counts()[0]
    bateleur(*plan, "--product", "X1", "--product", "A2", "--product", "X1")
    assert ["X1", "A2"] == bateleur.json("live", "show", "1")["products"]
    assert "X1, A2" in bateleur("live", "show", "1")


def test_prices_are_shown_to_people_and_counted_for_programs(bateleur: Shell) -> None:
    bateleur("products", "import", bateleur.file(HEAD + XBOX))
    assert "€499.99" in bateleur("products", "list")
    (row,) = bateleur.json("products", "list")
    assert {"amount": 49999, "currency": "EUR"} == row["price"]


def test_codes_are_shown_whole_only_when_asked(opened: Shell) -> None:
    masked = [row["code"] for row in opened.json("codes", "list", "1")]
    whole = [row["code"] for row in opened.json("codes", "list", "1", "--reveal")]
    assert [code[-2:] for code in whole] == [code[-2:] for code in masked]
    assert not set(whole) & set(masked)
    assert not any(code in opened("codes", "list", "1") for code in whole)


def test_empty_lists_say_what_to_do_next(bateleur: Shell) -> None:
    assert "bateleur live open" in bateleur("live", "list")
    assert "bateleur products import" in bateleur("products", "list")
    assert "bateleur offer add" in bateleur("offer", "list")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("live", "open", "X", "--channel", "twitch:100"), "already has an open live"),
        (("live", "open", "X", "--channel", "minitel:3615"), "«minitel:3615» is no channel"),
        (("live", "open", "X", "--channel", "twitch:"), "is no channel"),
        (("live", "open", "X", "--channel", "twitch:7", "--until", "25:99"), "«25:99» is no time"),
        (("live", "open", "X", "--channel", "twitch:7", "--until", "2020-01-01T10:00"), "already past"),
        (("live", "open", "X", "--channel", "twitch:7", "--language", "xx"), "no reply texts in «xx»"),
        (("live", "close", "9"), "There is no live 9"),
        (("live", "show", "9"), "There is no live 9"),
        (("offer", "add", "9", "--kind", "unique", "--percent", "20"), "There is no live 9"),
        (("offer", "add", "1", "--kind", "unique"), "Give either --percent 20 or --amount"),
        (("offer", "add", "1", "--kind", "shared", "--percent", "20"), "needs its code"),
        (("offer", "add", "1", "--kind", "unique", "--percent", "20", "--code", "A"), "leave --code out"),
        (("live", "open", " ", "--channel", "twitch:7"), "A live needs a title"),
        (("offer", "add", "1", "--kind", "shared", "--percent", "5", "--code", "NO EL"), "is no code"),
        (("offer", "add", "1", "--kind", "unique", "--amount", "ten EUR"), "«ten» is no price"),
        (("offer", "add", "1", "--kind", "unique", "--percent", "5", "--sku", "NO"), "has the SKU NO"),
        (("offer", "end", "9"), "There is no offer 9"),
        (("codes", "generate", "9", "--count", "5"), "There is no live 9"),
        (("codes", "generate", "1", "--count", "5", "--prefix", "NOËL"), "«NOËL» is no prefix"),
        (("codes", "generate", "1", "--count", "5", "--offer", "9"), "there are: 1"),
        (("codes", "import", "1", "missing.csv"), "cannot be read"),
        (("codes", "import", "1", "."), "cannot be read"),
        (("products", "import", "missing.csv"), "cannot be read"),
        (("products", "import", "."), "cannot be read"),
        (("login", "minitel"), "no platform one can log in to"),
        (("login", "twitch"), "BATELEUR_SECRET_KEY"),
        (("pair", "twitch"), "tells roles itself"),
        (("replay", "missing.txt"), "cannot be read"),
    ],
)  # fmt: skip
def test_a_refusal_is_one_sentence_and_changes_nothing(
    opened: Shell, words: tuple[str, ...], sentence: str
) -> None:
    before = opened.counts()
    said = opened.refused(*words)
    assert sentence in said
    assert before == opened.counts()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("name,sku,price\nXbox,X1,5\n", "Line 1: columns missing"),
        (HEAD + XBOX + "X2,Two,,abc,EUR,,,\n", "Line 3: «abc» is no price"),
        (HEAD + XBOX + XBOX, "Line 3"),
        (HEAD + "X1,Xbox,,1,EUX,,,\n", "Line 2: «EUX» is no ISO currency"),
        ("<rss><broken", "not well-formed"),
        ("", "Line 1"),
    ],
)
def test_a_file_with_one_bad_line_imports_nothing(bateleur: Shell, text: str, sentence: str) -> None:
    assert sentence in bateleur.refused("products", "import", bateleur.file(text))
    bateleur("db", "upgrade")
    assert [0, 0, 0, 0] == bateleur.counts()


def test_a_code_file_names_repeats_look_alikes_and_empty_lines(opened: Shell) -> None:
    said = opened.refused("codes", "import", "1", opened.file("LVVE24PQ\nLVVE24PQ\n\nO0I1KLMN\n"))
    assert "Line 2: the same code stands on line 1." in said
    assert "Line 3: it is empty." in said
    assert "Line 4: look-alike" in said
    assert [1, 0, 1, 3] == opened.counts()


def test_a_file_that_is_no_text_is_refused(opened: Shell) -> None:
    (opened.folder / "bin.csv").write_bytes(b"\xff\xfe\x00caf\xe9")
    assert "not UTF-8" in opened.refused("products", "import", "bin.csv")
    assert "not UTF-8" in opened.refused("codes", "import", "1", "bin.csv")
    assert "cannot be read" in opened.refused("replay", "bin.csv")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BATELEUR_LOCAL", "fr"),
        ("BATELEUR_TIMEZONE", "Mars/Olympus"),
        ("BATELEUR_TWITCH__BOT_TOKN", "secret"),
        ("BATELEUR_TWITCH__KEEPALIVE_S", "soon"),
        ("BATELEUR_ALIASES", "{"),
    ],
)
def test_a_setting_that_is_wrong_is_named_without_its_value(
    bateleur: Shell, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    said = bateleur.refused("live", "list")
    assert name in said
    assert "secret" not in said


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("postgresql+psycopg://shop:hush@127.0.0.1:1/b", "it does not answer"),
        ("sqlite:////proc/nothing/b.db", "cannot be opened"),
        ("mysql://localhost/b", "SQLite or PostgreSQL"),
        ("rubbish", "BATELEUR_DATABASE_URL"),
    ],
)
def test_a_database_out_of_reach_is_one_sentence(
    bateleur: Shell, monkeypatch: pytest.MonkeyPatch, url: str, sentence: str
) -> None:
    monkeypatch.setenv("BATELEUR_DATABASE_URL", url)
    for verb in (("live", "list"), ("db", "upgrade"), ("run",)):
        said = bateleur.refused(*verb)
        assert sentence in said
        assert "hush" not in said


def test_run_and_doctor_say_what_a_bot_without_a_token_needs(opened: Shell) -> None:
    assert "bateleur login twitch" in opened.refused("run")
    assert "bateleur login twitch" in opened("doctor", exit_code=1)


def test_reply_texts_that_do_not_render_are_refused_before_anything_starts(
    opened: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    (opened.folder / "fr.toml").write_text('[code]\nnone = "{{ nothing }}"\n')
    monkeypatch.setenv("BATELEUR_TEXTS", str(opened.folder))
    assert "fr.toml, line 2, code.none" in opened.refused("run")


def test_a_log_is_replayed_through_the_same_engine(opened: Shell) -> None:
    opened("products", "import", opened.file(HEAD + XBOX))
    lines = opened.file(
        "[2026-11-23 20:00:00 UTC] ann: !prix xbox\n[2026-11-23 20:00:09 UTC] bob: hello\n", "a.txt"
    )
    assert "@ann Xbox Series X" in opened("replay", lines)
    objects = opened.file(
        json.dumps({"time": "2026-11-23T20:00:00Z", "name": "ann", "text": "!prix xbox"}) + "\n", "b.jsonl"
    )
    before = opened.counts()
    again = [opened.json("replay", objects) for _ in range(2)]
    assert [{"messages": 1, "answers": 1, "said": 1, "grants": 0}] * 2 == again
    assert before == opened.counts()


def test_a_replayed_wave_is_granted_codes_of_a_copy(opened: Shell) -> None:
    lines = [f"[2026-11-23 20:00:0{n} UTC] v{n}: !code\n" for n in range(5)]
    assert 3 == opened.json("replay", opened.file("".join(lines), "wave.txt"))["grants"]
    assert 0 == opened.json("live", "show", "1")["granted"]


def test_a_closed_live_takes_no_offer(opened: Shell) -> None:
    opened("live", "close", "1")
    assert "Live 1 is closed" in opened.refused("offer", "add", "1", "--kind", "unique", "--percent", "20")
    assert "already closed" in opened.refused("live", "close", "1")
    assert [1, 0, 1, 3] == opened.counts()


def test_among_several_unique_offers_one_must_be_named(opened: Shell) -> None:
    opened("offer", "add", "1", "--kind", "unique", "--amount", "10 EUR")
    assert "unique offers 1, 2; name one" in opened.refused("codes", "generate", "1", "--count", "5")
    assert "5 codes drawn for offer 2" in opened("codes", "generate", "1", "--count", "5", "--offer", "2")


def test_codes_drawn_later_may_be_given_too(opened: Shell) -> None:
    opened("offer", "add", "1", "--kind", "unique", "--amount", "10 EUR", "--count", "2")
    opened("codes", "generate", "1", "--count", "3", "--offer", "2")
    assert 5 == opened.json("offer", "list")[1]["left"]


def test_a_live_without_a_unique_offer_says_how_to_make_one(bateleur: Shell) -> None:
    bateleur("live", "open", "Soirée", "--channel", "twitch:100", "--channel", "twitch:100")
    assert "bateleur offer add 1 --kind unique" in bateleur.refused("codes", "list", "1")


def test_the_code_of_a_shared_offer_is_listed(opened: Shell) -> None:
    opened("offer", "add", "1", "--kind", "shared", "--percent", "10", "--code", "NOEL20")
    assert [None, "NOEL20"] == [row["code"] for row in opened.json("offer", "list", "--live", "1")]


def test_a_log_is_replayed_from_its_earliest_line(opened: Shell) -> None:
    lines = "[2026-11-23 20:00:09 UTC] late: !aide\n[2026-11-23 20:00:00 UTC] early: !code\n"
    said = opened("replay", opened.file(lines, "upside down.txt"))
    assert said.index("@early") < said.index("@late")


def test_a_feed_leaves_the_aliases_and_the_lowest_price_that_it_cannot_tell(bateleur: Shell) -> None:
    bateleur("products", "import", bateleur.file(HEAD + XBOX))
    feed = "id\ttitle\tprice\tlink\nX1\tXbox neuve\t489.00 EUR\thttps://shop.example/x1\n"
    bateleur("products", "import", bateleur.file(feed))
    (row,) = bateleur.json("products", "list")
    assert ("Xbox neuve", ["xbox", "series x"]) == (row["name"], row["aliases"])
    assert (48900, 47900) == (row["price"]["amount"], row["reference_price"]["amount"])
