"""The protocols by which answers are had: implement one, and the resolver takes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from sipresolve.vocabulary.records import Answer, Question

__all__ = ["AsyncBackend", "Backend", "CancellingBackend", "SharedBackend", "ViewingBackend"]


@runtime_checkable
class Backend(Protocol):
    """Answers questions for blocking programs. It belongs to one resolver.

    Every outcome is an `Answer`: absence, failure and time-out are statuses, and nothing is
    raised for them. Each question that was started is answered once, within a time that the
    backend bounds by itself. The caller may stop listening before.

    A question that is `signed` is another one than the same that is not, and its answer names it:
    with what came to prove it as its `evidence`, or with None from one who has nothing of the kind.
    """

    def start(self, question: Question) -> None:
        """Begin to find an answer, and return without waiting for it.

        May be called while another thread is in `wait`, which then has to notice; and for a
        question that is in flight already, which may then be answered once or twice.
        """

    def wait(self, until: float) -> Sequence[Answer]:
        """Give the answers that have come since the last call, waiting for at least one.

        Args:
            until: When to give up and return nothing, as `time.monotonic` counts seconds. A time
                that has passed means: give what is there, and do not wait.
        """

    def close(self) -> None:
        """Give back what it holds: sockets, files, threads. Questions in flight are dropped."""


@runtime_checkable
class CancellingBackend(Backend, Protocol):
    """A `Backend` that can give up a question; the resolver tells it where that can be done."""

    def cancel(self, question: Question) -> None:
        """Nobody waits for this answer any more: give back what it holds.

        May be called for a question that is not in flight, and while another thread is in `wait`.
        An answer that was ready may still be given. The question may be started anew at once, and
        is then answered as any other, once or twice.
        """


@runtime_checkable
class SharedBackend(Protocol):
    """What several blocking resolvers may share: each takes a backend of its own from it."""

    def attach(self) -> Backend:
        """A backend for one resolver."""


@runtime_checkable
class AsyncBackend(Protocol):
    """Answers questions for asynchronous programs."""

    async def ask(self, question: Question) -> Answer:
        """Find an answer; absence, failure and time-out are statuses of it, never exceptions.

        It ends within a time that the backend bounds by itself, and may be cancelled before.
        """

    async def aclose(self) -> None:
        """Give back what it holds."""


@runtime_checkable
class ViewingBackend(Protocol):
    """Any backend, blocking or asynchronous, whose answers may become those of somebody else."""

    def view(self) -> Hashable:
        """Whose view of the DNS it gives, such as the nameservers that it asks now.

        What was answered is remembered only while this stays equal: other nameservers may see
        other names. It is looked at for every resolution, and from any thread: it has to be cheap.
        """
