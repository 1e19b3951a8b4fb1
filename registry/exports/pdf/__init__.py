"""PDF/A-3a and PDF/UA-1 documents, made and sealed in processes of their own."""

from registry.exports.pdf.document import Attachment, Pdf, Section
from registry.exports.pdf.processes import NotMade, SealKey, make

__all__ = ["Attachment", "NotMade", "Pdf", "SealKey", "Section", "make"]
