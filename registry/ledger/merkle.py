"""Hashes of the RFC 6962 tree over SHA-256."""

import hashlib


def leaf_hash(entry: bytes) -> bytes:
    """`SHA-256(0x00 || entry)` (RFC 6962 §2.1)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """`SHA-256(0x01 || left || right)` (RFC 6962 §2.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()
