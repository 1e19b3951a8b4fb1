from itertools import combinations

import pytest

from registry.ledger.checkpoints import sign_checkpoint
from registry.ledger.cosignatures import Cosigner, with_cosignatures
from registry.ledger.encoding import encode_base64
from registry.ledger.errors import MalformedError, QuorumError, SignatureError, UnknownKeyError
from registry.ledger.keys import Signer, key_id
from registry.ledger.notes import SignatureLine
from registry.ledger.policy import Policy, parse_policy
from tests.registry.ledger.samples import HEAD, LOG, RECORDER, private_key

NOW = 1_795_000_000
NAMES = ["X1", "X2", "X3", "Y1", "Y2", "Y3"]
WITNESSES = {name: Cosigner(Signer(f"w.example/{name}", private_key(20 + at))) for at, name in enumerate(NAMES)}
VKEY = {name: witness.verifier.vkey for name, witness in WITNESSES.items()}
SIGNED = sign_checkpoint(HEAD, [LOG])
TWO_LEVELS = f"""log {LOG.vkey}

witness X1 {VKEY["X1"]}
witness X2 {VKEY["X2"]}
witness X3 {VKEY["X3"]}
group X-witnesses 2 X1 X2 X3

witness Y1 {VKEY["Y1"]}
witness Y2 {VKEY["Y2"]}
witness Y3 {VKEY["Y3"]}
group Y-witnesses any Y1 Y2 Y3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
"""
ONE = f"log {LOG.vkey}\nwitness X1 {VKEY['X1']}\nquorum X1\n"


def ml_dsa_vkey(name: str) -> str:
    public = bytes(1312)
    return f"{name}+{key_id(name, 6, public).hex()}+{encode_base64(bytes([6]) + public)}"


def policy(text: str) -> Policy:
    return parse_policy(text.encode())


def cosigned(*names: str, time: int = NOW) -> bytes:
    return with_cosignatures(SIGNED, [WITNESSES[name].cosign(HEAD, time) for name in names])


def test_the_specification_s_example_is_met_by_two_x_and_one_y_and_by_nothing_less() -> None:
    example = policy(TWO_LEVELS)
    for count in range(len(NAMES) + 1):
        for names in combinations(NAMES, count):
            met = sum(name[0] == "X" for name in names) >= 2 and any(name[0] == "Y" for name in names)
            if met:
                assert len(example.open(cosigned(*names)).times) == count
            else:
                with pytest.raises(QuorumError):
                    example.open(cosigned(*names))


def test_the_fewest_witnesses_that_can_be_the_quorum_are_counted() -> None:
    anyone = TWO_LEVELS.replace("group X-and-Y all", "group X-and-Y any")
    assert [policy(text).fewest() for text in (TWO_LEVELS, anyone, ONE, "quorum none\n")] == [3, 1, 1, 0]


def test_blanks_comments_and_urls_are_read() -> None:
    text = f"# kept by the parties\n\n \t\n\t log \t{LOG.vkey}  https://example.org/ledger \n  # ici\nwitness X1 {VKEY['X1']} https://w.example/\nquorum\tX1\n"
    read = policy(text)
    assert (read.logs[0].key, read.logs[0].url) == (LOG.verifier, "https://example.org/ledger")
    assert (read.witnesses[0].name, read.witnesses[0].url) == ("X1", "https://w.example/")
    assert read.open(cosigned("X1")).checkpoint == HEAD


def test_no_witness_is_asked_for_by_the_quorum_none() -> None:
    read = policy(f"log {LOG.vkey}\nquorum none\n")
    assert read.open(SIGNED).checkpoint == HEAD
    assert read.open(cosigned("X1")).times == {}


def test_a_policy_without_log_accepts_no_checkpoint() -> None:
    with pytest.raises(UnknownKeyError):
        policy("quorum none\n").open(SIGNED)


def test_a_log_that_the_policy_does_not_name_is_refused_whoever_cosigned() -> None:
    with pytest.raises(UnknownKeyError):
        policy(ONE.replace(LOG.vkey, RECORDER.vkey)).open(cosigned("X1"))


def test_cosignatures_too_old_or_from_the_future_do_not_count() -> None:
    read = policy(ONE)
    for time in (NOW - 61, NOW + 11):
        with pytest.raises(QuorumError):
            read.open(cosigned("X1", time=time), oldest=NOW - 60, newest=NOW + 10)
    for time in (NOW - 60, NOW + 10):
        assert read.open(cosigned("X1", time=time), oldest=NOW - 60, newest=NOW + 10).checkpoint == HEAD


def test_a_wrong_line_of_a_named_witness_rejects_the_checkpoint() -> None:
    line = WITNESSES["X1"].cosign(HEAD, NOW)
    wrong = SignatureLine(line.name, line.id, bytes(72))
    with pytest.raises(SignatureError):
        policy(ONE).open(SIGNED + wrong.text.encode())


def test_a_witness_with_an_ml_dsa_key_is_read_and_never_counts() -> None:
    read = policy(
        f"log {LOG.vkey}\nwitness X1 {VKEY['X1']}\nwitness PQ {ml_dsa_vkey('pq.example')}\ngroup G any X1 PQ\nquorum G\n"
    )
    assert read.open(cosigned("X1")).checkpoint == HEAD
    with pytest.raises(QuorumError):
        read.open(SIGNED)
    with pytest.raises(QuorumError):
        policy(f"log {LOG.vkey}\nwitness PQ {ml_dsa_vkey('pq.example')}\nquorum PQ\n").open(cosigned("X1"))


def test_names_are_octets_and_two_that_look_alike_differ() -> None:
    raw = f"log {LOG.vkey}\nwitness K {VKEY['X1']}\nwitness \u212a {VKEY['X2']}\n# ".encode() + b"\xff\xfe\nquorum K\n"
    read = parse_policy(raw)
    assert read.open(cosigned("X1")).checkpoint == HEAD
    with pytest.raises(QuorumError):
        read.open(cosigned("X2"))


@pytest.mark.parametrize(
    "text",
    [
        "", "\n", f"log {LOG.vkey}\n", ONE[:-1], ONE.replace("quorum X1", "quorum"), ONE + "quorum X1\n", ONE + "quorum none\n",
        ONE.replace("quorum X1", "quorum X2"), ONE.replace("quorum X1", "quorum X1 X1"), ONE.replace("quorum", "Quorum"),
        f"quorum X1\nwitness X1 {VKEY['X1']}\n", ONE + "log\n", ONE + "unknown x\n", ONE + "witness X2\n", ONE.replace("\n", "\r\n"),
        ONE.replace(" X1", "\x0bX1"), ONE + "# \x00\n", ONE + "# \x7f\n", ONE.replace("log ", "log\u00a0"),
        ONE + f"log {LOG.vkey}\n", ONE + f"log {LOG.named('other').vkey}\n", ONE + f"witness X2 {VKEY['X1']}\n",
        ONE + f"witness X1 {VKEY['X2']}\n", ONE + f"witness none {VKEY['X2']}\n", ONE + "group X1 any X1\n",
        ONE + f"witness X2 {Cosigner(LOG).verifier.vkey}\n", ONE + f"witness X2 {RECORDER.vkey}\n", ONE + f"log {VKEY['X2']}\n",
        ONE + f"log {RECORDER.vkey[:-1]}\n", ONE + f"log {RECORDER.vkey} url url\n", ONE + f"witness X2 {VKEY['X2']} url url\n",
        ONE + "group G any\n", ONE + "group G 1\n", ONE + "group G all G\n", ONE + "group G any none\n", ONE + "group G any X9\n",
        ONE + "group G 0 X1\n", ONE + "group G 2 X1\n", ONE + "group G 01 X1\n", ONE + "group G +1 X1\n", ONE + "group G -1 X1\n",
        ONE + "group G \u0661 X1\n", ONE + "group G most X1\n", ONE + "group G 1 X1 X1\n", ONE + "group none any X1\n",
        ONE + "group G any X1\ngroup H any X1\n", ONE + "group G any X1\ngroup H any G\ngroup I any G\n",
    ],
)  # fmt: skip
def test_a_policy_that_says_something_else_or_twice_is_refused(text: str) -> None:
    with pytest.raises(MalformedError):
        policy(text)


def test_every_policy_cut_short_is_refused() -> None:
    for length in range(len(TWO_LEVELS)):
        with pytest.raises(MalformedError):
            policy(TWO_LEVELS[:length])


def test_thirty_two_logs_witnesses_and_groups_are_read_and_many_more_are_not() -> None:
    def wide(count: int) -> str:
        keys = [Signer(f"k.example/{at}", private_key(at)) for at in range(2 * count)]
        logs = "".join(f"log {key.vkey}\n" for key in keys[:count])
        witnesses = "".join(f"witness w{at} {Cosigner(key).verifier.vkey}\n" for at, key in enumerate(keys[count:]))
        groups = "".join(f"group g{at} all w{at}\n" for at in range(count))
        return f"{logs}{witnesses}{groups}quorum g0\n"

    assert [len(part) for part in (policy(wide(32)).logs, policy(wide(32)).witnesses, policy(wide(32)).groups)] == [
        32
    ] * 3
    with pytest.raises(MalformedError):
        policy(wide(100))
    with pytest.raises(MalformedError):
        policy(ONE + "# " + "x" * 1_000_000 + "\n")


def test_a_refusal_names_its_line() -> None:
    with pytest.raises(MalformedError, match=r"^line 4: "):
        policy(ONE + "group G 9 X1\n")
