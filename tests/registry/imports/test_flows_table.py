"""A table of flows, as hostile or clumsy as it may come."""

import tracemalloc

import pytest

from registry.imports.flows import SIZE, read_flows
from registry.refusals import Invalid

TITLES = "Date;Volume;Voie\n"
LINE = "03/03/2023;12;API\n"


@pytest.mark.parametrize("content", [b"\n" * SIZE, b";\n" * (SIZE // 2), b"a;b;c\n" * (SIZE // 6)])
def test_a_million_lines_cost_no_more_memory_than_a_thousand(content: bytes) -> None:
    table = (TITLES.encode() + content)[:SIZE]
    tracemalloc.start()
    try:
        with pytest.raises(Invalid):
            read_flows(table)
        assert tracemalloc.get_traced_memory()[1] < 30 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_separators_and_encodings_of_spreadsheets_are_read(separator: str, encoding: str) -> None:
    text = (TITLES + LINE).replace(";", separator)
    assert [(flow["sent_on"], flow["volume"]) for flow in read_flows(text.encode(encoding))] == [("2023-03-03", 12)]


@pytest.mark.parametrize("text", [TITLES + '"' + "x" * 900_000, TITLES + "x" * 200_000 + ";1;API\n", "\ufeff", ";;\n"])
def test_what_is_no_table_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        read_flows(text.encode())
