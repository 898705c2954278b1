"""Chat logs are read whole or refused with the lines that are wrong."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.replay.read_log import read_log
from domain.chat import Message, Role, Viewer
from domain.errors import Refusal


def write(folder: Path, *lines: str) -> Path:
    path = folder / "chat.log"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_a_downloaders_line_is_a_message(tmp_path: Path) -> None:
    path = write(tmp_path, "[2026-10-01 19:00:05 UTC] Ann: !prix xbox: combien ?")
    expected = Message(
        "line-1",
        "replay:log",
        Viewer("replay", "ann", "Ann", "Ann"),
        "!prix xbox: combien ?",
        datetime(2026, 10, 1, 19, 0, 5, tzinfo=UTC),
    )
    assert list(read_log(path)) == [expected]


def test_a_json_line_may_name_ids_and_a_role(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        '{"time": "2026-10-01T21:00:05+02:00", "name": "Bob", "text": "!x", "role": "moderator", "id": "m1"}',
        '{"sent_at": 1790881205, "name": "Cy", "text": "hi", "viewer_id": "77", "handle": "cy_"}',
    )
    first, second = read_log(path, "replay:evening")
    assert (first.id, first.author.role, first.channel) == ("m1", Role.MODERATOR, "replay:evening")
    assert first.sent_at == datetime(2026, 10, 1, 19, 0, 5, tzinfo=UTC)
    assert second.author == Viewer("replay", "77", "Cy", "cy_")
    assert second.id == "line-2"


def test_every_bad_line_is_named_and_nothing_is_given(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "[2026-10-01 19:00:05 UTC] Ann: hello",
        "Ann said hello",
        "",
        '{"name": "Bob", "text": "no time"}',
        "{broken",
        '{"time": "2026-10-01T21:00:05Z", "name": "Bob", "text": "x", "role": "king"}',
        "[2026-13-01 19:00:05 UTC] Ann: no such month",
        '{"time": "2026-10-01T21:00:05Z", "name": "", "text": "x"}',
    )
    with pytest.raises(Refusal) as refusal:
        read_log(path)
    for number in (2, 4, 5, 6, 7, 8):
        assert f"{number} (" in str(refusal.value)
    assert "1 (" not in str(refusal.value)


def test_a_log_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="cannot be read"):
        read_log(tmp_path / "none.log")


def test_only_the_first_bad_lines_of_many_are_named(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="and 15 more"):
        read_log(write(tmp_path, *["nonsense"] * 25))


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("[9999-12-31 23:59:59 UTC] ann: late", "no such date"),
        ('{"time": "0001-01-01T00:00:00+14:00", "name": "ann", "text": "early"}', "no ISO 8601 time"),
        ('{"time": true, "name": "ann", "text": "when?"}', "no ISO 8601 time"),
        pytest.param('{"a":' * 100_000, "broken JSON", id="deep"),
    ],
)
def test_a_line_out_of_time_or_out_of_shape_is_refused_by_its_number(
    tmp_path: Path, line: str, why: str
) -> None:
    with pytest.raises(Refusal, match=why):
        read_log(write(tmp_path, "[2026-10-01 19:00:05 UTC] Ann: hello", line))
