import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.ledger.encoding import decode_base64, decode_decimal, encode_base64
from registry.ledger.errors import MalformedError


@given(st.binary())
def test_base64_is_read_back(raw: bytes) -> None:
    assert decode_base64(encode_base64(raw)) == raw


@given(st.text(alphabet="AZaz09+/=-_ \n", max_size=12))
def test_no_two_texts_stand_for_the_same_bytes(text: str) -> None:
    try:
        raw = decode_base64(text)
    except MalformedError:
        return
    assert encode_base64(raw) == text


@pytest.mark.parametrize(
    "text", ["QQ", "QQ=", "QR==", "QUJ=", "QQ==\n", " QQ==", "Q Q==", "QQ===", "QUJD=", "_-==", "é", "QQ==QQ=="]
)
def test_base64_in_another_spelling_is_refused(text: str) -> None:
    with pytest.raises(MalformedError):
        decode_base64(text)


def test_base64_of_another_length_than_asked_is_refused() -> None:
    assert decode_base64("QUJD", 3) == b"ABC"
    with pytest.raises(MalformedError):
        decode_base64("QUJD", 4)


@pytest.mark.parametrize("value", [0, 1, 9, 10, 20852163, 2**63 - 1])
def test_a_decimal_is_read(value: int) -> None:
    assert decode_decimal(str(value)) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "00",
        "01",
        "+1",
        "-1",
        "-0",
        " 1",
        "1 ",
        "1\n",
        "1_0",
        "0x1",
        "1.0",
        "1e3",
        "\u0661",
        "\uff11",
        "²",
        str(2**63),
        "9" * 5000,
    ],
)
def test_a_decimal_in_another_spelling_or_too_large_is_refused(text: str) -> None:
    with pytest.raises(MalformedError):
        decode_decimal(text)
