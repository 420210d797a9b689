"""The first SIGINT or SIGTERM cancels, the second does what it always does."""

from __future__ import annotations

import asyncio
import signal
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from sipresolve.cli.bulk.signals import interruptible

if TYPE_CHECKING:
    from collections.abc import Iterator

SIGNALS = [signal.SIGINT, signal.SIGTERM]


@pytest.fixture(autouse=True)
def _unchanged() -> Iterator[None]:
    before = [signal.getsignal(number) for number in SIGNALS]
    yield
    assert [signal.getsignal(number) for number in SIGNALS] == before


@pytest.mark.parametrize("number", SIGNALS)
def test_the_first_breaks_it_off(number: signal.Signals) -> None:
    async def main() -> str:
        with interruptible() as interruption:
            signal.raise_signal(number)
            await asyncio.Event().wait()
        assert interruption.signal is number
        # What comes now is no longer its business.
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
        await asyncio.sleep(0)
        return "goes on"

    assert asyncio.run(main()) == "goes on"


def test_the_second_interrupts() -> None:
    async def main() -> None:
        with interruptible():
            signal.raise_signal(signal.SIGINT)
            try:
                await asyncio.Event().wait()
            finally:
                signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        asyncio.run(main())


def test_one_that_comes_at_the_very_end_breaks_nothing_off() -> None:
    async def main() -> None:
        with interruptible() as interruption:
            signal.raise_signal(signal.SIGINT)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert interruption.signal is None

    asyncio.run(main())


def test_who_cancels_it_otherwise_cancels_it() -> None:
    async def main() -> None:
        with interruptible():
            await asyncio.Event().wait()

    async def cancel() -> None:
        running = asyncio.create_task(main())
        await asyncio.sleep(0)
        running.cancel()
        await asyncio.wait([running])
        assert running.cancelled()

    asyncio.run(cancel())


@pytest.mark.parametrize("number", SIGNALS)
def test_those_that_are_ignored_still_are(number: signal.Signals) -> None:
    async def main() -> None:
        with interruptible() as interruption:
            assert signal.getsignal(number) is signal.SIG_IGN
            signal.raise_signal(number)
            await asyncio.sleep(0)
            assert interruption.signal is None

    before = signal.signal(number, signal.SIG_IGN)
    try:
        asyncio.run(main())
    finally:
        signal.signal(number, before)


def test_another_thread_has_none() -> None:
    async def main() -> bool:
        with interruptible() as interruption:
            return interruption.signal is None

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(lambda: asyncio.run(main())).result()
