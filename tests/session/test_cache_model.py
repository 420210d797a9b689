"""The cache against a naive model: a list of facts, which is searched from end to end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import define, evolve
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from strategies import cache_pauses, cached_names, cached_questions, heard_answers

from sipresolve.session.cache import Cache, Hit
from sipresolve.vocabulary.caching import CachePolicy
from sipresolve.vocabulary.records import Answer, Question, Source, Status

if TYPE_CHECKING:
    from collections.abc import Iterable

NEVER: Final = float("inf")

#: Everything that it says happens within a minute; sums of its times are exact.
POLICY: Final = CachePolicy(
    longest_ttl=32,
    longest_negative_ttl=16,
    failure_ttl=1,
    longest_failure_ttl=4,
    stale=20,
    stale_ttl=3,
    refresh_ahead=0.25,
    shortest_refreshed=8,
)


@define
class Fact:
    """Something that was heard.

    Attributes:
        view: For whom it holds.
        about: A question, or a name that does not exist.
        answer: What was heard.
        until: Until when it holds.
        gone: Until when it may be served at all; of a failure, the same.
        due: From when on it is to be asked again.
        claimed: Whether somebody does.
        back_off: Of a failure, for how long it holds at least.
    """

    view: str
    about: Question | str
    answer: Answer
    until: float
    gone: float
    due: float = NEVER
    not_before: float = 0.0
    claimed: bool = False
    back_off: float = 0.0

    @property
    def is_failure(self) -> bool:
        return self.answer.status.is_failure

    def answers(self, question: Question, view: str) -> bool:
        return view == self.view and self.about in (question, question.name)


class Model:
    """All facts, those first that were used longest ago."""

    def __init__(self, entries: int) -> None:
        self.entries = entries
        self.facts: list[Fact] = []
        self.now = 1000.0
        self.hits = self.misses = self.stale = self.refreshed = self.evicted = 0

    # --- Looking for facts

    def known(self, question: Question, view: str) -> list[Fact]:
        return [fact for fact in self.facts if fact.answers(question, view) and not fact.is_failure]

    def fresh(self, question: Question, view: str) -> Fact | None:
        found = [fact for fact in self.known(question, view) if self.now < fact.until]
        return found[0] if found else None

    def failure(self, question: Question, view: str) -> Fact | None:
        found = [fact for fact in self.facts if fact.answers(question, view) and fact.is_failure]
        return found[0] if found else None

    def over(self, question: Question, view: str) -> Fact | None:
        failure = self.failure(question, view)
        if failure is not None and failure.answer.status is Status.BOGUS:
            return None
        found = [fact for fact in self.known(question, view) if fact.until <= self.now < fact.gone]
        return found[0] if found else None

    # --- What the cache does

    def get(self, question: Question, view: str) -> Hit | None:
        fact = self.fresh(question, view)
        if fact is not None:
            self.hits += 1
            self.use(fact)
            refresh = not fact.claimed and max(fact.due, fact.not_before) <= self.now
            fact.claimed = fact.claimed or refresh
            return Hit(
                given(fact, question),
                refresh=refresh,
                expires=fact.until,
                refresh_at=NEVER if fact.claimed else max(fact.due, fact.not_before),
            )
        failure = self.failure(question, view)
        if failure is None or failure.until <= self.now:
            self.misses += 1
            return None
        self.use(failure)
        fact = self.over(question, view)
        answer = self.serve_stale(question, view)
        if fact is None or answer is None:
            self.hits += 1
            return Hit(given(failure, question), refresh=False, expires=failure.until)
        return Hit(answer, refresh=False, expires=min(failure.until, fact.gone))

    def serve_stale(self, question: Question, view: str) -> Answer | None:
        fact = self.over(question, view)
        if fact is None:
            return None
        self.stale += 1
        self.use(fact)
        return evolve(given(fact, question), source=Source.STALE, ttl=int(POLICY.stale_ttl))

    def put(self, answer: Answer, view: str, since: float) -> Answer:
        if answer.status is Status.BUSY:
            return answer
        if answer.status.is_failure:
            return self.fail(answer, view)
        if any(fact.claimed for fact in self.known(answer.question, view)):
            self.refreshed += 1
        self.learn(answer, view, since)
        for extra in answer.additional:
            if not is_at_or_below(extra.question.name, answer.question.name):
                continue
            failure = self.failure(extra.question, view)
            is_bogus = failure is not None and failure.answer.status is Status.BOGUS
            if not is_bogus and self.fresh(extra.question, view) is None:
                self.learn(extra, view, since)
        return answer

    def fail(self, answer: Answer, view: str) -> Answer:
        question = answer.question
        is_bogus = answer.status is Status.BOGUS
        before = self.failure(question, view)
        back_off = min(before.back_off * 2, POLICY.longest_failure_ttl) if before else 1.0
        known = self.known(question, view)
        is_stale = any(fact.until <= self.now < fact.gone for fact in known)
        until = self.now + (
            max(back_off, POLICY.stale_ttl) if is_stale and not is_bogus else back_off
        )
        for fact in known:
            fact.claimed = False
            fact.not_before = until
        if before is not None:
            self.facts.remove(before)
        self.keep(Fact(view, question, answer, until, until, back_off=back_off))
        fresh = self.fresh(question, view)
        if is_bogus:
            return answer
        if fresh is not None:
            return given(fresh, question)
        return self.serve_stale(question, view) or answer

    def learn(self, answer: Answer, view: str, since: float) -> None:
        question = answer.question
        *aliased, last = question.name, *answer.aliases
        is_absent = answer.status is Status.NXDOMAIN
        self.forget(view, [question, *aliased, last])
        if not is_absent or aliased:
            self.remember(question, view, answer, since)
        if is_absent:
            self.forget(
                view,
                [
                    fact.about
                    for fact in self.facts
                    if isinstance(fact.about, Question) and fact.about.name == last
                ],
            )
            self.remember(last, view, evolve(answer, aliases=()), since)

    def remember(self, about: Question | str, view: str, answer: Answer, since: float) -> None:
        longest = 32 if answer.status is Status.OK else 16
        ttl = min(answer.ttl or 0, longest)
        if ttl > 0 and self.now < since + ttl + 20:
            due = since + ttl * 0.75 if ttl >= 8 else NEVER
            self.keep(Fact(view, about, answer, since + ttl, since + ttl + 20, due))

    # --- What it keeps

    def forget(self, view: str, abouts: Iterable[Question | str]) -> None:
        gone = list(abouts)
        self.facts = [fact for fact in self.facts if not (fact.view == view and fact.about in gone)]

    def keep(self, fact: Fact) -> None:
        self.facts.append(fact)
        self.use(fact)
        while len(self.entries_kept()) > self.entries:
            view, about = self.entries_kept()[0]
            self.forget(view, [about])
            self.evicted += 1

    def use(self, fact: Fact) -> None:
        """An answer and a failure of one question are in one entry."""
        used = [each for each in self.facts if (each.view, each.about) == (fact.view, fact.about)]
        self.facts = [each for each in self.facts if each not in used] + used

    def entries_kept(self) -> list[tuple[str, Question | str]]:
        return list(dict.fromkeys((fact.view, fact.about) for fact in self.facts))

    def flush(self, name: str) -> None:
        for fact in list(self.facts):
            own = fact.about if isinstance(fact.about, str) else fact.about.name
            if name in (own, *fact.answer.aliases):
                self.forget(fact.view, [fact.about])


def is_at_or_below(name: str, asked: str) -> bool:
    """Whether a name is of the domain that was asked about, without the labels of SIP."""
    domain = asked.removeprefix("_sip._udp.").split(".")
    return name.split(".")[-len(domain) :] == domain


def given(fact: Fact, question: Question) -> Answer:
    """A fact as the cache gives it."""
    return evolve(fact.answer, question=question, source=Source.CACHE, additional=())


views = st.sampled_from(["one", "other"])


class Caches(RuleBasedStateMachine):
    """Anything is heard and asked, and time passes."""

    @initialize(entries=st.sampled_from([1, 2, 3, 1000]))
    def begin(self, entries: int) -> None:
        self.model = Model(entries)
        self.cache = Cache(evolve(POLICY, entries=entries))

    @rule(question=cached_questions, view=views)
    def get(self, question: Question, view: str) -> None:
        hit = self.cache.get(question, view, self.model.now)
        assert hit == self.model.get(question, view)

    @rule(question=cached_questions, view=views)
    def be_late(self, question: Question, view: str) -> None:
        answer = self.cache.stale(question, view, self.model.now)
        assert answer == self.model.serve_stale(question, view)

    @rule(answer=heard_answers(), view=views, took=cache_pauses)
    def put(self, answer: Answer, view: str, took: float) -> None:
        now, since = self.model.now, self.model.now - took
        told = self.cache.put(answer, view, now=now, since=since)
        assert told == self.model.put(answer, view, since)

    @rule(name=cached_names)
    def flush(self, name: str) -> None:
        self.cache.flush(name)
        self.model.flush(name)

    @rule(seconds=cache_pauses)
    def wait(self, seconds: float) -> None:
        self.model.now += seconds

    @invariant()
    def the_bounds_are_kept(self) -> None:
        statistics = self.cache.statistics()
        assert statistics.entries <= self.model.entries
        assert (statistics.octets > 0) == (statistics.entries > 0)

    @invariant()
    def the_statistics_add_up(self) -> None:
        statistics = self.cache.statistics()
        assert (statistics.hits, statistics.misses, statistics.stale) == (
            self.model.hits,
            self.model.misses,
            self.model.stale,
        )
        assert statistics.refreshed == self.model.refreshed
        assert statistics.evicted == self.model.evicted
        assert statistics.entries == len(self.model.entries_kept())


TestAnythingThatCanHappen = Caches.TestCase
