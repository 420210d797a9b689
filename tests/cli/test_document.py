"""The JSON object: exactly the keys of the contract, whatever became of the resolution."""

from __future__ import annotations

import json
from ipaddress import IPv6Address

import pytest
from simulation import NEVER, Simulation, question, zone

from sipresolve import (
    Answer,
    InvalidUri,
    NoSuchDomain,
    Note,
    Query,
    Resolution,
    Security,
    SipUri,
    Source,
    Status,
    Target,
    Transport,
)
from sipresolve.cli.document import dump, error_document, resolution_document

SUBJECT = {"uri": "SIPS:Alice@Example.com"}

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
            ttl=300,
        ),
    ),
    security=Security.INSECURE,
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
                "ttl": 300,
            }
        ],
        "security": "insecure",
        "warnings": [{"code": "srv-failed", "message": "a warning"}],
        "queries": [
            {
                "name": "_sips._sctp.example.com",
                "type": "SRV",
                "status": "ok",
                "source": "additional",
                "ms": 12.1,
            }
        ],
        "error": None,
    }


def test_what_does_not_apply_is_null() -> None:
    resolution = Simulation({}).resolve("sip:192.0.2.1")
    document = resolution_document({"uri": "sip:192.0.2.1"}, resolution, None)
    assert document["security"] is None
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
            "ttl": None,
        }
    ]


def test_the_keys_are_the_same_where_nothing_was_begun() -> None:
    error = InvalidUri("what is wrong", text="x", position=0)
    assert resolution_document(SUBJECT, None, error) == {
        "uri": "SIPS:Alice@Example.com",
        "targets": [],
        "security": None,
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
    }
    assert "_sips._tcp.example.com" not in [query["name"] for query in queries]


def test_a_usage_error_has_no_other_keys() -> None:
    assert error_document("usage", "no URI") == {"error": {"code": "usage", "message": "no URI"}}


def test_a_document_is_one_line_of_printable_ascii() -> None:
    document = error_document("usage", "\x1b[2J\x7f\x9b\n§\u202e\udcff")
    text = dump(document)
    assert text.endswith("\n")
    assert text[:-1].isascii()
    assert text[:-1].isprintable()
    assert json.loads(text) == document
