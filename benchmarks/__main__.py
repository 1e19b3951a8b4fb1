"""`make bench`: every figure, in one run."""

import asyncio

from benchmarks import lists, parts, writes


def main() -> None:
    parts.report()
    asyncio.run(writes.report())
    asyncio.run(lists.report())


if __name__ == "__main__":
    main()
