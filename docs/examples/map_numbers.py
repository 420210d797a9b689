"""Maps many telephone numbers to URIs, many at once, and keeps their order.

    python map_numbers.py --root e164.arpa <numbers.txt

It is the smallest program of its kind, for those who do something of their own with what is found.
`sipresolve enum --input` does more: it goes on where it was interrupted, and writes JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections import deque
from collections.abc import AsyncGenerator, Iterable

from sipresolve import AsyncResolver, Misuse, Policy, Resolution, SipResolveError


async def mapped(
    resolver: AsyncResolver, numbers: Iterable[str], concurrency: int = 200
) -> AsyncGenerator[tuple[str, Resolution | SipResolveError], None]:
    """Yield each number and what became of it, in the order in which they came.

    Args:
        resolver: It looks them up.
        numbers: One is taken whenever there is room for it, so they may be without end.
        concurrency: How many are looked up at once.
    """
    under_way: deque[tuple[str, asyncio.Task[Resolution | SipResolveError]]] = deque()
    try:
        for number in numbers:
            under_way.append((number, asyncio.create_task(look_up(resolver, number))))
            if len(under_way) == concurrency:
                first, task = under_way.popleft()
                yield first, await task
        while under_way:
            first, task = under_way.popleft()
            yield first, await task
    finally:
        for _, task in under_way:
            task.cancel()


async def look_up(resolver: AsyncResolver, number: str) -> Resolution | SipResolveError:
    """What a number leads to, or why it leads nowhere, which is an answer as well."""
    try:
        return await resolver.enum(number)
    except Misuse:  # nothing is wrong with the number
        raise
    except SipResolveError as error:
        return error


def told(found: Resolution | SipResolveError) -> str:
    """The URIs that were found, or the code of the error."""
    if isinstance(found, SipResolveError):
        return found.code
    return " ".join(map(str, found.uris))


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--root", action="append", help="below which to look, e164.arpa if none")
    roots = parser.parse_args().root or ["e164.arpa"]
    async with AsyncResolver(policy=Policy(enum_roots=roots, lifetime=2.0)) as resolver:
        lines = map(str.strip, sys.stdin)
        numbers = (line for line in lines if line and not line.startswith("#"))
        async for number, found in mapped(resolver, numbers):
            print(number, told(found), sep="\t")


if __name__ == "__main__":
    asyncio.run(main())
