"""One attempt at one server: what leaving the ``with`` statement means, and what may be said."""

from __future__ import annotations

import asyncio
import errno
import gc
from typing import TYPE_CHECKING, Any

import pytest
from attempts import OUTCOMES, Source, Told, target
from attrs import define, field

from sipresolve.failover.attempt import Attempt, Outcome
from sipresolve.failover.claims import Claims
from sipresolve.failover.failures import Meaning
from sipresolve.failover.health import Place, Standing
from sipresolve.vocabulary.errors import AllTargetsFailed, Misuse, TargetFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SERVER = target("udp 192.0.2.1")
PLACE = "udp 192.0.2.1:5060"
#: Every attempt here is a probe, and its number has to come back.
PROBE = 7


@define
class Call:
    """A call with one attempt, and what comes of it."""

    health: Told = field(factory=Told)
    source: Source = field(factory=Source)
    claims: Claims = field(init=False)
    attempt: Attempt = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.claims = Claims(self.health)
        self.attempt = Attempt(
            SERVER,
            Place.of(SERVER),
            standing=Standing(probe=PROBE),
            claims=self.claims,
            source=self.source,
        )

    @property
    def left(self) -> int:
        return self.source.left


@pytest.fixture
def call() -> Call:
    return Call()


SUCCEEDED = ("succeeded", PLACE, PROBE)
RELEASED = ("released", PLACE, PROBE)


def failed(retry_after: float | None = None) -> tuple[object, ...]:
    return ("failed", PLACE, PROBE, retry_after)


# --- Leaving the statement ------------------------------------------------------------------------


#: By what an exception means: whether the loop goes on, and what the health is told.
CONSEQUENCES = {
    Meaning.NOTHING: (False, Outcome.LEFT, RELEASED),
    Meaning.UNREACHABLE: (True, Outcome.FAILED, RELEASED),
    Meaning.FAILED: (True, Outcome.FAILED, failed()),
}


#: A generator may be closed by the garbage collector, which is another matter.
IN_THE_BODY = [row for row in OUTCOMES if row[0] is not GeneratorExit]


@pytest.mark.parametrize("asynchronous", [False, True])
@pytest.mark.parametrize(("kind", "arguments", "meaning"), IN_THE_BODY)
def test_an_exception_that_leaves_the_statement(
    call: Call,
    kind: type[BaseException],
    arguments: tuple[Any, ...],
    meaning: Meaning,
    *,
    asynchronous: bool,
) -> None:
    """RFC 3263 §4.3: "a transport failure of some sort" sends the client to the next server."""
    goes_on, outcome, told = CONSEQUENCES[meaning]
    error = kind(*arguments)
    caught = leave_in_a_task(call, error) if asynchronous else leave(call, error)
    assert (caught is None) is goes_on
    assert caught is None or caught is error
    assert call.attempt.outcome is outcome
    assert call.health.reports == [told], "once"
    assert call.left == (0 if goes_on else 1), "nothing more is wanted"
    assert call.attempt.error is (error if goes_on else None)


def leave(
    call: Call, error: BaseException, say: Callable[[Attempt], None] = lambda _attempt: None
) -> BaseException | None:
    """Leave the statement with an exception; give it, if it passes through."""

    def body() -> None:
        with call.attempt as attempt:
            say(attempt)
            raise error

    return caught_of(body)


def leave_in_a_task(call: Call, error: BaseException) -> BaseException | None:
    """The same without a loop, which has ideas of its own about KeyboardInterrupt."""

    async def body() -> None:
        async with call.attempt:
            raise error

    caught = caught_of(lambda: body().send(None))
    return None if isinstance(caught, StopIteration) else caught


def caught_of(action: Callable[[], None]) -> BaseException | None:
    try:
        action()
    except BaseException as caught:  # noqa: BLE001 - that is what is tested
        return caught
    return None


def test_leaving_it_normally_is_success(call: Call) -> None:
    with call.attempt as attempt:
        assert attempt is call.attempt
        assert attempt.target == SERVER
        assert call.health.reports == [], "nothing is known yet"
    assert call.health.reports == [SUCCEEDED]
    assert call.left == 1
    assert call.attempt.outcome is Outcome.SUCCEEDED


def test_leaving_it_normally_is_success_in_a_task_as_well(call: Call) -> None:
    async def body() -> None:
        async with call.attempt as attempt:
            assert attempt is call.attempt

    asyncio.run(body())
    assert call.health.reports == [SUCCEEDED]


def test_returning_from_it_is_success(call: Call) -> None:
    def answered() -> str:
        with call.attempt:
            return "200"
        raise AssertionError("not reached")

    assert answered() == "200"
    assert call.health.reports == [SUCCEEDED]


def responses(attempt: Attempt, *, said: bool = False) -> Iterator[int]:
    with attempt:
        if said:
            attempt.succeeded()
        yield 100
        yield 200


async def responses_in_a_task(attempt: Attempt) -> None:
    async with attempt:
        await asyncio.sleep(0)


def test_a_generator_that_is_closed_in_the_middle_says_nothing(call: Call) -> None:
    """And waits for no lock: it may be the collector that closes it, in the middle of anything."""
    coming = responses(call.attempt)
    assert next(coming) == 100
    del coming
    check_that_it_was_abandoned(call)


def test_a_coroutine_that_is_closed_in_the_middle_says_nothing(call: Call) -> None:
    coming = responses_in_a_task(call.attempt)
    coming.send(None)
    coming.close()
    check_that_it_was_abandoned(call)


def check_that_it_was_abandoned(call: Call) -> None:
    assert call.attempt.outcome is Outcome.LEFT
    assert (call.source.left, call.source.abandoned) == (0, 1)
    assert call.health.reports == []
    call.claims.admit(Place.of(SERVER))
    assert call.health.reports == [RELEASED]


def test_a_generator_that_is_closed_after_success_takes_nothing_back(call: Call) -> None:
    coming = responses(call.attempt, said=True)
    assert next(coming) == 100
    del coming
    call.claims.admit(Place.of(SERVER))
    assert call.attempt.outcome is Outcome.SUCCEEDED
    assert call.health.reports == [SUCCEEDED]


def test_a_task_that_is_cancelled_in_the_middle_says_nothing(call: Call) -> None:
    async def body() -> None:
        async with call.attempt:
            await asyncio.sleep(60)

    async def main() -> None:
        task = asyncio.create_task(body())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert call.health.reports == [RELEASED]
    assert call.left == 1


def test_a_time_out_of_the_caller_is_a_failure(call: Call) -> None:
    """RFC 3263 §4.3: "times out without ever having received any response"."""

    async def body() -> None:
        async with call.attempt, asyncio.timeout(0):
            await asyncio.sleep(60)

    asyncio.run(body())
    assert call.health.reports == [failed()]
    assert isinstance(call.attempt.error, TimeoutError)


# --- Saying what became of it ---------------------------------------------------------------------


def test_a_failure_in_words_penalises_nobody(call: Call) -> None:
    """RFC 3261 §21.5.4: a 503 without Retry-After is to be treated as a 500."""
    with call.attempt as attempt:
        attempt.failed("503 Service Unavailable")
        assert call.health.reports == [RELEASED]
    assert call.attempt.outcome is Outcome.FAILED
    assert call.health.reports == [RELEASED], "once"
    assert call.left == 0, "the next one is wanted"
    error = call.attempt.error
    assert isinstance(error, TargetFailed)
    assert (error.target, error.reason) == (SERVER, "503 Service Unavailable")
    assert str(error) == "udp 192.0.2.1:5060 of h1.example.com: 503 Service Unavailable"


def test_a_failure_without_words(call: Call) -> None:
    call.attempt.failed()
    assert str(call.attempt.error) == "udp 192.0.2.1:5060 of h1.example.com: failed"


@pytest.mark.parametrize(
    ("retry_after", "told"),
    [
        (120, failed(120)),
        (0.5, failed(0.5)),
        # RFC 3261 §20.33 bounds it by nothing.
        (10**400, failed(10**400)),
        (0, RELEASED),
        (0.0, RELEASED),
        (None, RELEASED),
    ],
)
def test_a_server_that_wants_to_be_left_alone(
    call: Call, retry_after: float | None, told: tuple[object, ...]
) -> None:
    """RFC 3261 §21.5.4: for so long, and where it does not say so, nobody is penalised."""
    call.attempt.failed("503", retry_after=retry_after)
    assert call.health.reports == [told]


@pytest.mark.parametrize(
    "retry_after", [-1, -0.1, float("nan"), float("inf"), float("-inf"), "120", b"1", True, ()]
)
def test_a_retry_after_that_makes_no_sense(call: Call, retry_after: Any) -> None:
    with pytest.raises(Misuse, match="retry_after must be seconds"), call.attempt as attempt:
        attempt.failed("503", retry_after=retry_after)
    assert call.health.reports == [RELEASED], "what was meant is not known"


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        (TimeoutError("timer B"), failed()),
        (ConnectionRefusedError(), failed()),
        (OSError(errno.ENETUNREACH, "network is unreachable"), RELEASED),
        # That the next one is wanted has been said; who is to blame has not.
        (OSError(errno.EMFILE, "too many open files"), RELEASED),
        # An exception of the caller's own is a failure as well: of a transaction, say.
        (EOFError(), failed()),
        (ValueError("timer F"), failed()),
        (ExceptionGroup("raced", [TimeoutError()]), failed()),
        (ExceptionGroup("raced", [ValueError()]), RELEASED),
        (AllTargetsFailed("all", failures=[(SERVER, TimeoutError())]), RELEASED),
    ],
)
def test_a_failure_by_an_exception_penalises_as_that_does(
    call: Call, reason: Exception, told: tuple[object, ...]
) -> None:
    with call.attempt as attempt:
        attempt.failed(reason)
    assert call.health.reports == [told]
    assert call.attempt.error is reason
    assert call.left == 0


@pytest.mark.parametrize("reason", [TimeoutError(), OSError(errno.ENETUNREACH, "unreachable")])
def test_a_retry_after_counts_beside_an_exception(call: Call, reason: Exception) -> None:
    call.attempt.failed(reason, retry_after=60)
    assert call.health.reports == [failed(60)]


def test_success_is_told_at_once(call: Call) -> None:
    """A proxy may say so with the first response, and stay in the statement for minutes."""
    with call.attempt as attempt:
        attempt.succeeded()
        assert call.health.reports == [SUCCEEDED]
        assert call.left == 1
    assert call.health.reports == [SUCCEEDED]


def test_a_caller_of_callbacks_needs_no_statement(call: Call) -> None:
    call.attempt.succeeded()
    assert call.health.reports == [SUCCEEDED]
    assert call.left == 1


def test_saying_it_twice_is_saying_it_once(call: Call) -> None:
    call.attempt.failed("503", retry_after=10)
    call.attempt.failed("503", retry_after=10)
    assert call.health.reports == [failed(10)]
    other = Call()
    other.attempt.succeeded()
    other.attempt.succeeded()
    assert other.health.reports == [SUCCEEDED]
    assert other.left == 1


def test_two_ends_are_one_too_many(call: Call) -> None:
    call.attempt.failed("503")
    with pytest.raises(Misuse, match="has failed, and cannot have another end"):
        call.attempt.succeeded()
    other = Call()
    other.attempt.succeeded()
    with pytest.raises(Misuse, match="has succeeded, and cannot have another end"):
        other.attempt.failed("503")
    assert call.health.reports == [RELEASED]
    assert other.health.reports == [SUCCEEDED]


def test_nothing_more_can_be_said_of_an_attempt_that_was_left(call: Call) -> None:
    with pytest.raises(ValueError, match="boom"), call.attempt:
        raise ValueError("boom")
    # A response that comes late, in a callback of somebody else's, is no misuse.
    call.attempt.succeeded()
    call.attempt.failed("503", retry_after=5)
    assert call.attempt.outcome is Outcome.LEFT
    assert call.health.reports == [RELEASED]


# --- Saying one thing, and leaving with another ---------------------------------------------------


@pytest.mark.parametrize("error", [TimeoutError(), OSError(errno.ENETUNREACH, "unreachable")])
def test_a_failure_that_was_told_is_the_one_that_counts(call: Call, error: OSError) -> None:
    # Of closing the connection, say.
    assert leave(call, error, lambda attempt: attempt.failed("503", retry_after=30)) is None
    assert call.health.reports == [failed(30)]
    assert isinstance(call.attempt.error, TargetFailed)
    assert call.left == 0


@pytest.mark.parametrize(
    "error", [OSError(errno.EMFILE, "full"), ValueError(), KeyboardInterrupt()]
)
def test_after_a_failure_was_told_other_exceptions_pass_through_still(
    call: Call, error: BaseException
) -> None:
    assert leave(call, error, lambda attempt: attempt.failed("503", retry_after=30)) is error
    assert call.health.reports == [failed(30)]
    assert call.left == 1


@pytest.mark.parametrize("error", [TimeoutError(), ConnectionResetError(), ValueError()])
def test_after_success_was_told_every_exception_passes_through(
    call: Call, error: Exception
) -> None:
    """The server did its part; what comes after is no reason to ask another."""
    assert leave(call, error, Attempt.succeeded) is error
    assert call.health.reports == [SUCCEEDED]


# --- Entering it ----------------------------------------------------------------------------------


def test_it_cannot_be_entered_once_more(call: Call) -> None:
    with call.attempt:
        pass
    with pytest.raises(Misuse, match="has been entered before"), call.attempt:
        raise AssertionError("not reached")
    assert call.health.reports == [SUCCEEDED]


def test_it_cannot_be_entered_within_itself(call: Call) -> None:
    with (
        pytest.raises(Misuse, match="has been entered before"),
        call.attempt as attempt,
        attempt,
    ):
        raise AssertionError("not reached")
    assert call.health.reports == [RELEASED]
    assert call.left == 1


# --- Being dropped --------------------------------------------------------------------------------


def test_a_probe_that_is_dropped_makes_room_for_another(call: Call) -> None:
    """Its finaliser only leaves a word: it may run while a lock of the health is held."""
    health, claims = call.health, call.claims
    del call.attempt
    gc.collect()
    assert health.reports == []
    claims.admit(Place.of(SERVER))
    assert health.reports == [RELEASED]
    claims.admit(Place.of(SERVER))
    assert health.reports == [RELEASED], "once"


@pytest.mark.parametrize("end", ["succeeded", "failed", "release"])
def test_a_probe_that_was_reported_is_not_taken_back(call: Call, end: str) -> None:
    health, claims = call.health, call.claims
    getattr(call.attempt, end)()
    told = list(health.reports)
    del call.attempt
    gc.collect()
    claims.admit(Place.of(SERVER))
    assert health.reports == told


@pytest.mark.filterwarnings("error")
def test_an_attempt_that_could_not_be_made_has_nothing_to_take_back() -> None:
    with pytest.raises(TypeError):
        Attempt(SERVER)  # type: ignore[call-arg]  # that is what is tested
    gc.collect()


def test_an_attempt_that_was_no_probe_has_nothing_to_take_back() -> None:
    health = Told()
    claims = health.claims
    attempt = Attempt(SERVER, Place.of(SERVER), standing=Standing(), claims=claims, source=Source())
    del attempt
    gc.collect()
    claims.admit(Place.of(SERVER))
    assert health.reports == []
