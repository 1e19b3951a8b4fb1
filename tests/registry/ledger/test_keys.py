import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from registry.ledger.errors import MalformedError
from registry.ledger.keys import Signer, Verifier, parse_vkey
from tests.registry.ledger.samples import private_key

SPECIFICATION = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
GO = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"


@pytest.mark.parametrize("vkey", [SPECIFICATION, GO, "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"])
def test_vkeys_of_the_specification_and_of_go_are_read_and_written_back(vkey: str) -> None:
    assert parse_vkey(vkey).vkey == vkey


def test_a_key_id_is_the_hash_of_name_algorithm_and_key() -> None:
    verifier = parse_vkey(SPECIFICATION)
    assert (
        verifier.id
        == hashlib.sha256(b"example.com/foo\n\x01" + verifier.public).digest()[:4]
        == bytes.fromhex("530d903a")
    )


def test_every_altered_character_and_every_part_of_a_vkey_is_refused() -> None:
    parts = [GO[start:end] for start in range(len(GO)) for end in range(start + 1, len(GO) + 1) if GO[start:end] != GO]
    changed = [GO[:at] + chr(ord(GO[at]) ^ bit) + GO[at + 1 :] for at in range(len(GO)) for bit in (1, 2, 4, 32)]
    for text in [
        "",
        *parts,
        *changed,
        GO + "=",
        GO + "\n",
        GO.replace("c74f20a3", "C74F20A3"),
        GO.replace("c7", "c7 "),
    ]:
        with pytest.raises(MalformedError):
            parse_vkey(text)


@pytest.mark.parametrize(
    "vkey",
    [
        # from Go's tests: a key too long, an algorithm not assigned, each under its own right id
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ],
)
def test_a_vkey_of_another_length_or_algorithm_is_refused(vkey: str) -> None:
    with pytest.raises(MalformedError):
        parse_vkey(vkey)


@given(st.integers(0, 255))
def test_a_vkey_whose_base64_holds_a_plus_is_read_back(seed: int) -> None:
    verifier = Signer("x", private_key(seed)).verifier
    assert parse_vkey(verifier.vkey) == verifier


@pytest.mark.parametrize(
    "name",
    ["", "a b", "a+b", "a\u00a0b", "a\u2003b", "a\nb", "a\tb", "a\x00b", "a\x1bb", "a\x85b", "\ud800", "a\u2028"],
)
def test_a_key_name_that_no_note_may_hold_is_refused(name: str) -> None:
    with pytest.raises(MalformedError):
        Signer(name, private_key(1))
    with pytest.raises(MalformedError):
        parse_vkey(f"{name}+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")


P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P


def _order_divides_eight(y: int) -> bool:
    """Whether doubling the point of that y three times gives the neutral one, with RFC 8032's own formulas."""
    xx = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(xx, (P + 3) // 8, P)
    if x * x % P != xx:
        x = x * pow(2, (P - 1) // 4, P) % P
    assert x * x % P == xx, "not on the curve"
    for _ in range(3):
        x, y = (
            2 * x * y * pow(1 + D * x * x * y * y, -1, P) % P,
            (y * y + x * x) * pow(1 - D * x * x * y * y, -1, P) % P,
        )
    return (x, y) == (0, 1)


EIGHTH = int.from_bytes(bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"), "little")


@pytest.mark.parametrize("y", [0, 1, P - 1, EIGHTH, P - EIGHTH])
def test_a_key_of_small_order_is_refused(y: int) -> None:
    assert _order_divides_eight(y)
    for sign in (0, 2**255):
        with pytest.raises(MalformedError):
            Verifier("weak", (y + sign).to_bytes(32, "little"))


def test_a_weak_key_would_let_one_signature_stand_for_every_text() -> None:
    neutral = (1).to_bytes(32, "little")
    for text in (b"one", b"two"):
        Ed25519PublicKey.from_public_bytes(neutral).verify(neutral + bytes(32), text)


@pytest.mark.parametrize("length", [0, 31, 33, 57])
def test_a_key_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(MalformedError):
        Verifier("short", b"x" * length)


def test_a_key_with_a_second_spelling_is_refused() -> None:
    for y in range(P, 2**255):
        with pytest.raises(MalformedError):
            Verifier("twice", y.to_bytes(32, "little"))


def test_a_signature_with_s_not_reduced_is_refused() -> None:
    order = 2**252 + 27742317777372353535851937790883648493
    signer = Signer("x", private_key(1))
    signature = signer.sign(b"text")
    raised = int.from_bytes(signature[32:], "little") + order
    assert signer.verifier.verifies(b"text", signature)
    assert not signer.verifier.verifies(b"text", signature[:32] + raised.to_bytes(32, "little"))


@pytest.mark.parametrize("signature", [b"", bytes(63), bytes(64), bytes(65)])
def test_a_signature_of_another_length_or_of_zeros_does_not_verify(signature: bytes) -> None:
    assert not Signer("x", private_key(1)).verifier.verifies(b"text", signature)


def test_a_key_file_opens_with_its_passphrase_only() -> None:
    signer = Signer.generate("recorder")
    closed, plain = signer.to_pem(b"secret"), signer.to_pem()
    assert Signer.from_pem("recorder", closed, b"secret").vkey == signer.vkey
    assert Signer.from_pem("recorder", plain).vkey == signer.vkey
    for pem, passphrase in [(closed, None), (closed, b"wrong"), (plain, b"secret"), (b"not a key", None), (b"", None)]:
        with pytest.raises(ValueError):
            Signer.from_pem("recorder", pem, passphrase)


def test_a_key_file_of_another_kind_is_refused() -> None:
    pem = generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(MalformedError):
        Signer.from_pem("recorder", pem)


def test_one_key_under_two_names_has_two_key_ids() -> None:
    one, two = Signer("one", private_key(1)), Signer("one", private_key(1)).named("two")
    assert one.verifier.public == two.verifier.public
    assert one.verifier.id != two.verifier.id


def test_go_s_signing_key_has_go_s_vkey() -> None:
    seed = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
    private = Ed25519PrivateKey.from_private_bytes(seed)
    assert Signer("PeterNeumann", private).vkey == GO
