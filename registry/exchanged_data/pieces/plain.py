"""Text files: UTF-8 or UTF-16 with a mark, else the code page of Windows; anything else reads as its characters."""

import codecs

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_SAMPLE = 4096


def plain_text(content: bytes) -> str:
    """The text of bytes; never raises. Binary files give their printable runs, in one-byte and two-byte characters:
    that is how office files older than 2007 keep theirs."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    if b"\x00" in content[:_SAMPLE]:
        return content.decode("latin-1") + "\n" + content.decode("utf-16-le", "replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")
