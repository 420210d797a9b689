"""The JSON object: exactly the keys of the contract, whatever became of the resolution."""

from __future__ import annotations

import json
from ipaddress import IPv6Address

import pytest
from attrs import evolve
from simulation import NEVER, Simulation, answer, question, zone
from telephony import DOMAIN, NUMBER, numbers, terminal

from sipresolve import (
    Answer,
    InvalidNumber,
    InvalidUri,
    Link,
    NoSuchDomain,
    NoSuchNumber,
    Note,
    Policy,
    Query,
    Reason,
    Resolution,
    Security,
    SipUri,
    Source,
    Status,
    Target,
    TelUri,
    Transport,
)
from sipresolve.cli.document import (
    Document,
    dump,
    error_document,
    number_document,
    resolution_document,
)

SUBJECT = {"uri": "SIPS:Alice@Example.com"}

#: The reason where nobody was asked for proof.
UNCHECKED = {
    "code": "not-checked",
    "message": "nothing was checked: the policy ignores DNSSEC",
    "extended_error": None,
}


def in_vain(asked: str) -> Document:
    """The reason where nobody answered."""
    message = f"{asked} was not answered in time"
    return {"code": "not-answered", "message": message, "extended_error": None}


FOUND = Resolution(
    subject=SipUri.parse("sips:alice@example.com"),
    targets=(
        Target(
            transport=Transport.TLS_SCTP,
            address=IPv6Address("2001:db8::1"),
            port=5061,
            host="a.example.com",
            priority=10,
            weight=60,
            order=1,
            preference=2,
            tls_name="example.com",
            security=Security.SECURE,
            reason=Reason.of("authenticated-data", "it has the AD bit"),
            ttl=300,
        ),
    ),
    security=Security.INSECURE,
    reason=Reason.of("unsupported-digest", "nobody knows its digest"),
    notes=(
        Note(code="srv-failed", message="a warning"),
        Note(code="host-late", message="a line of the trace", warning=False),
    ),
    queries=(
        Query(
            question=question("_sips._sctp.example.com SRV"),
            answer=Answer(
                question=question("_sips._sctp.example.com SRV"),
                status=Status.OK,
                source=Source.ADDITIONAL,
            ),
            asked_at=0.5,
            seconds=0.012149,
        ),
    ),
)


def test_all_keys_are_there_with_their_values() -> None:
    assert resolution_document(SUBJECT, FOUND, None) == {
        "uri": "SIPS:Alice@Example.com",  # as it was given
        "targets": [
            {
                "transport": "tls-sctp",
                "address": "2001:db8::1",
                "port": 5061,
                "host": "a.example.com",
                "priority": 10,
                "weight": 60,
                "order": 1,
                "preference": 2,
                "tls_name": "example.com",
                "security": "secure",
                "reason": {
                    "code": "authenticated-data",
                    "message": "it has the AD bit",
                    "extended_error": None,
                },
                "ttl": 300,
            }
        ],
        "security": "insecure",
        "reason": {
            "code": "unsupported-digest",
            "message": "nobody knows its digest",
            "extended_error": 2,  # RFC 8914 §4.3
        },
        "warnings": [{"code": "srv-failed", "message": "a warning"}],
        "queries": [
            {
                "name": "_sips._sctp.example.com",
                "type": "SRV",
                "status": "ok",
                "source": "additional",
                "ms": 12.1,
                "security": "indeterminate",
                "reason": UNCHECKED,
            }
        ],
        "error": None,
    }


def test_what_does_not_apply_is_null() -> None:
    resolution = Simulation({}).resolve("sip:192.0.2.1")
    document = resolution_document({"uri": "sip:192.0.2.1"}, resolution, None)
    assert (document["security"], document["reason"]) == (None, None)
    assert document["targets"] == [
        {
            "transport": "udp",
            "address": "192.0.2.1",
            "port": 5060,
            "host": "192.0.2.1",
            "priority": None,
            "weight": None,
            "order": None,
            "preference": None,
            "tls_name": None,
            "security": None,
            "reason": None,
            "ttl": None,
        }
    ]


def test_the_keys_are_the_same_where_nothing_was_begun() -> None:
    error = InvalidUri("what is wrong", text="x", position=0)
    assert resolution_document(SUBJECT, None, error) == {
        "uri": "SIPS:Alice@Example.com",
        "targets": [],
        "security": None,
        "reason": None,
        "warnings": [],
        "queries": [],
        "error": {"code": "invalid-uri", "message": "what is wrong"},
    }


def test_an_error_stands_beside_what_was_asked() -> None:
    with pytest.raises(NoSuchDomain) as caught:
        Simulation({}).resolve("sip:example.com:5060")
    document = resolution_document(SUBJECT, caught.value.resolution, caught.value)
    assert document["error"] == {"code": "no-such-domain", "message": caught.value.message}
    assert document["security"] == "indeterminate"
    assert document["queries"] == [
        {
            "name": "example.com",
            "type": kind,
            "status": "nxdomain",
            "source": "network",
            "ms": 20.0,
            "security": "indeterminate",
            "reason": UNCHECKED,
        }
        for kind in ("AAAA", "A")
    ]


def test_a_question_waited_for_in_vain_is_a_timeout_and_a_hint_is_left_out() -> None:
    answers = zone("_sip._udp.example.com SRV 0 0 5060 a.example.com\na.example.com A 192.0.2.1")
    silent = {question(text): NEVER for text in ("example.com NAPTR", "_sips._tcp.example.com SRV")}
    resolution = Simulation(answers, delays=silent).resolve("sip:example.com")
    document = resolution_document(SUBJECT, resolution, None)
    queries = document["queries"]
    assert isinstance(queries, list)
    assert queries[0] == {
        "name": "example.com",
        "type": "NAPTR",
        "status": "timeout",
        "source": "network",
        "ms": None,
        "security": "indeterminate",
        "reason": in_vain("example.com NAPTR"),
    }
    assert "_sips._tcp.example.com" not in [query["name"] for query in queries]


# --- Proofs


def test_with_proofs_each_query_has_its_chain_of_trust_from_the_anchor_down() -> None:
    known = answer(
        "example.com A",
        Status.BOGUS,
        security=Security.BOGUS,
        reason=Reason.of("signature-expired", "example.com A has a signature that has expired"),
        proof=(
            Link(".", "DNSKEY", Security.SECURE, "signed by key 20326"),
            Link("example.com", "A", Security.BOGUS, "has a signature that has expired"),
        ),
    )
    late = Note(code="address-failed", message="late", question=question("example.com AAAA"))
    asked = [Query(question=known.question, answer=known, asked_at=0.0, seconds=0.01)]
    asked += [Query(question=question("example.com AAAA"), answer=None, asked_at=0.0, seconds=None)]
    resolution = evolve(FOUND, queries=tuple(asked), notes=(late,))
    queries = resolution_document(SUBJECT, resolution, None, proofs=True)["queries"]
    assert queries == [
        {
            "name": "example.com",
            "type": "A",
            "status": "bogus",
            "source": "network",
            "ms": 10.0,
            "security": "bogus",
            "reason": {
                "code": "signature-expired",
                "message": "example.com A has a signature that has expired",
                "extended_error": 7,  # RFC 8914 §4.8
            },
            "proof": [
                {
                    "name": ".",
                    "type": "DNSKEY",
                    "security": "secure",
                    "message": "signed by key 20326",
                },
                {
                    "name": "example.com",
                    "type": "A",
                    "security": "bogus",
                    "message": "has a signature that has expired",
                },
            ],
        },
        {
            "name": "example.com",
            "type": "AAAA",
            "status": "timeout",
            "source": "network",
            "ms": None,
            "security": "indeterminate",
            "reason": in_vain("example.com AAAA"),
            "proof": [],
        },
    ]


# --- Telephone numbers


def document_of(*records: str, roots: tuple[str, ...] = ("e164.arpa",)) -> Document:
    simulation = Simulation(numbers(*records), policy=Policy(enum_roots=roots))
    try:
        return number_document("given", simulation.enum(NUMBER), None, roots=roots)
    except NoSuchNumber as error:
        return number_document("given", error.resolution, error, roots=roots)


def test_all_keys_of_a_number_are_there_with_their_values() -> None:
    records = [
        '@ NAPTR 10 20 "u" "E2U+sip" "!^.*$!sip:b@example.com!" .',
        '@ NAPTR 10 10 "u" "E2U+SIP" "!^.*$!sip:a@example.com!" .',
        '@ NAPTR 10 5 "u" "E2U+sip" "!^.*$!mailto:a@example.com!" .',
    ]
    document = document_of(*records)
    warnings = document.pop("warnings")
    assert isinstance(warnings, list)
    assert [warning["code"] for warning in warnings] == ["enum-uri-scheme"]
    assert document == {
        "number": NUMBER,  # in its one spelling
        "domain": DOMAIN,
        "uris": [
            {
                "uri": f"sip:{user}@example.com",
                "service": "sip",
                "order": 10,
                "preference": preference,
                "ttl": 300,
                "security": "indeterminate",
                "reason": UNCHECKED,
                "root": "e164.arpa",
                "portability": None,
            }
            for user, preference in (("a", 10), ("b", 20))
        ],
        "security": "indeterminate",
        "reason": UNCHECKED,
        "queries": [
            {
                "name": DOMAIN,
                "type": "NAPTR",
                "status": "ok",
                "source": "network",
                "ms": 20.0,
                "security": "indeterminate",
                "reason": UNCHECKED,
            }
        ],
        "error": None,
    }
    assert list(document) == ["number", "domain", "uris", "security", "reason", "queries", "error"]


@pytest.mark.parametrize(
    ("records", "roots", "domain"),
    [
        # Below the root that answered, also where the record stands elsewhere.
        (['@ NAPTR 1 1 "u" "E2U+sip" "!^.*$!sip:a@b!" .'], ("x", "e164.arpa", "y"), "e164.arpa"),
        (
            ['@ NAPTR 1 1 "" "" "" n', 'n NAPTR 1 1 "u" "E2U+sip" "!^.*$!sip:a@b!" .'],
            ("x", "e164.arpa", "y"),
            "e164.arpa",
        ),
        # Where none did, below the last that was asked.
        ([], ("e164.arpa",), "e164.arpa"),
        ([], ("x", "e164.arpa", "y"), "y"),
    ],
)
def test_the_domain_is_that_below_the_root_that_decided(
    records: list[str], roots: tuple[str, ...], domain: str
) -> None:
    name = f"3.2.1.0.6.4.9.7.0.2.4.4.{domain}"
    assert document_of(*records, roots=roots)["domain"] == name


def test_of_a_number_that_was_not_asked_for_it_is_that_below_the_first_root() -> None:
    policy = Policy(enum_services=["pstn:sip"], enum_roots=["x", "y"])
    with pytest.raises(NoSuchNumber) as caught:
        Simulation({}, policy=policy).enum(f"tel:{NUMBER};npdi")  # RFC 4694 §5.1
    error = caught.value
    document = number_document("given", error.resolution, error, roots=policy.enum_roots)
    assert (document["number"], document["domain"]) == (NUMBER, "3.2.1.0.6.4.9.7.0.2.4.4.x")
    assert (document["queries"], document["security"]) == ([], None)


@pytest.mark.parametrize(
    ("uri", "portability"),
    [
        ("tel:+441", None),
        ("tel:+441;ext=7", None),
        ("tel:+441;npdi", {"rn": None, "npdi": True, "cic": None}),
        ("tel:+441;npdi;rn=+44-2", {"rn": "+442", "npdi": True, "cic": None}),
        ("tel:+441;cic=+44-3", {"rn": None, "npdi": False, "cic": "+443"}),
        ("sip:+441;npdi;rn=+442@example.com", {"rn": "+442", "npdi": True, "cic": None}),
        ("sip:alice;npdi@example.com", None),
    ],
)
def test_what_a_uri_says_of_portability(uri: str, portability: object) -> None:
    service = "pstn:sip" if uri.startswith("sip") else "pstn:tel"  # RFC 4769, RFC 4694
    policy = Policy(enum_services=["pstn:sip", "pstn:tel"])
    records = numbers(terminal(uri, service=f"E2U+{service}"))
    resolution = Simulation(records, policy=policy).enum(NUMBER)
    uris = number_document(NUMBER, resolution, None, roots=policy.enum_roots)["uris"]
    assert isinstance(uris, list)
    assert [found["portability"] for found in uris] == [portability]


def test_what_is_no_number_stands_there_as_it_was_given() -> None:
    error = InvalidNumber("what is wrong", text="020", position=0)
    assert number_document("020", None, error, roots=["e164.arpa"]) == {
        "number": "020",
        "domain": None,
        "uris": [],
        "security": None,
        "reason": None,
        "warnings": [],
        "queries": [],
        "error": {"code": "invalid-number", "message": "what is wrong"},
    }


def test_a_target_of_a_number_has_its_request_uri_as_well() -> None:
    records = numbers('@ NAPTR 1 1 "u" "E2U+sip" "!^(.*)$!SIP:\\1@192.0.2.1;User=Phone!" .')
    resolution = Simulation(records).resolve_number(NUMBER)
    document = resolution_document({"uri": f"tel:{NUMBER}"}, resolution, None)
    targets = document["targets"]
    assert isinstance(targets, list)
    [target] = targets
    assert list(target)[-2:] == ["ttl", "uri"]
    assert target["uri"] == f"sip:{NUMBER}@192.0.2.1;user=Phone"


KEYS = ["uri", "targets", "security", "reason", "warnings", "queries", "error"]
OF_A_NUMBER = ["number", "domain", "uris"]


def test_a_number_that_is_resolved_has_what_was_mapped_at_the_end() -> None:
    simulation = Simulation(numbers(terminal("sip:192.0.2.1")))
    roots = ["e164.arpa"]
    given = {"uri": "tel:+44-20-7946-0123"}
    found = simulation.resolve_number(NUMBER)
    document = resolution_document(given, found, None, roots=roots)
    mapped = number_document(given["uri"], simulation.enum(NUMBER), None, roots=roots)
    assert [*document] == [*KEYS, *OF_A_NUMBER]
    assert [document[key] for key in OF_A_NUMBER] == [mapped[key] for key in OF_A_NUMBER]


def test_a_local_number_that_is_resolved_stands_there_as_what_it_stands_for() -> None:
    found = Simulation(numbers(terminal("sip:192.0.2.1"))).resolve_number(NUMBER)
    local = evolve(found, subject=TelUri.parse("tel:0123;phone-context=+44207946"))
    document = resolution_document({"uri": "it"}, local, None, roots=["e164.arpa"])
    assert (document["number"], document["domain"]) == (NUMBER, DOMAIN)


def test_the_keys_of_a_number_that_is_resolved_are_there_where_nothing_was_found() -> None:
    error = InvalidNumber("what is wrong", text="tel:020", position=0)
    document = resolution_document({"uri": "tel:020"}, None, error, roots=["e164.arpa"])
    assert [*document] == [*KEYS, *OF_A_NUMBER]
    assert [document[key] for key in OF_A_NUMBER] == ["tel:020", None, []]
    with pytest.raises(NoSuchNumber) as caught:
        Simulation({}).resolve_number(NUMBER)
    resolution = caught.value.resolution
    document = resolution_document({"uri": "it"}, resolution, caught.value, roots=["e164.arpa"])
    assert [document[key] for key in OF_A_NUMBER] == [NUMBER, DOMAIN, []]


# --- Any document


def test_a_usage_error_has_no_other_keys() -> None:
    assert error_document("usage", "no URI") == {"error": {"code": "usage", "message": "no URI"}}


def test_a_document_is_one_line_of_printable_ascii() -> None:
    document = error_document("usage", "\x1b[2J\x7f\x9b\n§\u202e\udcff")
    text = dump(document)
    assert text.endswith("\n")
    assert text[:-1].isascii()
    assert text[:-1].isprintable()
    assert json.loads(text) == document
