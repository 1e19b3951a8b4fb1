"""What a search compares: the words of an exchange and those somebody types, folded and stemmed alike. Pure."""

from registry.searching.query import Query, asked
from registry.searching.texts import texts_of, words_of

__all__ = ["Query", "asked", "texts_of", "words_of"]
