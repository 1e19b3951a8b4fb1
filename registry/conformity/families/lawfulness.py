"""Lawfulness: LIC-01 to LIC-07."""

from registry.conformity.reading import Reading, lines
from registry.conformity.registered import Answer, check, where
from registry.conformity.terms import is_blank, matches

_ARTICLE_6 = "legal_basis/article_6"


@check("LIC-01")
def _legitimate_interests(r: Reading) -> Answer:
    return where(r.basis.get("article_6") == "legitimate_interests", _ARTICLE_6)


@check("LIC-02")
def _no_text(r: Reading) -> Answer:
    needs = r.basis.get("article_6") in {"legal_obligation", "public_interest_task"}
    return where(needs and is_blank(r.basis.get("texts")), "legal_basis/texts")


@check("LIC-03")
def _consent(r: Reading) -> Answer:
    return where(r.basis.get("article_6") == "consent", _ARTICLE_6)


@check("LIC-04")
def _convention_as_basis(r: Reading) -> Answer:
    texts = lines(r.basis, "texts")
    only_convention = bool(texts) and all(matches(text, "convention_as_basis") for text in texts)
    return where(r.basis.get("article_6") == "contract" or only_convention, _ARTICLE_6, "legal_basis/texts")


@check("LIC-05")
def _no_basis(r: Reading) -> Answer:
    return where(r.basis.get("article_6") in {None, "to_be_determined"}, _ARTICLE_6)


@check("LIC-06")
def _vital_interests(r: Reading) -> Answer:
    return where(r.basis.get("article_6") == "vital_interests", _ARTICLE_6)


@check("LIC-07")
def _no_disclosure_basis(r: Reading) -> Answer:
    return where(is_blank(r.basis.get("disclosure_basis")), "legal_basis/disclosure_basis")
