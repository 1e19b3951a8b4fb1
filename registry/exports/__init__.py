"""Exports of a register, one module per format; each turns lines into bytes, a piece at a time."""

from collections.abc import AsyncIterator, Callable
from typing import Any

from registry.exports.csv import csv_export
from registry.exports.heading import Heading
from registry.exports.json import json_export

Exporter = Callable[[Heading, AsyncIterator[dict[str, Any]]], AsyncIterator[bytes]]

FORMATS: dict[str, Exporter] = {"csv": csv_export, "json": json_export}

__all__ = ["FORMATS", "Exporter", "Heading"]
