"""What a first view costs on the network: little, from this server alone, and its files once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

MOST = 60_000
"""Bytes of a first view with everything, compressed."""


def test_a_first_view_is_light_and_comes_from_this_server_alone(opened: Callable[..., Any]) -> None:
    for party, role, paths in (
        ("caf-rhone", "dpo", ("/", "/echanges?q=quotient", "/echanges?state=active", "/compte")),
        ("oullins-pierre-benite", "requester", ("/", "/echanges")),
    ):
        with opened() as tab:
            tab.take(party, role)
            network = tab.context.new_cdp_session(tab.page)
            network.send("Network.enable")
            received: list[float] = []
            network.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))  # noqa: B023
            for path in paths:
                network.send("Network.clearBrowserCache")
                received.clear()
                tab.goto(path)
                tab.page.wait_for_load_state("networkidle")
                assert 0 < sum(received) <= MOST, (path, received)
            tab.goto(paths[-1])
            tab.page.wait_for_load_state("networkidle")
            sizes = tab.page.evaluate("performance.getEntriesByType('resource').map(one => one.transferSize)")
            assert sizes
            assert sum(sizes) == 0, "files of a version are kept"
            assert tab.wrong == []
