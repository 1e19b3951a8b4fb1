"""`make bench`: every figure, in one run."""

import asyncio

from benchmarks import exports, ledger_verify, list_pages, lists, nightly, pages, parts, publishing, writes


def main() -> None:
    parts.report()
    ledger_verify.report()
    exports.report()
    asyncio.run(writes.report())
    asyncio.run(lists.report())
    asyncio.run(nightly.report())
    asyncio.run(pages.report())
    asyncio.run(list_pages.report())
    asyncio.run(publishing.report())


if __name__ == "__main__":
    main()
