"""Alternatives to a transmission: ALT-01 to ALT-04."""

from registry.conformity.reading import Reading, lines
from registry.conformity.registered import Answer, check, where


@check("ALT-01")
def _statistics(r: Reading) -> Answer:
    return where(r.purposes.get("kind") in {"statistics", "steering", "evaluation"}, "purposes/kind")


@check("ALT-02")
def _small_cells(r: Reading) -> Answer:
    if r.request.get("data_nature") != "aggregated":
        return False
    threshold = r.volume.get("cell_threshold")
    return where(threshold is None or threshold < r.setting("minimum_cell_size"), "volume/cell_threshold")


@check("ALT-03")
def _open_data(r: Reading) -> Answer:
    return where(bool(lines(r.request, "open_data_alternatives")), "open_data_alternatives")


@check("ALT-04")
def _pseudonymised(r: Reading) -> Answer:
    return where(r.request.get("data_nature") == "pseudonymised", "data_nature")
