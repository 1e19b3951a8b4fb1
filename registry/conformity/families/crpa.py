"""Exchanges between administrations: CRPA-01 to CRPA-05."""

from registry.conformity.reading import Reading
from registry.conformity.registered import Answer, among, check, where

_REGIME = "legal_basis/crpa_regime"


@check("CRPA-01")
def _once_only(r: Reading) -> Answer:
    asked = r.basis.get("crpa_regime") == "on_request"
    return where(asked and r.volume.get("scope") == "applicants", _REGIME)


@check("CRPA-02")
def _mass_sending(r: Reading) -> Answer:
    asked = r.basis.get("crpa_regime") == "on_request"
    return where(asked and r.volume.get("scope") != "applicants", "volume/scope")


@check("CRPA-03")
def _proactive(r: Reading) -> Answer:
    return where(r.basis.get("crpa_regime") == "proactive", _REGIME)


@check("CRPA-04")
def _medical_secrecy(r: Reading) -> Answer:
    if r.basis.get("crpa_regime") is None:
        return False
    return among("data_items", r.items, lambda item: item.get("article_9") == "health")


@check("CRPA-05")
def _to_publish(r: Reading) -> Answer:
    return where(r.basis.get("crpa_regime") is not None, _REGIME)
