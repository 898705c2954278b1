"""Finding the product that a viewer means, tolerant of typing errors and honest when unsure."""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from domain.plaintext import fold
from domain.show import Product

MAX_PROPOSED = 3
MAX_WORDS = 8
SURE = 0.8  # mean likeness of the asked words; «swich» for «switch» is 0.83, «xbos» for «xbox» 0.75
WORTH_PROPOSING = 0.45
MARGIN = 0.1
_PREFIX_LIKENESS = 0.8
_WORD = re.compile(r"[^\W_]+")
_COMMON = 200  # products; a word of so many only tells apart those that rarer words brought
_SMALL_WORDS = frozenset(
    """
    a au aux c ca ce cette combien cout coute d de des du elle en est et il j je l la le les m ma me merci moi
    mon n on pour prix qu que quel quelle quoi s si stp svp t ta tu un une vaut y
    an and are cost does for how i is it me much of please pls price the thanks this to what
    """.split()  # noqa: SIM905 - a list of eighty quoted words is no easier to read
)


@dataclass(frozen=True, slots=True)
class Found:
    """The one product that is meant."""

    product: Product


@dataclass(frozen=True, slots=True)
class Unsure:
    """Several may be meant, or one but not surely; the likeliest first, `MAX_PROPOSED` at most."""

    candidates: tuple[Product, ...]


SearchResult = Found | Unsure | None


class ProductIndex:
    """The products of a live, ready for searching; made once, a search takes well under a millisecond."""

    def __init__(self, products: Iterable[Product]) -> None:
        self.products: tuple[Product, ...] = tuple(products)
        self._by_sku = {product.sku: product for product in self.products}
        self._exact: dict[str, list[int]] = defaultdict(list)
        self._postings: dict[str, list[int]] = defaultdict(list)
        self._entries: list[tuple[frozenset[str], ...]] = []
        self._words: list[frozenset[str]] = []
        for position, product in enumerate(self.products):
            self._add(position, product)
        self._vocabulary = sorted(self._postings)
        self._by_length: dict[int, list[str]] = defaultdict(list)
        for word in self._vocabulary:
            if word.isalpha():
                self._by_length[len(word)].append(word)
        self._find = lru_cache(maxsize=1024)(self._search)
        self._alike = lru_cache(maxsize=4096)(self._guess)

    def get(self, sku: str | None) -> Product | None:
        """The product with this SKU, or None."""
        return self._by_sku.get(sku) if sku is not None else None

    def find(self, text: str) -> SearchResult:
        """Whom `text` means: a SKU, a name or an alias, misspelt or in part, with small talk around it."""
        return self._find(fold(text).strip())

    def _add(self, position: int, product: Product) -> None:
        spoken = (product.name, *product.aliases)
        for key in dict.fromkeys(filter(None, map(_glued, (product.sku, *spoken)))):
            self._exact[key].append(position)
        entries = tuple(frozenset(_words(text)) for text in spoken)
        self._entries.append(entries)
        words = frozenset().union(*entries, {_glued(product.sku)}) - {""}
        self._words.append(words)
        for word in words:
            self._postings[word].append(position)

    def _search(self, folded: str) -> SearchResult:
        words = _words(folded)[:MAX_WORDS]
        telling = [word for word in words if word not in _SMALL_WORDS]
        for asked in (words, telling):
            exact = self._exact.get("".join(asked))
            if exact:
                return self._result(exact)
        small = {word for word in words if word in _SMALL_WORDS and word in self._postings}
        if not telling:
            telling, small = sorted(small), set()
        return self._rank(telling, small) if telling else None

    def _rank(self, words: Sequence[str], small: set[str]) -> SearchResult:
        """The likeliest products; `small` words («s» in «série s») only tell equals apart."""
        likeness = self._score(words)
        bonus = 1.5 * MARGIN if small else 0.0
        score = {at: likeness[at] + bonus * (small <= self._words[at]) for at in likeness}
        best = max(score, key=lambda at: score[at], default=None)
        if best is None or likeness[best] < WORTH_PROPOSING:
            return None
        near = [at for at in score if score[at] > score[best] - MARGIN]
        near.sort(key=lambda at: (-score[at], at))
        whole = [at for at in near[:_COMMON] if self._is_said_whole(at, words)]
        likely = whole if len(whole) == 1 else near
        if len(likely) == 1 and likeness[likely[0]] >= SURE and (whole or self._knows_all(likely[0], words)):
            return Found(self.products[likely[0]])
        return self._unsure(near)

    def _score(self, words: Sequence[str]) -> dict[int, float]:
        """How well products fit, 0 to 1: the mean likeness of the asked words to the product's own."""
        totals: dict[int, float] = defaultdict(float)
        alike = [self._alike(word) for word in words]
        for known in sorted(alike, key=lambda known: sum(len(self._postings[word]) for word in known)):
            is_common = sum(len(self._postings[word]) for word in known) > _COMMON
            best: dict[int, float] = {}
            for word, likeness in known.items():
                holders = self._postings[word]
                if is_common and totals:
                    holders = [at for at in totals if word in self._words[at]]
                for at in holders:
                    if likeness > best.get(at, 0.0):
                        best[at] = likeness
            for at, likeness in best.items():
                totals[at] += likeness / len(words)
        return totals

    def _guess(self, word: str) -> dict[str, float]:
        """The known words that `word` may be. Words with digits are never guessed: a PS4 is no PS5."""
        alike: dict[str, float] = {}
        if len(word) >= 4 and word.isalpha():
            for at in range(bisect_left(self._vocabulary, word), len(self._vocabulary)):
                if not self._vocabulary[at].startswith(word):
                    break
                alike[self._vocabulary[at]] = _PREFIX_LIKENESS
            allowed = 1 if len(word) < 8 else 2
            for length in range(max(4, len(word) - allowed), len(word) + allowed + 1):
                near = process.extract(
                    word, self._by_length.get(length, ()), scorer=OSA.distance, score_cutoff=allowed, limit=16
                )
                for known, distance, _ in near:
                    alike[known] = max(1 - distance / max(len(word), length), alike.get(known, 0.0))
        if word in self._postings:
            alike[word] = 1.0
        return alike

    def _is_said_whole(self, position: int, words: Sequence[str]) -> bool:
        """Whether one of the product's names is said in full, so that longer names are not meant."""
        met = {known for word in words for known in self._alike(word)}
        return any(entry <= met for entry in self._entries[position] if entry)

    def _knows_all(self, position: int, words: Sequence[str]) -> bool:
        """Whether every asked word may be one of the product's: «iphone 16 pro» is no «iphone 15 pro»."""
        return all(not self._words[position].isdisjoint(self._alike(word)) for word in words)

    def _unsure(self, positions: Sequence[int]) -> Unsure:
        return Unsure(tuple(self.products[at] for at in positions[:MAX_PROPOSED]))

    def _result(self, positions: Sequence[int]) -> SearchResult:
        return Found(self.products[positions[0]]) if len(positions) == 1 else self._unsure(positions)


def find_products(products: ProductIndex, text: str) -> SearchResult:
    """Whom `text` means among `products`."""
    return products.find(text)


def is_small_talk(text: str) -> bool:
    """Whether `text` names nothing: «svp», «combien ça coûte»."""
    return all(word in _SMALL_WORDS for word in _words(text))


def _words(text: str) -> list[str]:
    return _WORD.findall(fold(text))


def _glued(text: str) -> str:
    return "".join(_words(text))
