"""The proof of an answer (RFC 4035 §5): a generator, like any procedure.

It asks for the answer with its signatures, and for the keys of the zones that signed it: a question
that is itself answered by a proof, which asks for what vouches for them. All of these are kept and
shared like any other answer, so that a chain that is known costs nothing. The keys of the zones
that are probably concerned are asked for at once.
"""

from __future__ import annotations

from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Final

from attrs import define, evolve, field

from sipresolve.procedures.ask import Ask, Wait
from sipresolve.session.proof.data import name_in, records_of
from sipresolve.session.proof.delegations import unsigned
from sipresolve.session.proof.denial import absent_name, absent_type, expanded_wildcard
from sipresolve.session.proof.names import is_at_or_below, is_below, labels_of, text_of
from sipresolve.session.proof.signing import Signed, check_set, described, type_text
from sipresolve.session.proof.verdict import NEVER, Verdict, bogus, until_of
from sipresolve.session.proof.zones import (
    anchored_zone,
    failed,
    keys_of,
    probable_zone,
    prove_keys,
    state_of,
)
from sipresolve.vocabulary.evidence import Evidence, RrType
from sipresolve.vocabulary.keys import DnsKey
from sipresolve.vocabulary.names import MOST_ALIASES
from sipresolve.vocabulary.proofs import Link
from sipresolve.vocabulary.reasons import Reason
from sipresolve.vocabulary.records import (
    Answer,
    Question,
    RecordType,
    Security,
    Status,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sipresolve.procedures.ask import Procedure
    from sipresolve.session.proof.denial import Denial
    from sipresolve.session.proof.means import Means
    from sipresolve.vocabulary.evidence import Labels, SignedSet
    from sipresolve.vocabulary.records import Record

__all__ = ["prove"]


def prove(question: Question, means: Means) -> Procedure[tuple[Answer, ...]]:
    """Prove the answer to a question.

    Args:
        question: What is wanted.
        means: What the proof is given.

    Returns:
        The answer, with how far it is proven; a forged one has the status ``bogus``.
    """
    if question.type.is_of_zones and len(labels_of(question.name)) > _DEEPEST_ZONE:
        return (_too_deep(question),)
    signed = evolve(question, signed=True)
    if question.type is RecordType.DNSKEY:
        return ((yield from prove_keys(question, signed, means)),)
    known = yield Ask((Wait((signed,)),), hints=_hints(question, means))
    answer = known[signed]
    if answer.source.is_local:
        return (_of_this_machine(question, answer),)
    if answer.status.is_failure:
        return (failed(question, answer),)
    case = _Case(question, answer, means)
    try:
        return ((yield from case.decide()),)
    except (IndexError, ValueError) as error:
        return (case.unreadable(error),)


def _hints(question: Question, means: Means) -> tuple[Question, ...]:
    """The keys that will probably be needed; what vouches for them is asked for at once as well."""
    zone = probable_zone(question)
    if means.trust.zone_above(zone) is None:
        return ()
    return (Question(text_of(zone), RecordType.DNSKEY),)


def _is_of_its_parent(question: Question, name: Labels, zone: Labels) -> bool:
    """Whether a record is not in the zone that has its name: a DS record is in the one above."""
    return question.type is RecordType.DS and bool(name) and not is_below(name, zone)


def _of_this_machine(question: Question, answer: Answer) -> Answer:
    """A file of this machine proves nothing, and nothing proves it."""
    reason = Reason.of("local-data", f"it is from this machine ({answer.source}), not of the DNS")
    return evolve(
        answer, question=question, security=Security.INSECURE, reason=reason, additional=()
    )


def _too_deep(question: Question) -> Answer:
    said = f"{question.name} has more than {_DEEPEST_ZONE} labels, which is too deep for a zone"
    return Answer(
        question=question,
        status=Status.BOGUS,
        security=Security.BOGUS,
        reason=Reason.of("too-much-work", said),
        detail=said,
    )


@define
class _Case:
    """An answer that is to be proven.

    Attributes:
        question: What is wanted.
        answer: What came.
        means: What the proof is given.
        status: What is proven to be there; before, what the nameserver said.
        records: What is there.
        aliases: Where aliases have led so far.
    """

    question: Question
    answer: Answer
    means: Means
    status: Status = field(init=False)
    records: tuple[Record, ...] = ()
    aliases: list[Labels] = field(factory=list)
    _evidence: Evidence = field(init=False)
    _shown: dict[Labels, _Proofs] = field(init=False, factory=dict)

    def __attrs_post_init__(self) -> None:
        self.status = self.answer.status
        self._evidence = self.answer.evidence or Evidence()

    def decide(self) -> Procedure[Answer]:
        """Prove each link from the name of the question to its records, or to their absence.

        Raises:
            ValueError: Some data cannot be read.
        """
        name = labels_of(self.question.name)
        verdict: Verdict | None = None
        while True:
            found, target = self._at(name)
            link = yield from (self._absence(name) if found is None else self._set(found, name))
            verdict = link if verdict is None else verdict.and_then(link)
            if target is None or verdict.is_final:
                return self.answer_for(verdict)
            self.aliases.append(target)
            if len(self.aliases) > MOST_ALIASES:
                return failed(self.question, self._endless())
            name = target

    def _endless(self) -> Answer:
        """What to say of aliases that do not end; those that it follows are not all that came."""
        way = " -> ".join((self.question.name, *map(text_of, self.aliases)))
        detail = f"more than {MOST_ALIASES} aliases: {way}"
        return evolve(self.answer, status=Status.SERVFAIL, loop=True, detail=detail)

    def unreadable(self, error: Exception) -> Answer:
        """The answer where some data are not those of their type."""
        said = f"{self.question} cannot be read: {error}"
        link = Link(self.question.name, self.question.type, Security.BOGUS, said)
        return self.answer_for(evolve(bogus("bogus", said), links=(link,)))

    def answer_for(self, verdict: Verdict) -> Answer:
        """The answer, with what is proven of it."""
        if verdict.failure is not None:
            return failed(self.question, verdict.failure)
        is_bogus = verdict.security is Security.BOGUS
        ttl = self.answer.ttl
        return Answer(
            question=self.question,
            status=Status.BOGUS if is_bogus else self.status,
            records=() if is_bogus else self.records,
            ttl=None if ttl is None else int(min(ttl, verdict.ttl)),
            aliases=tuple(map(text_of, self.aliases)),
            security=verdict.security,
            reason=verdict.reason,
            proof=verdict.links,
            proven_until=None if verdict.until == NEVER else verdict.until,
            detail=verdict.reason.sentence if is_bogus else "",
        )

    # --- What answers for a name

    def _at(self, name: Labels) -> tuple[SignedSet | None, Labels | None]:
        """The RRset that answers for a name, and where it leads if it is an alias.

        DS and DNSKEY records are those of the very name: an alias there says that it has none.
        """
        at_name = {found.type: found for found in self._evidence.answers if found.owner == name}
        if (wanted := at_name.get(self._wanted)) is not None:
            return wanted, None
        alias = self._dname_above(name) or at_name.get(RrType.CNAME)
        if alias is None:
            return None, None
        if self.question.type is RecordType.DS:
            return alias, None
        target = name_in(alias.data[0])
        if alias.type == RrType.DNAME:
            target = (*name[: len(name) - len(alias.owner)], *target)
        return alias, target

    @property
    def _wanted(self) -> int:
        return RrType[self.question.type]

    def _dname_above(self, name: Labels) -> SignedSet | None:
        """RFC 6672 §5.3.1: the CNAME that comes with it is not signed; it is made anew here."""
        above = [
            found
            for found in self._evidence.answers
            if found.type == RrType.DNAME and is_below(name, found.owner)
        ]
        return max(above, key=lambda found: len(found.owner), default=None)

    # --- Something is there

    def _set(self, found: SignedSet, name: Labels) -> Procedure[Verdict]:
        """Prove an RRset; and where a wildcard made it, that nothing else has the name."""
        if found.type == self._wanted:
            self.records, self.status = records_of(found, self.question.type), Status.OK
        elif self.question.type is RecordType.DS:
            self.status = Status.NODATA
        signers = self._signers((found,), name, found.owner)
        if not signers:
            if self.question.type is RecordType.DS:
                # It would be in the zone above: whether there is one is not asked for itself.
                return (yield from unsigned(name, RrType.DS, self.means))
            return (yield from unsigned(found.owner, found.type, self.means))
        return (yield from _by_signers(signers, partial(self._check, found)))

    def _check(self, found: SignedSet, signer: Labels, keys: Answer) -> Verdict:
        signed = check_set(found, signer, _keys(keys), self.means)
        if isinstance(signed, Reason):
            return self._linked(found.owner, found.type, keys, bogus(signed.code, signed.sentence))
        said = f"signed by {text_of(signer)}, key {signed.key.tag}"
        verdict = Verdict(
            security=Security.SECURE,
            reason=Reason.of("proven", f"{described(found)} is {said}"),
            ttl=signed.ttl,
            until=signed.until,
        )
        verdict = self._linked(found.owner, found.type, keys, verdict, said)
        if signed.wildcard is None:
            return verdict
        proofs = self._proofs(signer, keys)
        denial = expanded_wildcard(
            found.owner, signed.wildcard, signer, proofs.sets, self.means.work
        )
        said = "is made of a wildcard: it is proven that nothing else has the name"
        return verdict.and_then(self._of_denial(found.owner, denial, keys, proofs, said))

    # --- Nothing is there

    def _absence(self, name: Labels) -> Procedure[Verdict]:
        """Prove that a name does not exist, or has no such records (RFC 4035 §5.4)."""
        if self.answer.evidence is None:
            self.records = self.answer.records
        elif self.status is Status.OK:
            self.status = Status.NODATA
        signers = self._signers(self._denials(), name, name)
        if not signers:
            return (yield from self._unsigned_absence(name))
        return (yield from _by_signers(signers, partial(self._deny, name)))

    def _unsigned_absence(self, name: Labels) -> Procedure[Verdict]:
        verdict = yield from unsigned(name, self._wanted, self.means)
        if verdict.security is not Security.BOGUS or verdict.reason.code != "no-signature":
            return verdict
        said = f"nothing shows that {text_of(name)} has no {type_text(self._wanted)} records"
        reason = Reason.of("not-denied", f"{said}, and its zone is signed")
        links = (*verdict.links[:-1], evolve(verdict.links[-1], sentence=reason.sentence))
        return evolve(verdict, reason=reason, links=links)

    def _deny(self, name: Labels, signer: Labels, keys: Answer) -> Verdict:
        """What the NSEC and NSEC3 records of a zone prove: what was said, or the other.

        The response code is not signed, so that it is the proof that tells which of them it is.
        """
        proofs = self._proofs(signer, keys)
        work, faults = self.means.work, []
        for status in sorted(_ABSENCES, key=lambda status: status is not self.status):
            if status is Status.NXDOMAIN:
                denial = absent_name(name, signer, proofs.sets, work)
            else:
                denial = absent_type(name, self._wanted, signer, proofs.sets, work)
            if denial.security is not Security.BOGUS:
                self.status = status
                return self._of_denial(name, denial, keys, proofs)
            faults.append(denial)
        return self._of_denial(name, faults[0], keys, proofs)

    def _of_denial(
        self,
        name: Labels,
        denial: Denial,
        keys: Answer,
        proofs: _Proofs,
        said: str = "is proven not to exist",
    ) -> Verdict:
        security, reason = denial.security, denial.reason
        if security is Security.BOGUS and proofs.fault is not None:
            reason = proofs.fault
        if denial.delegation and security is Security.SECURE:
            # Only asked of DS records: all that is below is not signed (RFC 4035 §5.2).
            why = "is not signed: the zone above proves that it has no DS records"
            security = Security.INSECURE
            reason = Reason.of("not-signed", f"{text_of(name)} {why}")
        if reason is None:
            reason = Reason.of("proven", f"{text_of(name)} {type_text(self._wanted)} {said}")
        verdict = Verdict(security=security, reason=reason, ttl=proofs.ttl, until=proofs.until)
        return self._linked(name, self._wanted, keys, verdict)

    def _linked(
        self, name: Labels, type_: int, keys: Answer, verdict: Verdict, said: str | None = None
    ) -> Verdict:
        """A verdict with its chain: that of the keys, and one link more."""
        sentence = said or verdict.reason.sentence
        link = Link(text_of(name), type_text(type_), verdict.security, sentence)
        until = min(verdict.until, until_of(keys))
        return evolve(verdict, until=until, links=(*keys.proof, link))

    # --- What there is to prove it

    def _denials(self) -> tuple[SignedSet, ...]:
        sets = (found for found in self._evidence.authorities if found.type in _DENYING)
        return tuple(dict.fromkeys(sets))

    def _proofs(self, zone: Labels, keys: Answer) -> _Proofs:
        """The NSEC and NSEC3 records that a zone has signed, and none made of a wildcard.

        They are checked once, however many aliases and absences they are to prove.
        """
        if zone in self._shown:
            return self._shown[zone]
        proofs = self._shown[zone] = _Proofs()
        own = (
            found
            for found in self._denials()
            if is_at_or_below(found.owner, zone) and any(s.signer == zone for s in found.signatures)
        )
        for number, found in enumerate(islice(own, _MOST_DENIALS)):
            if number >= _USUAL_DENIALS and not self.means.work.may_check_again():
                said = f"{text_of(zone)} shows too many records to prove an absence"
                proofs.add(found, Reason.of("too-much-work", said))
                break
            proofs.add(found, check_set(found, zone, _keys(keys), self.means))
        return proofs

    def _signers(
        self, sets: Iterable[SignedSet], name: Labels, owner: Labels
    ) -> tuple[Labels, ...]:
        """The zones that may have signed for a name, the deepest first (RFC 4035 §5.3.1).

        A zone above the deepest trust anchor is none of them: nothing is known of it, and a forger
        would only have to name it.
        """
        begin = anchored_zone(name, self._wanted, self.means)
        signers = {signature.signer for found in sets for signature in found.signatures}
        possible = [
            signer
            for signer in signers
            if begin is not None
            and is_at_or_below(signer, begin)
            and is_at_or_below(owner, signer)
            and not _is_of_its_parent(self.question, name, signer)
        ]
        return tuple(sorted(possible, key=len, reverse=True)[:_MOST_SIGNERS])


@define
class _Proofs:
    """What a zone shows of what it lacks.

    Attributes:
        sets: Its NSEC and NSEC3 records whose signatures are right.
        fault: What is wrong with the first that is not right.
        ttl: For how long all of them hold, in seconds.
        until: When the first of the signatures ends, in seconds since 1970.
    """

    sets: list[SignedSet] = field(factory=list)
    fault: Reason | None = None
    ttl: float = NEVER
    until: float = NEVER

    def add(self, found: SignedSet, signed: Signed | Reason) -> None:
        """Take one that was checked."""
        if isinstance(signed, Reason):
            self.fault = self.fault or signed
        elif signed.wildcard is None:
            self.sets.append(found)
            self.ttl = min(self.ttl, signed.ttl)
            self.until = min(self.until, signed.until)


def _by_signers(
    signers: Iterable[Labels], check: Callable[[Labels, Answer], Verdict]
) -> Procedure[Verdict]:
    """What is proven by the first zone whose signature is no forgery."""
    faults: list[Verdict] = []
    for signer in signers:
        keys = yield from keys_of(signer)
        verdict = state_of(signer, keys) or check(signer, keys)
        if verdict.security is not Security.BOGUS or verdict.failure is not None:
            return verdict
        faults.append(verdict)
    return faults[0]


def _keys(answer: Answer) -> tuple[DnsKey, ...]:
    return tuple(record for record in answer.records if isinstance(record, DnsKey))


_ABSENCES: Final = (Status.NODATA, Status.NXDOMAIN)
_DENYING: Final = frozenset({RrType.NSEC, RrType.NSEC3})
#: How many labels the name of a zone may have: nobody has a longer chain.
_DEEPEST_ZONE: Final = 32
#: More records than that prove no absence, nor do more zones sign one: it takes three, and one.
_MOST_DENIALS: Final = 12
#: So many are checked as a matter of course; what goes beyond it is counted.
_USUAL_DENIALS: Final = 4
_MOST_SIGNERS: Final = 2
