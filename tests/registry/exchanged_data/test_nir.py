"""Numbers of persons in texts: what is one, what is none. Every number here is invented."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.exchanged_data.nir import key_of, numbers, possible

MAN, WOMAN, CORSE = "1841276451089", "2690538185012", "269052A004089"


def with_key(number: str) -> str:
    return f"{number}{key_of(number):02d}"


def written(number: str, separator: str) -> str:
    key = f"{key_of(number):02d}"
    groups = [number[0], number[1:3], number[3:5], number[5:7], number[7:10], number[10:13], key]
    return separator.join(groups)


def test_the_key_is_the_published_one() -> None:
    # An example that is often printed: 2 55 08 14 168 025, key 38.
    assert key_of("2550814168025") == 38
    assert key_of("269052A004089") == 97 - 2690519004089 % 97
    assert key_of("269052B004089") == 97 - 2690518004089 % 97


@pytest.mark.parametrize("number", [MAN, WOMAN, CORSE, "169052B004089", "2554299168025", "7841276451089"])
@pytest.mark.parametrize("separator", ["", " ", ".", "-", "\u00a0", "\u202f", " - ".strip(), "_"])
def test_a_number_is_found_whatever_its_separators(number: str, separator: str) -> None:
    text = f"Le dossier de l'allocataire {written(number, separator)} est joint."
    (found,) = numbers(text)
    assert possible(text)
    assert text[found.start] == number[0]
    assert found.masked == f"{number[0]} {number[1:3]} ●● …"


@pytest.mark.parametrize(
    "text",
    [
        "NIR : 1841276451089",
        "n° de sécu 1841276451089",
        "1841276451089 (numéro de sécurité sociale)",
        "1 84 12 76 451 089",
        "1 84 12 76 451 089 47",  # a wrong key, in the groups of the card
        "1841276451089\n2690538185012",
        "nir1841276451089",
        "06 12 34 56 78 1 84 12 76 451 089 46",
        "1841276451089 clé 46",
        "1841276451089 (46)",
        "1 84 12 76 451 089, clé : 46",
        "1;84;12;76;451;089;46",
        "1, 84, 12, 76, 451, 089, 46",
        "1\t84\t12\t76\t451\t089\t46",
        "１８４１２７６４５１０８９４６",
        "١٨٤١٢٧٦٤٥١٠٨٩٤٦",
        "1\u200b84\u200b12\u200b76\u200b451\u200b089\u200b46",
        "1\u00ad8412764\u00ad5108946",
        "1–84–12–76–451–089–46",
        "1·84·12·76·451·089·46",
        "1\u200a84\u200a12\u200a76\u200a451\u200a089\u200a46",
        "1\u201184\u201112\u201176\u2011451\u2011089\u201146",
    ],
)
def test_a_number_is_found_when_its_form_or_its_text_says_so(text: str) -> None:
    assert numbers(text)
    assert possible(text)


@pytest.mark.parametrize(
    "text",
    [
        "1841276451089",  # thirteen digits alone: a bar code, an article's number
        "184127645108947",  # fifteen digits, a wrong key, nothing said
        "SIRET 184 300 299 00023",
        "SIRET 18430029900023",
        "06 12 34 56 78 / 07 12 34 56 78",
        "06 12 34 56 78 07 12 34 56 78 06 11 22 33 44",
        "+33 6 12 34 56 78",
        "FR76 3000 6000 0112 3456 7890 189",
        "du 2022-10-01 au 2025-12-31, puis du 2026-01-01 au 2026-12-31",
        "le 12/03/2023, le 14/03/2023, le 15/03/2023",
        "1732480896123",
        "1 234 567 890 123",
        "4.84127645108946",
        "45.184127645108946",
        "4970 1012 3456 7890",
        "1,84,12,76,451,089,47",  # cells with a wrong key
        "1;84;12;76;451;089",
        "c3a1f4184127645108b946",
        "1 84 13 76 451 089 46",  # no thirteenth month
        "1 84 12 00 451 089",
    ],
)
def test_other_numbers_are_left_alone(text: str) -> None:
    assert numbers(text) == []


def test_several_numbers_without_key_are_a_list() -> None:
    assert [found.masked for found in numbers("1841276451089 puis 2690538185012")] == ["1 84 ●● …", "2 69 ●● …"]
    assert numbers("1841276451089 puis encore 1841276451089") == []


@given(
    sex=st.sampled_from("12"),
    year=st.integers(0, 99),
    month=st.integers(1, 12),
    department=st.sampled_from(["01", "69", "75", "2A", "2B", "97", "99"]),
    commune=st.integers(1, 999),
    rank=st.integers(1, 999),
    around=st.text(alphabet="abcé ,;:()\n'", max_size=20),
)
def test_every_number_with_its_key_is_found_in_any_text(
    sex: str, year: int, month: int, department: str, commune: int, rank: int, around: str
) -> None:
    number = f"{sex}{year:02d}{month:02d}{department}{commune:03d}{rank:03d}"
    text = around + with_key(number) + around
    assert possible(text)
    assert [text[f.start : f.start + 13] for f in numbers(text)] == [number]


@given(st.text(alphabet="0123456789 .-/AB\n", max_size=80))
def test_what_the_quick_look_lets_pass_holds_no_number(text: str) -> None:
    if numbers(text):
        assert possible(text)
