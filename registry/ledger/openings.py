"""Facts and their opening put together again: `{"text": n}` in the facts stands for the nth text of the opening."""

from typing import Any

ERASED = "effacé"
"""What a text reads once its opening was erased."""
_MARK = "text"


def join(facts: Any, texts: list[str] | None) -> Any:
    """The document that was split; with None (erased) every text reads `ERASED`.

    Raises IndexError when a mark has no text: facts and opening are not of one document.
    """
    if isinstance(facts, dict):
        if len(facts) == 1 and type(facts.get(_MARK)) is int:
            return ERASED if texts is None else texts[facts[_MARK]]
        return {key: join(item, texts) for key, item in facts.items()}
    return [join(item, texts) for item in facts] if isinstance(facts, list) else facts
