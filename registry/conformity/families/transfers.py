"""Transfers outside the Union: TRF-01 to TRF-03."""

from registry.conformity.reading import Reading
from registry.conformity.registered import Answer, among, check


@check("TRF-01")
def _no_safeguard(r: Reading) -> Answer:
    return among("transfers", r.transfers, lambda item: item.get("safeguard") is None, "safeguard")


@check("TRF-02")
def _data_privacy_framework(r: Reading) -> Answer:
    return among("transfers", r.transfers, lambda item: item.get("safeguard") == "data_privacy_framework", "safeguard")


@check("TRF-03")
def _article_49(r: Reading) -> Answer:
    return among("transfers", r.transfers, lambda item: item.get("safeguard") == "article_49_derogation", "safeguard")
