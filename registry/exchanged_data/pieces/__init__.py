"""The text of an uploaded piece, with the standard library alone and within bounds.

Text and tables in the usual encodings; office documents (zip archives of XML) and the text files of an archive; the
text of PDF files as far as their fonts keep characters. Images, and what is encrypted, are not read.
"""

from collections.abc import Iterator

from registry.exchanged_data.pieces.archives import archived_texts
from registry.exchanged_data.pieces.pdf import pdf_text
from registry.exchanged_data.pieces.plain import plain_text

_PDF, _ZIP = b"%PDF-", b"PK\x03\x04"
_HEAD = 1024


def texts_of(content: bytes) -> Iterator[str]:
    """The texts of a piece. Raises TooLargeToRead when an archive unpacks beyond its bounds."""
    if content.startswith(_ZIP):
        yield from archived_texts(content)
    elif _PDF in content[:_HEAD]:
        yield pdf_text(content)
    else:
        yield plain_text(content)
