"""Typesets `document.typ` with `data.json`, both in the working folder, as `typeset.pdf`. Run as a script, isolated.

A character that no font can draw makes PDF/A fail. Those known are replaced beforehand; here is the net: the offending
text is read in the error, replaced, and the document made again.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

ATTEMPTS = 40
_OFFENDING = re.compile(r'(?:the text|the codepoint) `"(.+?)"`', re.DOTALL)
_ESCAPED = re.compile(r"\\u\{([0-9a-fA-F]+)\}")


def main(timestamp: int) -> None:
    """Make the document as of an instant (seconds since 1970), in at most `ATTEMPTS` goes."""
    import typst

    data = Path("data.json")
    for attempt in range(ATTEMPTS):
        try:
            made = typst.compile(
                "document.typ", root=".", ignore_system_fonts=True, pdf_standards=["a-3a", "ua-1"],
                timestamp=timestamp, package_path="none", package_cache_path="none",
            )  # fmt: skip
        except typst.TypstError as error:
            offending = _OFFENDING.search(error.message)
            if offending is None or attempt == ATTEMPTS - 1:
                raise SystemExit(error.message) from None
            text = _ESCAPED.sub(lambda match: chr(int(match.group(1), 16)), offending.group(1))
            seen = _without(json.loads(data.read_text(encoding="utf-8")), text)
            data.write_text(json.dumps(seen, ensure_ascii=False), encoding="utf-8")
        else:
            # Signing appends to the file: what follows must begin on its own line.
            Path("typeset.pdf").write_bytes(made + b"\n")
            return


def _without(value: Any, text: str) -> Any:
    if isinstance(value, str):
        return value.replace(text, "\ufffd")
    if isinstance(value, dict):
        return {key: item if key == "attachments" else _without(item, text) for key, item in value.items()}
    return [_without(item, text) for item in value] if isinstance(value, list) else value


if __name__ == "__main__":
    main(int(sys.argv[1]))
