"""Pages out of a JSON array that is still being written. Pure."""

import json
import re

from connectors.youtube.outcome import StreamFailed
from connectors.youtube.wire import Page

OUTSIDE, INSIDE = re.compile(rb'[{}"]'), re.compile(rb'"|\\.', re.DOTALL)
LARGEST = 16 * 1024 * 1024
"""Bytes of one page; the list call's largest are a few millions."""


class JsonPages:
    """Fed with bytes, cut anywhere; gives each page once its last brace is there."""

    def __init__(self) -> None:
        self._kept = bytearray()
        self._at = 0
        self._depth = 0
        self._is_in_text = False

    def feed(self, content: bytes) -> list[Page]:
        """The pages that `content` completes; raises `StreamFailed` for what is no JSON."""
        self._kept += content
        pages = []
        while hit := (INSIDE if self._is_in_text else OUTSIDE).search(self._kept, self._at):
            self._at = hit.end()
            if self._ends_a_page(hit.group()[0:1]):
                pages.append(self._take())
        # A backslash at the very end escapes what is still to come.
        is_cut = self._is_in_text and self._kept[self._at :].endswith(b"\\")
        self._at = len(self._kept) - is_cut
        if len(self._kept) > LARGEST:
            raise StreamFailed("a page without an end")
        return pages

    def _ends_a_page(self, mark: bytes) -> bool:
        if mark == b'"':
            self._is_in_text = not self._is_in_text
        elif mark == b"{":
            self._depth += 1
        elif mark == b"}":
            self._depth -= 1
            return self._depth == 0
        return False

    def _take(self) -> Page:
        text = self._kept[: self._at].lstrip(b"[, \r\n\t")
        self._kept = self._kept[self._at :]
        self._at = 0
        try:
            page: Page = json.loads(text)
        except ValueError:
            raise StreamFailed("a page that is no JSON") from None
        return page
