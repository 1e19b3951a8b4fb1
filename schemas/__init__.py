"""The public contract: JSON Schemas of every document, the vocabulary, and how a document is read against them."""

from schemas.decoding import decoded
from schemas.documents import bundled, names, schema, versioned
from schemas.texts import split
from schemas.violations import Violation, violations
from schemas.vocabulary import enumeration, label, vocabulary

__all__ = [
    "Violation",
    "bundled",
    "decoded",
    "enumeration",
    "label",
    "names",
    "schema",
    "split",
    "versioned",
    "violations",
    "vocabulary",
]
