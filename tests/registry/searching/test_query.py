import re
import sqlite3

from hypothesis import given
from hypothesis import strategies as st

from registry.searching import asked
from registry.searching.words import words

OPERATORS = [
    '"',
    "AND",
    " OR ",
    "NOT",
    "*",
    "NEAR(",
    "words:",
    "^",
    "-",
    "(",
    ")",
    "'",
    "&",
    "|",
    "!",
    ":*",
    "\\",
    "\x00",
]
TYPED = st.one_of(st.text(max_size=200), st.lists(st.sampled_from([*OPERATORS, "école", "l’âge"])).map(" ".join))


@given(TYPED)
def test_whatever_is_typed_is_an_expression_that_fts5_reads(typed):
    query = asked(typed)
    if query is None:
        assert list(words(typed)) == []
        return
    memory = sqlite3.connect(":memory:")
    memory.execute(
        "CREATE VIRTUAL TABLE found USING fts5(words, content='', detail='none', tokenize=\"ascii tokenchars '_'\")"
    )
    for one in (query, query._replace(completed=False)):
        memory.execute("SELECT rowid FROM found WHERE found MATCH ?", (one.fts5(["caf-rhone", "oullins"]),)).fetchall()
    memory.close()


@given(TYPED)
def test_no_operator_of_postgresql_is_ever_made_of_what_is_typed(typed):
    query = asked(typed)
    if query is not None:
        assert re.fullmatch(
            r"\('_caf_rhone'\)( & '[a-z0-9]+')* & \('[a-z0-9]+':\* \| '[a-z0-9]+'\)", query.tsquery(["caf-rhone"])
        )


def test_words_are_compared_without_accents_case_or_elision():
    assert list(words("L’ÉCOLE d'Œuvres âgées, n° 12 (2026-001)")) == ["ecole", "oeuvres", "agees", "12", "2026", "001"]


def test_articles_count_only_when_nothing_else_is_typed():
    assert asked("les aides aux familles").stems == ("aid",)
    assert asked("de la").last == "la"
    assert asked(" … ' \" !") is None
