"""What several folds of judgements share: recommendations as they were made, and the step to the decision."""

import msgspec
from msgspec.structs import replace

from registry.exchange.file import Document, File, Recommendation


def advanced(file: File) -> File:
    """`awaiting_decision` once both the study and the opinion hold for the current version."""
    complete = file.state == "under_study" and file.study_complete and file.opinion_complete
    return replace(file, state="awaiting_decision") if complete else file


def recommendations_of(given: Document, origin: str, file: File) -> list[Recommendation]:
    """The recommendations of a body; one without owner is the requester's to follow."""
    named = [{k: v for k, v in r.items() if v is not None} for r in given.get("recommendations") or []]
    items = msgspec.convert(named, list[Recommendation])
    return [replace(item, origin=origin, owner=item.owner or file.requester) for item in items]
