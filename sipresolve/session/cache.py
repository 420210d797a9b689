"""The cache of answers: RFC 2308 for absences, RFC 9520 for failures, RFC 8767 for what is stale.

It is pure: it is told the time, and no lock guards it. Everything is kept apart by a view, which is
whatever else decides what a question is answered.

::

       asked             TTL · (1 - refresh_ahead)          TTL                     TTL + stale
         ├──── fresh ──────────────┼──── fresh, and asked ────┼── stale: given where ───┤ gone
         │                         │  again if it is used     │   asking again fails    │
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from attrs import evolve

from sipresolve.session.entries import EMPTY, NEVER, Entry, Failure, Hit, Known, View, as_kept
from sipresolve.session.names import counted_name
from sipresolve.vocabulary.caching import CacheStatistics
from sipresolve.vocabulary.names import normal_name
from sipresolve.vocabulary.records import Question, RecordType, Security, Source, Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sipresolve.session.entries import Key
    from sipresolve.vocabulary.caching import CachePolicy
    from sipresolve.vocabulary.records import Answer

__all__ = ["Cache", "Hit", "View"]


class Cache:
    """What is known of questions, within the bounds of a policy."""

    def __init__(self, policy: CachePolicy) -> None:
        """Begin with nothing."""
        self._policy = policy
        # The least recently used come first.
        self._entries: OrderedDict[Key, Entry] = OrderedDict()
        self._octets = 0
        self._hits = self._misses = self._stale = self._refreshed = self._evicted = 0

    # --- What is known

    def get(self, question: Question, view: View, now: float) -> Hit | None:
        """What is known of a question: an answer that is fresh, else a failure that holds.

        Instead of the failure it gives the stale answer, if there is one, unless the failure was
        of DNSSEC. None: the question must be asked.
        """
        known = self._fresh(question, view, now)
        if known is None:
            return self._get_failure(question, view, now)
        self._entries.move_to_end(known.key)
        self._hits += 1
        return known.hit(question) if now < known.refresh_at else known.claim(question)

    def stale(self, question: Question, view: View, now: float) -> Answer | None:
        """The answer to a question that is over, but may still be served (RFC 8767 §4).

        None as well while the last that was heard of the question is that it is forged.
        """
        known = self._over(question, view, now)
        return None if known is None else self._serve_stale(known, question)

    def statistics(self) -> CacheStatistics:
        """What the cache has done, and how large it is."""
        return CacheStatistics(
            hits=self._hits,
            misses=self._misses,
            stale=self._stale,
            refreshed=self._refreshed,
            evicted=self._evicted,
            entries=len(self._entries),
            octets=self._octets,
        )

    def _get_failure(self, question: Question, view: View, now: float) -> Hit | None:
        failure = self._failure(question, view)
        if failure is None or failure.until <= now:
            self._misses += 1
            return None
        self._entries.move_to_end((question, view))
        known = self._over(question, view, now)
        if known is None:
            self._hits += 1
            return failure.hit()
        answer = self._serve_stale(known, question)
        return Hit(answer, refresh=False, expires=min(failure.until, known.gone))

    def _serve_stale(self, known: Known, question: Question) -> Answer:
        self._entries.move_to_end(known.key)
        self._stale += 1
        answer = known.hit(question).answer
        return evolve(answer, source=Source.STALE, ttl=int(self._policy.stale_ttl))

    def _fresh(self, question: Question, view: View, now: float) -> Known | None:
        for known in self._known(question, view):
            if now < known.expires:
                return known
        return None

    def _over(self, question: Question, view: View, now: float) -> Known | None:
        if self._is_bogus(question, view):
            return None
        for known in self._known(question, view):
            if known.is_stale(now):
                return known
        return None

    def _known(self, question: Question, view: View) -> Iterator[Known]:
        """What answers a question, or did: an answer to it, or that its name does not exist."""
        for key in ((question, view), (question.name, view)):
            entry = self._entries.get(key)
            if entry is not None and entry.known is not None:
                yield entry.known

    def _failure(self, question: Question, view: View) -> Failure | None:
        return self._entries.get((question, view), EMPTY).failure

    def _is_bogus(self, question: Question, view: View) -> bool:
        """Whether the last that was heard of a question is that its answer is forged."""
        failure = self._failure(question, view)
        return failure is not None and failure.is_bogus

    # --- What is heard

    def put(
        self, answer: Answer, view: View, *, now: float, since: float, ends: float = NEVER
    ) -> Answer:
        """Keep what came of a question, and what came along.

        Args:
            answer: The answer, or the failure.
            view: What it holds for.
            now: The time.
            since: When the question was asked, from which its TTL is counted.
            ends: When it must not be served any more, stale or not.

        Returns:
            What those who wait for it are to be given. Where asking failed, but not for DNSSEC,
            and an answer is known, that one, fresh or stale (RFC 8767 §4); else the answer itself.
        """
        if self._policy.entries == 0 or not answer.status.was_asked:
            return answer
        if answer.status.is_failure:
            return self._put_failure(answer, view, now)
        self._refreshed += any(known.is_claimed for known in self._known(answer.question, view))
        self._replace(answer, view, now, since, ends)
        domain = counted_name(answer.question.name)
        for extra in answer.additional:
            # Else whoever publishes SRV records could say for all where others' hosts are.
            if f".{extra.question.name}".endswith(f".{domain}"):
                self._put_additional(extra, view, now, since)
        return answer

    def _put_additional(self, answer: Answer, view: View, now: float, since: float) -> None:
        # RFC 2181 §5.4.1: what came along is trusted less than what came when it was asked for.
        if (
            answer.status is Status.OK
            and self._fresh(answer.question, view, now) is None
            and not self._is_bogus(answer.question, view)
        ):
            self._replace(answer, view, now, since)

    def _put_failure(self, answer: Answer, view: View, now: float) -> Answer:
        question, key = answer.question, (answer.question, view)
        failure = self._next_failure(answer, view, now)
        for known in self._known(question, view):
            known.release(failure.until)
        self._keep(key, Entry(self._entries.get(key, EMPTY).known, failure))
        if answer.status is Status.BOGUS:
            return answer
        fresh = self._fresh(question, view, now)
        if fresh is not None:
            return fresh.hit(question).answer
        return self.stale(question, view, now) or answer

    def _next_failure(self, answer: Answer, view: View, now: float) -> Failure:
        """How a failure is remembered (RFC 9520 §3.2)."""
        policy, before = self._policy, self._failure(answer.question, view)
        back_off = policy.failure_ttl
        if before is not None:
            back_off = min(2 * before.back_off, policy.longest_failure_ttl)
        held = back_off
        if answer.status is not Status.BOGUS and any(
            known.is_stale(now) for known in self._known(answer.question, view)
        ):
            # RFC 8767 §5, the failure recheck timer.
            held = max(back_off, policy.stale_ttl)
        return Failure(as_kept(answer), until=now + held, back_off=back_off)

    def _replace(
        self, answer: Answer, view: View, now: float, since: float, ends: float = NEVER
    ) -> None:
        """Forget what an answer replaces, and keep it for as long as it lives."""
        question = answer.question
        names = question.name, *map(normal_name, answer.aliases)
        self._drop((question, view))
        for name in names:
            self._drop((name, view))
        is_absent = answer.status is Status.NXDOMAIN and _is_of_the_name(answer)
        if answer.aliases or not is_absent:
            self._keep_known((question, view), answer, now, since, ends)
        if is_absent:
            # RFC 2308 §2.1: it is the last name that does not exist; §5: for whatever type.
            last = Question(names[-1], question.type)
            for kind in RecordType:
                self._drop((Question(last.name, kind), view))
            absent = evolve(answer, question=last, aliases=())
            self._keep_known((last.name, view), absent, now, since, ends)

    def _keep_known(self, key: Key, answer: Answer, now: float, since: float, ends: float) -> None:
        life = min(self._life(answer), ends - since)
        expires = since + life
        gone = min(expires + self._policy.stale, ends)
        if life > 0 and now < gone:
            due = expires - life * self._policy.refresh_ahead if self._is_refreshed(life) else NEVER
            self._keep(key, Entry(Known(key, as_kept(answer), expires, gone, due)))

    def _life(self, answer: Answer) -> float:
        """For how long an answer is fresh; 0 where it is not to be kept."""
        if answer.ttl is None:
            return 0.0  # RFC 2308 §5: an absence without an SOA
        longest = self._policy.longest_ttl
        if answer.status.is_absence:
            longest = min(longest, self._policy.longest_negative_ttl)
        return min(answer.ttl, longest)

    def _is_refreshed(self, life: float) -> bool:
        return self._policy.refresh_ahead > 0 and life >= self._policy.shortest_refreshed

    # --- What is forgotten

    def flush(self, name: str | None = None) -> None:
        """Forget everything, or all that is known of a name, of every type and in every view.

        What aliases led through the name to is forgotten as well.
        """
        if name is None:
            self._entries.clear()
            self._octets = 0
            return
        flushed = normal_name(name)
        for key in [key for key, entry in self._entries.items() if entry.says_of(flushed)]:
            self._drop(key)

    def _keep(self, key: Key, entry: Entry) -> None:
        """Keep an entry and make room for it; one that needs more than there is, is not kept."""
        if entry.octets > self._policy.octets:
            return
        self._drop(key)
        self._entries[key] = entry
        self._octets += entry.octets
        while len(self._entries) > self._policy.entries or self._octets > self._policy.octets:
            self._drop(next(iter(self._entries)))
            self._evicted += 1

    def _drop(self, key: Key) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._octets -= entry.octets


def _is_of_the_name(answer: Answer) -> bool:
    """Whether it counts for every type that a name does not exist (RFC 2308 §5).

    Of what was looked at for a proof, and is not proven, only as far as it was asked for: at the
    end of an alias that is not secure there may be a name that is; and some servers that know no
    DS and DNSKEY records deny the whole name.
    """
    if answer.security is not Security.INSECURE:
        return True
    return not answer.aliases and not answer.question.type.is_of_zones
