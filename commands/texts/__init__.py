"""The reply texts, in a file per language."""

from commands.texts.catalogue import Catalogue, load_texts

__all__ = ["Catalogue", "load_texts"]
