"""What moderators did in a live, as the audit log has it: written with the deed itself."""

from collections.abc import Mapping, Sequence
from typing import Any

from commands.scene import Scene
from domain.answers import Answer
from domain.audited import who_ordered
from domain.plaintext import one_line
from store.unit import UnitOfWork

FOR_ALL: Mapping[str, str] = {
    "product.on_screen": "product_on_screen",
    "drop.started": "codes_dropped",
    "stop.drops": "offers_stopped",
    "stop.offers": "offers_stopped",
    "live.opened": "live_opened",
    "live.closed": "live_closed",
}
FOR_A_VIEWER: Mapping[str, str] = {
    "code.given": "code_given",
    "code.given_shared": "code_given",
    "code.given_page": "code_given",
    "code.given_reply": "code_given",
    "code.given_whisper": "code_given",
}
DEEDS = {**FOR_ALL, **FOR_A_VIEWER}
"""What an order that was carried out is called, by the key of its answer."""
LONGEST = 200


def note_deeds(answers: Sequence[Answer], scene: Scene, unit: UnitOfWork) -> None:
    """Write the deeds among `answers` to the audit log; `scene` is how the live stood before."""
    for answer in answers:
        deed = DEEDS.get(answer.key)
        if deed is None or scene.live is None:
            continue
        before: dict[str, Any] = {}
        after: dict[str, Any] = {"order": one_line(answer.message.text).strip()[:LONGEST]}
        if deed == "product_on_screen":
            before["product"] = scene.on_screen
            after["product"] = unit.segments.on_screen(scene.live.id)
        author, subject = answer.message.author, f"live {scene.live.id}"
        unit.audit.record(scene.now, who_ordered(author), deed, subject, before, after)
