"""The demonstration: the reference convention and its example exchanges, replayed through the real acts."""
