"""The exchanged data never enter the system: numbers of persons and lists of persons are found and refused.

Texts that people type and pieces they attach are read before anything is kept. What is found is said with its place and
a masked excerpt, and is written nowhere.
"""

from registry.exchanged_data.refusing import ExchangedData, refuse_in_document, refuse_in_piece

__all__ = ["ExchangedData", "refuse_in_document", "refuse_in_piece"]
