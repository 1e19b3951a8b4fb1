"""The data asked for: minimisation, special categories, offences, social data, NIR, children."""

from registry.conformity.findings import Hit
from registry.conformity.reading import Reading, lines
from registry.conformity.registered import Answer, among, check, where
from registry.conformity.terms import covers_path, is_blank, matches

_STATISTICAL = frozenset({"statistics", "steering", "evaluation"})
_NEEDS_TEXT = frozenset({
    "employment_and_social_security", "substantial_public_interest", "health_or_social_care", "public_health",
    "archiving_research_statistics",
})  # fmt: skip


@check("MIN-01")
def _no_necessity(r: Reading) -> Answer:
    return among("data_items", r.items, lambda item: is_blank(item.get("necessity")), "necessity")


@check("MIN-02")
def _too_much(r: Reading) -> Answer:
    labelled = among("data_items", r.items, lambda item: matches(item.get("label"), "excessive_data"), "label")
    return labelled or where(len(r.items) > r.setting("max_data_items"), "data_items")


@check("MIN-04")
def _free_text(r: Reading) -> Answer:
    return among("data_items", r.items, lambda item: item.get("free_text") is True, "free_text")


@check("MIN-05")
def _too_precise(r: Reading) -> Answer:
    if r.purposes.get("kind") not in _STATISTICAL:
        return False
    precise = {"exact_address", "full_birth_date"}
    return among("data_items", r.items, lambda item: item.get("precision") in precise, "precision")


@check("MIN-06")
def _whole_population(r: Reading) -> Answer:
    by_law = r.volume.get("exhaustive_by_law") is True
    return where(r.volume.get("scope") == "exhaustive" and not by_law, "volume/scope")


@check("SEN-01")
def _no_exception(r: Reading) -> Answer:
    return among(
        "data_items",
        r.items,
        lambda item: item.get("article_9") is not None and item.get("article_9_2_exception") is None,
        "article_9_2_exception",
    )


@check("SEN-02")
def _exception_without_text(r: Reading) -> Answer:
    return among(
        "data_items",
        r.items,
        lambda item: item.get("article_9_2_exception") in _NEEDS_TEXT and is_blank(item.get("article_9_2_text")),
        "article_9_2_text",
    )


@check("SEN-03")
def _health_proxy(r: Reading) -> Answer:
    return among(
        "data_items",
        r.items,
        lambda item: (
            item.get("article_9") is None and item.get("nir") is not True and matches(item.get("label"), "health_proxy")
        ),
        "label",
    )


@check("SEN-04")
def _discrimination(r: Reading) -> Answer:
    return among("data_items", r.items, lambda item: matches(item.get("label"), "discrimination_risk"), "label")


@check("SEN-05")
def _health_to_others(r: Reading) -> Answer:
    if not any(item.get("article_9") == "health" for item in r.items):
        return False
    return among("recipients", r.recipients, lambda item: item.get("professional_secrecy") is not True)


@check("INF-01")
def _offences(r: Reading) -> Answer:
    return among("data_items", r.items, lambda item: item.get("article_10") is True)


@check("SOC-01")
def _social_difficulties(r: Reading) -> Answer:
    return among("data_items", r.items, lambda item: item.get("social_difficulties") is True)


@check("NIR-01")
def _nir(r: Reading) -> Answer:
    authorised = [path for path in lines(r.opinion, "nir_authorised") if isinstance(path, str)]
    found = [
        index
        for index, item in enumerate(r.items)
        if item.get("nir") is True and not any(covers_path(path, f"data_items.{index}") for path in authorised)
    ]
    return Hit(tuple(f"data_items/{index}" for index in found)) if found else False


@check("NIR-02")
def _beneficiary_number(r: Reading) -> Answer:
    return among(
        "data_items",
        r.items,
        lambda item: is_blank(item.get("necessity")) and matches(item.get("label"), "beneficiary_number"),
    )


@check("NIR-03")
def _nir_by_name(r: Reading) -> Answer:
    return among(
        "data_items", r.items, lambda item: item.get("nir") is not True and matches(item.get("label"), "nir_label")
    )


@check("ENF-01")
def _minors(r: Reading) -> Answer:
    subjects = lines(r.request, "data_subjects")
    return among("data_subjects", subjects, lambda item: item.get("minors") is True)


@check("ENF-02")
def _parental_authority(r: Reading) -> Answer:
    return among("data_items", r.items, lambda item: matches(item.get("label"), "parental_authority"), "label")


@check("ENF-03")
def _school_census(r: Reading) -> Answer:
    texts = lines(r.basis, "texts")
    return where(any(matches(text, "school_census_text") for text in texts), "legal_basis/texts")
