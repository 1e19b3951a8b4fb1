"""Imports of a register: files of others read into records, with the place of everything that is read."""

from registry.imports.items import Item, Problem, Reading, Unreadable
from registry.imports.reading import read_file

__all__ = ["Item", "Problem", "Reading", "Unreadable", "read_file"]
