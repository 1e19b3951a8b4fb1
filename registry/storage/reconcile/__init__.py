"""Reconciliation: what the database shows is what its signed records say, to the byte, and what they say is there.

One snapshot, two passes in constant memory. `chain` goes along each log: records, signatures, tree, heads; `contents`
goes along each object: openings, keys, attachments, and the projections that its history gives. `orphans` looks for
rows that no event explains. `run` does it all; findings name a table, a row and a column, never a text.
"""

from registry.storage.reconcile.findings import Finding, Report
from registry.storage.reconcile.run import reconcile

__all__ = ["Finding", "Report", "reconcile"]
