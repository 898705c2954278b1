"""What is wrong with a line of a file, or with a whole file: a sentence for the terminal, and its parts for
whoever says it in another language."""

from dataclasses import dataclass
from typing import Any

from domain.errors import Refusal
from domain.sentences import Sentence, sentence

SENTENCES = {
    "not_read": "{file} cannot be read: {why}.",
    "not_utf8": "{file} is not UTF-8; save it as «CSV UTF-8».",
    "open_quote": "Line {line}: it cannot be read ({why}); is a quote left open?",
    "columns_missing": "Line 1: columns missing: {columns}; expected {expected}.",
    "columns_unknown": "Line 1: unknown columns: {columns}; expected {expected}.",
    "columns_twice": "Line 1: columns given twice: {columns}.",
    "not_xml": "The feed is not well-formed, harmless XML.",
    "no_product": "The file holds no product.",
    "no_code": "The file holds no code.",
    "sku_twice": "SKU {sku} stands twice",
    "sku_missing": "the SKU is missing",
    "name_missing": "the name is missing",
    "sku_long": "the SKU is longer than {most} characters",
    "name_long": "the name is longer than {most} characters",
    "address_long": "the web address is longer than {most} characters",
    "sku_invisible": "the SKU holds invisible characters",
    "name_invisible": "the name holds invisible characters",
    "address_invisible": "the web address holds invisible characters",
    "no_address": "«{text}» is no web address",
    "too_many_cells": "it has too many columns: put a text with a comma, such as 499,99, in quotes",
    "no_stock": "«{text}» is no number of pieces",
    "price_missing": "the price is missing",
    "no_price": "«{text}» is no price",
    "no_price_in": "«{text}» is no price in {currency}",
    "no_currency": "«{text}» is no ISO currency, such as EUR",
    "price_alone": "«{text}» is no price with its currency, such as 499.99 EUR",
    "code_empty": "it is empty",
    "code_twice": "the same code stands on line {line}",
    "code_strange": "look-alike or unusual characters: {letters} (use {alphabet})",
    "code_long": "it is longer than 64 characters",
    "code_elsewhere": "the code belongs to offer {offer}",
}


class Flaw(ValueError):
    """Why a line is not taken; `key` is one of `SENTENCES`, `words` what stands in it."""

    def __init__(self, key: str, **words: Any) -> None:
        super().__init__(sentence(SENTENCES[key], **words))
        self.key = key
        self.words = words


class BadFile(Refusal):
    """Why nothing of a file can be taken; `key` is one of `SENTENCES`, `words` what stands in it."""

    def __init__(self, key: str, **words: Any) -> None:
        super().__init__(sentence(SENTENCES[key], **words))
        self.key = key
        self.words = words


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that is not taken. `unit` is `Line`, or `Item` for the items of an XML feed; both from 1."""

    number: int
    unit: str
    flaw: Flaw

    def __str__(self) -> str:
        return self.sentence

    @property
    def sentence(self) -> Sentence:
        """Where it is, and what is wrong."""
        place = "Line {number}: {why}." if self.unit == "Line" else "Item {number}: {why}."
        return sentence(place, number=self.number, why=self.flaw)
