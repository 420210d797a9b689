"""Zone files: the syntax of RFC 1035 §5.1 and RFC 2308 §4, and what is wrong with a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from dns.exception import DNSException
from hypothesis import given
from strategies import zone_file_texts

from sipresolve.backends.zonefile import DEFAULT_TTL, Entry, read_file, read_text
from sipresolve.vocabulary.errors import InputError, InvalidZone

if TYPE_CHECKING:
    from pathlib import Path


def lines(entries: tuple[Entry, ...]) -> list[str]:
    return [f"{entry.owner} {entry.ttl} {entry.rdata}" for entry in entries]


SYNTAX = {
    "an absolute name": ("Example.COM. 60 IN A 192.0.2.1", ["example.com 60 192.0.2.1"]),
    "class before TTL": ("example.com. IN 60 A 192.0.2.1", ["example.com 60 192.0.2.1"]),
    "no class": ("example.com. 60 A 192.0.2.1", ["example.com 60 192.0.2.1"]),
    "keywords in lower case": ("example.com. 60 in a 192.0.2.1", ["example.com 60 192.0.2.1"]),
    "units of time": ("example.com. 1h30m IN A 192.0.2.1", ["example.com 5400 192.0.2.1"]),
    "relative names": (
        "$ORIGIN example.com.\n@ 60 SRV 1 2 3 a\nb 60 CNAME @\n* 60 CNAME c.d",
        [
            "example.com 60 1 2 3 a.example.com.",
            "b.example.com 60 example.com.",
            "*.example.com 60 c.d.example.com.",
        ],
    ),
    "a relative origin": (
        "$ORIGIN com.\n$origin example\nwww 60 A 192.0.2.1",
        ["www.example.com 60 192.0.2.1"],
    ),
    "the owner of the record before": (
        "example.com. 60 A 192.0.2.1\n  60 A 192.0.2.2\n\t60 A 192.0.2.3",
        ["example.com 60 192.0.2.1", "example.com 60 192.0.2.2", "example.com 60 192.0.2.3"],
    ),
    "comments and blank lines": (
        "; a zone\n\n   \n  ; indented\nexample.com. 60 A 192.0.2.1 ; host\n",
        ["example.com 60 192.0.2.1"],
    ),
    "parentheses": (
        "example.com. 60 SRV ( 1 2 ; weight\n 3\n sip.example.com. )\n",
        ["example.com 60 1 2 3 sip.example.com."],
    ),
    "a type by its number (RFC 3597)": (
        r"example.com. 60 TYPE65534 \# 2 ab01",
        [r"example.com 60 \# 2 ab01"],
    ),
    "an escaped name": (r"a\.b\$.example. 60 A 192.0.2.1", [r"a\046b\$.example 60 192.0.2.1"]),
    "line ends of Windows": (
        "$ORIGIN example.com.\r\nwww 60 A 192.0.2.1\r\n",
        ["www.example.com 60 192.0.2.1"],
    ),
    "nothing": ("", []),
    "the root": (". 60 NS a.example.", [". 60 a.example."]),
    "a TTL of 0": ("example.com. 0 A 192.0.2.1", ["example.com 0 192.0.2.1"]),
    "a TTL of 2^31": ("example.com. 2147483648 A 192.0.2.1", ["example.com 2147483648 192.0.2.1"]),
}


@pytest.mark.parametrize(("text", "records"), SYNTAX.values(), ids=SYNTAX)
def test_syntax(text: str, records: list[str]) -> None:
    assert lines(read_text(text)) == records


SOA = "@ {ttl} SOA ns hostmaster 1 2 3 4 30"

TTLS = {
    "none anywhere": ("a A 192.0.2.1", [DEFAULT_TTL]),
    # RFC 1035 §5.1: "Omitted class and TTL values are default to the last explicitly stated
    # values."
    "the one stated last": ("a 60 A 192.0.2.1\nb A 192.0.2.1", [60, 60]),
    "a directive": ("$TTL 90\na A 192.0.2.1\nb 60 A 192.0.2.1\nc A 192.0.2.1", [90, 60, 90]),
    "a directive of 0": ("$TTL 0\na 60 A 192.0.2.1\nb A 192.0.2.1", [60, 0]),
    "a second directive": ("$TTL 1m\na A 192.0.2.1\n$TTL 2m\nb A 192.0.2.1", [60, 120]),
    "the minimum of the SOA": (f"{SOA.format(ttl='')}\na A 192.0.2.1", [30, 30]),
    "stated by the SOA": (f"{SOA.format(ttl=60)}\na A 192.0.2.1", [60, 60]),
    "a directive before the SOA": (f"$TTL 90\n{SOA.format(ttl='')}\na A 192.0.2.1", [90, 90]),
}


@pytest.mark.parametrize(("text", "ttls"), TTLS.values(), ids=TTLS)
def test_the_ttl_where_none_is_stated(text: str, ttls: list[int]) -> None:
    assert [entry.ttl for entry in read_text(text, "example.com")] == ttls


def test_an_origin_that_is_given() -> None:
    assert lines(read_text("www 60 A 192.0.2.1", "example.com.")) == [
        "www.example.com 60 192.0.2.1"
    ]


def test_an_included_file_is_beside_the_one_that_includes_it(tmp_path: Path) -> None:
    inner = tmp_path / "parts"
    inner.mkdir()
    (tmp_path / "zone").write_text(
        "$ORIGIN example.com.\n$TTL 60\n@ A 192.0.2.1\n"
        "$INCLUDE parts/hosts sub ; all hosts\n A 192.0.2.4\nwww A 192.0.2.5\n"
        '$INCLUDE "parts/more"\n'
    )
    (inner / "hosts").write_text("a A 192.0.2.2\n$ORIGIN elsewhere.\n$TTL 90\n$INCLUDE more\n")
    (inner / "more").write_text("b A 192.0.2.3\n")
    # RFC 1035 §5.1: $INCLUDE never changes the origin of the file that it stands in.
    assert lines(read_file(tmp_path / "zone")) == [
        "example.com 60 192.0.2.1",
        "a.sub.example.com 60 192.0.2.2",
        "b.elsewhere 90 192.0.2.3",
        "example.com 60 192.0.2.4",
        "www.example.com 60 192.0.2.5",
        "b.example.com 60 192.0.2.3",
    ]


def test_text_includes_from_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "hosts").write_text("a 60 A 192.0.2.1\n")
    monkeypatch.chdir(tmp_path)
    assert lines(read_text("$INCLUDE hosts", "example.com")) == ["a.example.com 60 192.0.2.1"]


def test_a_file_that_begins_with_a_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / "zone").write_bytes(b"\xef\xbb\xbf$ORIGIN example.com.\nwww 60 A 192.0.2.1\n")
    assert lines(read_file(str(tmp_path / "zone"))) == ["www.example.com 60 192.0.2.1"]


FAULTS = {
    "no type": (1, "example.com. 60 IN", "something is missing"),
    "an unknown type": (2, "\nexample.com. FOO bar", "'FOO' is neither the class IN nor a type"),
    "another class": (1, "example.com. CH A 192.0.2.1", "'CH' is neither the class IN nor a type"),
    "a type beyond 65535": (1, "example.com. TYPE65536 x", "'TYPE65536' is neither"),
    "a bad TTL": (1, "example.com. 12x IN A 192.0.2.1", "example.com. 12x IN A 192.0.2.1"),
    "a TTL beyond 32 bits": (1, "example.com. 4294967296 A 192.0.2.1", "a TTL is beyond 2^32 - 1"),
    "a bad $TTL": (3, "; 1\n; 2\n$TTL soon", "$TTL soon"),
    "an empty $TTL": (1, "$TTL", "$TTL"),
    "words after $TTL": (1, "$TTL 1 2", "$TTL 1 2"),
    "a bad address": (1, "example.com. A 192.0.2.256", "192.0.2.256"),
    "data that is missing": (1, "example.com. SRV 1 2 3", "example.com. SRV 1 2 3"),
    "data that is too much": (1, "example.com. A 192.0.2.1 192.0.2.2", "192.0.2.2"),
    "a label that is too long": (1, f"{'a' * 64}.example. A 192.0.2.1", "more than 63 octets"),
    "an empty label": (1, "a..example. A 192.0.2.1", "a..example."),
    "parentheses left open": (1, "example.com. SRV ( 1 2\n3 a.", "example.com. SRV ( 1 2"),
    "quotes left open": (1, 'example.com. TXT "a\n', "example.com. TXT"),
    "an unknown directive": (1, "$GENERATE 1-9 a$ A 192.0.2.$", "no directive '$GENERATE'"),
    "no owner": (1, "  A 192.0.2.1", "no record before it in this file has an owner"),
    "a quoted owner": (1, '"example.com." A 192.0.2.1', "example.com."),
    "a relative owner": (1, "www A 192.0.2.1", "'www' is relative to an origin"),
    "relative data": (1, "a. CNAME www", "its data is relative to an origin"),
    "a relative $ORIGIN": (1, "$ORIGIN example.com", "'example.com' is relative to an origin"),
    "words after $ORIGIN": (1, "$ORIGIN a. b.", "$ORIGIN a. b."),
    "a file that is not there": (1, "$INCLUDE nosuch", "cannot read 'nosuch': no such file"),
    "a relative origin of a file": (1, "$INCLUDE nosuch a", "'a' is relative to an origin"),
    "words after $INCLUDE": (1, "$INCLUDE nosuch a. b.", "$INCLUDE nosuch a. b."),
    "a file that cannot have a name": (1, '$INCLUDE "a\\000b"', "cannot read 'a\\x00b'"),
}


@pytest.mark.parametrize(("line", "text", "message"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_told_with_its_line(line: int, text: str, message: str) -> None:
    with pytest.raises(InvalidZone) as raised:
        read_text(text)
    assert (raised.value.source, raised.value.line) == ("<text>", line)
    assert raised.value.message.startswith(f"<text>:{line}: ")
    assert message in raised.value.message
    assert raised.value.code == "usage"
    assert isinstance(raised.value, InputError)


def test_the_exception_of_dnspython_is_the_cause() -> None:
    with pytest.raises(InvalidZone) as raised:
        read_text("example.com. A 192.0.2.256")
    assert isinstance(raised.value.__cause__, DNSException)


def test_a_fault_in_an_included_file_is_told_there(tmp_path: Path) -> None:
    (tmp_path / "zone").write_text("$INCLUDE hosts example.\n")
    (tmp_path / "hosts").write_text("a 60 A 192.0.2.1\na 60 A x\n")
    with pytest.raises(InvalidZone) as raised:
        read_file(tmp_path / "zone")
    assert (raised.value.source, raised.value.line) == (str(tmp_path / "hosts"), 2)


@pytest.mark.parametrize("others", [("zone",), ("other", "zone"), ("./other", "../{}/other")])
def test_files_that_include_each_other(tmp_path: Path, others: tuple[str, ...]) -> None:
    for name, included in zip(("zone", *others), others, strict=False):
        (tmp_path / name).write_text(f"\n$INCLUDE {included.format(tmp_path.name)}\n")
    with pytest.raises(InvalidZone, match=r":2: \$INCLUDE of .* leads in a circle"):
        read_file(tmp_path / "zone")


def test_a_file_may_be_included_twice(tmp_path: Path) -> None:
    (tmp_path / "zone").write_text("$INCLUDE hosts a.\n$INCLUDE hosts b.\n")
    (tmp_path / "hosts").write_text("@ 60 A 192.0.2.1\n")
    assert [entry.owner for entry in read_file(tmp_path / "zone")] == ["a", "b"]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InvalidZone, match=r"cannot read .*: no such file or directory") as raised:
        read_file(tmp_path / "nosuch")
    assert (raised.value.source, raised.value.line) == (str(tmp_path / "nosuch"), None)
    assert isinstance(raised.value.__cause__, FileNotFoundError)


@pytest.mark.parametrize("text", ["", "\n", "; a comment\n", "$TTL 60\n$ORIGIN example.com.\n"])
def test_a_file_that_holds_no_records(tmp_path: Path, text: str) -> None:
    (tmp_path / "zone").write_text(text)
    with pytest.raises(InvalidZone, match=r"zone' holds no records$") as raised:
        read_file(tmp_path / "zone")
    assert (raised.value.source, raised.value.line) == (str(tmp_path / "zone"), None)


def test_an_included_file_may_be_empty(tmp_path: Path) -> None:
    (tmp_path / "zone").write_text("$INCLUDE hosts\na.example. 60 A 192.0.2.1\n")
    (tmp_path / "hosts").write_text("; none yet\n")
    assert lines(read_file(tmp_path / "zone")) == ["a.example 60 192.0.2.1"]


def test_a_folder(tmp_path: Path) -> None:
    with pytest.raises(InvalidZone, match=r"cannot read .*: is a directory"):
        read_file(tmp_path)


def test_a_file_that_is_not_utf_8(tmp_path: Path) -> None:
    (tmp_path / "zone").write_bytes(b"; one\n; caf\xe9\n")
    with pytest.raises(InvalidZone, match=r"zone:2: it is not in UTF-8$") as raised:
        read_file(tmp_path / "zone")
    assert (raised.value.source, raised.value.line) == (str(tmp_path / "zone"), 2)
    assert isinstance(raised.value.__cause__, UnicodeDecodeError)


def test_an_origin_that_is_no_name() -> None:
    with pytest.raises(InvalidZone, match=r"the origin 'a\.\.b' is no domain name"):
        read_text("", "a..b")


@given(zone_file_texts)
def test_any_text_is_a_zone_or_an_error_of_ours(text: str) -> None:
    try:
        entries = read_text(text, "example.com")
    except InvalidZone:
        return
    assert all(0 <= entry.ttl < 2**32 for entry in entries)
