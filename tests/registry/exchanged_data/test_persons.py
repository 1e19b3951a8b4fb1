"""Lists of persons in texts: what is one, what is none. Everybody here is invented."""

import unicodedata

import pytest

from registry.exchanged_data import ExchangedData, refuse_in_document
from registry.exchanged_data.persons import LINES, person_lines
from tests.world import reference

LISTS = {
    "names and birth dates": "DUPONT Marie 12/03/1984\nMARTIN Paul 01/02/1990\nDURAND Zoé 30/11/2001",
    "numbered": "1. Dupont Marie, née le 12 mars 1984\n2. Martin Paul, né le 1er février 1990\n3) Durand Zoé 2001-11-30",
    "addresses": "Marie Dupont, 3 rue des Lilas\nPaul Martin, 14 bis avenue Foch\n- Zoé Durand, 2, place de l'Église",
    "titles": "Mme DUPONT Marie : marie@exemple.fr\nM. Martin Paul 06 12 34 56 78\nMlle Durand Zoé 0712345678",
    "beneficiary numbers": "Dupont Marie 1234567\nMartin Paul 2345678 K\nDurand Zoé 3456789",
    "lower-case table": "dupont;marie;12/03/1984\nmartin;paul;01/02/1990\ndurand;zoé;30/11/2001",
    "run-on": "Sont concernés Dupont Marie 12/03/1984 ; Martin Paul (né le 01/02/1990), DURAND Zoé : 0612345678.",
    "beneficiary numbers first": "1234567 DUPONT Marie\n2345678 MARTIN Paul\n3456789 DURAND Zoé",
    "beneficiary numbers alone": "Matricules à transmettre : 1234567, 2345678 et 3456789.",
    "birth dates first": "12/03/1984 DUPONT Marie\n01/02/1990 MARTIN Paul\n30/11/2001 DURAND Zoé",
    "dates without separator": "DUPONT Marie 19840312\nMARTIN Paul 19900201\nDURAND Zoé 20011130",
    "a title and a name": "Mme Dupont 06 12 34 56 78\nM. Martin 07 12 34 56 78\nMme Durand 06 11 22 33 44",
    "international telephones": "Dupont Marie +33 6 12 34 56 78\nMartin Paul 0033 7 12 34 56 78\nDurand Zoé +33(0)611223344",
    "private mailboxes": "dupont.marie@gmail.com ; martin.paul@orange.fr ; durand.zoe@free.fr",
    "decomposed letters": unicodedata.normalize(
        "NFD", "Éléonore Lefèvre née le 12/03/1984\nÉric Béranger né le 01/02/1990\nZoé Gérard née le 30/11/2001"
    ),
    "letters of other languages": "Şahin Łucja 12/03/1984\nŽižka Ōta 01/02/1990\nDvořák Zoé 30/11/2001",
    "cells parted by commas": "dupont,marie,12/03/1984\nmartin,paul,01/02/1990\ndurand,zoé,30/11/2001",
    "announced table": "nom;prénom;quotient;date de naissance\nd;m;412;30752\nm;p;380;32905\nz;z;95;37225",
    "announced with tabs": "NOM\tNuméro allocataire\nx1\t1\nx2\t2\nx3\t3",
}


@pytest.mark.parametrize("text", LISTS.values(), ids=list(LISTS))
def test_a_list_of_persons_is_found_and_masked(text: str) -> None:
    found = person_lines(text)
    assert len(found) >= LINES
    for masked in found.values():
        assert not any(character.isdigit() for character in masked)
        assert "arie" not in masked.casefold()


@pytest.mark.parametrize(
    "text",
    [
        "Réunion du 12/03/2023 avec Marie Dupont\nRéunion du 14/03/2023 avec Paul Martin\nRéunion du 15/03/2023",
        "Comité Technique 12/03/2023\nConseil Municipal 14/04/2023\nComité Social 15/05/2023",
        "Quartier Nord;12;2023-01-01\nQuartier Sud;14;2023-02-01\nQuartier Est;9;2023-03-01",
        "Oullins;Rhône;2023-01-31;125\nIrigny;Rhône;2023-01-31;98\nBrignais;Rhône;2023-01-31;77",
        "Donnée;Catégorie;Nécessité\nQuotient familial;Économique;Barème\nIdentité;Identité;Rattachement\nÂge;a;b",
        "CRPA art. L. 114-8 I\nCASF art. L. 121-6-2\nCSS art. L. 583-3",
        "Code Général 2023-01-01\nCode Pénal 2023-02-02\nLoi Informatique 06/01/1978",
        "Avis de Marie Dupont du 12/03/2023, de Paul Martin du 14/03/2023 et de Zoé Durand du 15/03/2023.",
        "Petite Enfance : 12/03/2024\nAccès Droits : 01/02/2024\nVie Sociale : 05/06/2024",
        "Petite Enfance : 04 78 39 73 13\nAffaires Scolaires : 04 78 39 73 14\nVie Associative : 04 78 39 73 15",
        "Petite Enfance : enfance@exemple.fr\nRégie Scolaire : regie@exemple.fr\nAccueil Jeunes : jeunes@exemple.fr",
        "petite.enfance@gmail.com, affaires.scolaires@gmail.com, vie.sociale@gmail.com",
        "Nom du champ;Type;Adresse\nQF;nombre;x\nCommune;texte;y\nRégime;texte;z",
        "Structure;Commune;Ouverture\nLucioles;Oullins;12/03/1998\nRuche;Irigny;01/02/2004\nOurson;Brignais;05/06/2012",
        "Nombre d'allocataires et montants versés : 1234567 €, 2345678 €, 3456789 €",
        "Le 12/03/2024 réunion du comité\nLe 01/02/2024 atelier\nLe 05/06/2024 bilan",
        "12/03/2024 Comité Technique\n01/02/2024 Atelier Parents\n05/06/2024 Réunion Publique",
        "Marché 2024 1234567, 2345678, 3456789 ; FINESS 690000123 ; RNA W691234567 ; SIREN 216901496",
        "Quotient familial du mois\nIdentité de l'allocataire\nDate de naissance des enfants",
    ],
)
def test_ordinary_texts_are_left_alone(text: str) -> None:
    assert len(person_lines(text)) < LINES


def test_one_person_named_is_no_list() -> None:
    refuse_in_document({"text": "Marie Dupont, 3 rue des Lilas\nPaul Martin, 14 avenue Foch"})


def test_lines_spread_over_a_document_are_counted_together_and_each_place_is_pointed_at() -> None:
    rows = [{"label": line} for line in LISTS["names and birth dates"].splitlines()]
    with pytest.raises(ExchangedData) as refused:
        refuse_in_document({"data_items": rows})
    assert [d["pointer"] for d in refused.value.details] == [f"/data_items/{i}/label" for i in range(3)]
    assert "D●●●●● M●●●● ●●/●●/●●●●" in refused.value.details[0]["message"]


def test_the_reference_documents_hold_no_exchanged_data() -> None:
    refuse_in_document(reference("convention"))
    refuse_in_document(reference("requests"))


def test_numbers_spread_over_a_document_are_each_pointed_at() -> None:
    document = {"a": ["rien", "1841276451089"], "b/c": {"d": "2690538185012"}}
    with pytest.raises(ExchangedData) as refused:
        refuse_in_document(document)
    assert [d["pointer"] for d in refused.value.details] == ["/a/1", "/b~1c/d"]
    refuse_in_document({"a": "1841276451089", "b": "NIR"})
