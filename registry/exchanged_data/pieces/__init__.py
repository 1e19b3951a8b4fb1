"""The text of an uploaded piece, with the standard library alone and within bounds.

Text, web pages and tables in the usual encodings; office documents (zip archives of XML) and whatever an archive (zip,
gzip) holds; the text of PDF files as far as their fonts keep characters. Images, other archives, and what is encrypted,
are not read.
"""

from collections.abc import Iterator

from registry.exchanged_data.pieces.archives import held_texts


def texts_of(content: bytes) -> Iterator[str]:
    """The texts of a piece. Raises TooLargeToRead when an archive unpacks beyond its bounds."""
    return held_texts(content)
