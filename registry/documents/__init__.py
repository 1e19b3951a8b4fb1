"""The documents of an exchange, written from its file: what is sent, signed, published; all pure."""

from registry.documents.catalogue import DOCUMENTS, Kind, document
from registry.documents.dossier import Dossier

__all__ = ["DOCUMENTS", "Dossier", "Kind", "document"]
