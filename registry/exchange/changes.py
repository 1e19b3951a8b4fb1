"""Differences between two versions of a request, and which of them a correction may make (invariant 3)."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from registry.exchange.file import Document, File
from schemas import vocabulary


def changed_paths(old: Any, new: Any, path: str = "") -> list[str]:
    """Dotted paths (list items by index) where two documents differ, in order. A list whose length changed is named
    as a whole; null and absent are the same answer."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        keys = sorted({*old, *new})
        return [p for k in keys for p in changed_paths(old.get(k), new.get(k), f"{path}.{k}" if path else k)]
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        pairs = enumerate(zip(old, new, strict=True))
        return [p for i, (a, b) in pairs for p in changed_paths(a, b, f"{path}.{i}")]
    return [] if old == new and type(old) is type(new) else [path]


def covers(path: str, changed: str) -> bool:
    """Whether a path covers another: itself and everything below it (vocabulary, definition « paths »)."""
    return changed == path or changed.startswith(path + ".")


def exists(document: Document, path: str) -> bool:
    """Whether a dotted path leads somewhere in the document."""
    here: Any = document
    for step in path.split("."):
        if isinstance(here, Mapping) and step in here:
            here = here[step]
        elif isinstance(here, list) and step.isascii() and step.isdecimal() and int(step) < len(here):
            here = here[int(step)]
        else:
            return False
    return True


def without_paths(document: Document, paths: list[str]) -> Document:
    """The document less the lines a decision left out (`decision.excluded_paths`), deepest and last ones first."""
    if not paths:
        return document
    kept = _copied(document)
    for path in sorted(paths, key=_sort_key, reverse=True):
        _remove(kept, path.split("."))
    result: Document = kept
    return result


def _sort_key(path: str) -> list[tuple[int, str]]:
    return [(int(step), "") if step.isdecimal() else (-1, step) for step in path.split(".")]


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    return [_copied(item) for item in value] if isinstance(value, list) else value


def _remove(here: Any, steps: list[str]) -> None:
    *parents, last = steps
    for step in parents:
        here = here[int(step)] if isinstance(here, list) else here.get(step)
        if here is None:
            return
    if isinstance(here, list):
        del here[int(last)]
    else:
        here.pop(last, None)


def is_correction(file: File, proposed: Document) -> bool:
    """Whether the change may carry study, opinion and decision to the new version (vocabulary, « correction »):
    1. limited to paths of prior conditions that are not lifted; or
    2. only removes items of `data_items` or `recipients`; or
    3. only lowers a `retention[].months`."""
    changes = changed_paths(file.request, proposed)
    if not changes:
        return False
    open_paths = [p for r in file.recommendations if r.prior and not r.lifted for p in r.paths]
    if all(any(covers(path, changed) for path in open_paths) for changed in changes):
        return True
    return _only_removes(file.request, proposed) or _only_shortens(file.request, proposed, changes)


def _only_removes(old: Document, new: Document) -> bool:
    lists = ("data_items", "recipients")
    rest_old = {k: v for k, v in old.items() if k not in lists}
    rest_new = {k: v for k, v in new.items() if k not in lists}
    if changed_paths(rest_old, rest_new):
        return False
    return all(_is_subsequence(new.get(k) or [], old.get(k) or []) for k in lists)


def _is_subsequence(shorter: list[Any], longer: list[Any]) -> bool:
    rest = iter(longer)
    return all(any(item == candidate for candidate in rest) for item in shorter)


def _only_shortens(old: Document, new: Document, changes: list[str]) -> bool:
    for path in changes:
        steps = path.split(".")
        if len(steps) != 3 or steps[0] != "retention" or steps[2] != "months":
            return False
        before, after = (document["retention"][int(steps[1])].get("months") for document in (old, new))
        if after is None or (before is not None and after >= before) or before is None:
            return False
    return True


def stages_of(paths: list[str]) -> Iterator[tuple[str, str]]:
    """For each changed path, the stage whose people answer it; a whole object is asked of its earliest stage."""
    for path in paths:
        yield path, _stage(_pattern(path))


def _pattern(path: str) -> str:
    pattern = ""
    for step in path.split("."):
        pattern += "[]" if step.isdecimal() else f".{step}"
    return pattern.removeprefix(".")


@cache
def _stage(pattern: str) -> str:
    keys = vocabulary()["keys"]["request"]
    for candidate in (pattern, pattern + "[]", pattern.removesuffix("[]")):
        if candidate in keys:
            return str(keys[candidate]["stage"])
    parent = pattern.rpartition(".")[0]
    return _stage(parent) if parent else "filing"
