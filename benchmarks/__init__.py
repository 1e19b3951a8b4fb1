"""Figures of Écluse, always as ratios measured side by side in one run: `make bench`."""
