"""Signatures: the examples of the RFCs, what differs from them in an octet, and made ones."""

from __future__ import annotations

import itertools
import subprocess
import sys
from base64 import b64decode
from concurrent.futures import ThreadPoolExecutor
from struct import Struct
from typing import TYPE_CHECKING, Any

import pytest
from attrs import evolve, frozen
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512
from hypothesis import given
from hypothesis import strategies as st

from sipresolve.backends.signatures import Signatures, signatures
from sipresolve.vocabulary.errors import Misuse
from sipresolve.vocabulary.evidence import wire_of
from sipresolve.vocabulary.keys import DnsKey

if TYPE_CHECKING:
    from collections.abc import Callable

    from cryptography.hazmat.primitives.hashes import HashAlgorithm

    from sipresolve.backends.algorithms import Check


@frozen
class Signed:
    key: DnsKey
    signature: bytes
    data: bytes

    def is_right(self) -> bool:
        return CHECK(self.key, self.signature, self.data)


CHECK = signatures()

_RRSIG = Struct("!HBBIIIH")
_RR = Struct("!HHIH")


def example(  # noqa: PLR0913 - what the RFCs print
    key: str, *, tag: int, owner: str, type_: int, rdata: bytes, valid: tuple[int, int], made: str
) -> Signed:
    """RFC 4034 §3.1.8.1: the RRSIG data but for the signature, and the records."""
    flags, protocol, algorithm, octets = key.split(maxsplit=3)
    dnskey = DnsKey(int(flags), int(protocol), int(algorithm), b64decode(octets))
    assert dnskey.tag == tag
    name = wire_of(tuple(label.encode() for label in owner.split(".")))
    signer = wire_of(tuple(label.encode() for label in owner.split(".")[-2:]))
    head = _RRSIG.pack(type_, dnskey.algorithm, 3, 3600, *valid, tag) + signer
    record = name + _RR.pack(type_, 1, 3600, len(rdata)) + rdata
    return Signed(dnskey, b64decode(made), head + record)


A, MX = 1, 15
MAIL = b"\0\x0a" + wire_of((b"mail", b"example", b"com"))
OF_5702: dict[str, Any] = {
    "owner": "www.example.net",
    "type_": A,
    "rdata": bytes((192, 0, 2, 91)),
    "valid": (1893456000, 946684800),  # 2030-01-01, 2000-01-01
}
OF_6605: dict[str, Any] = {"owner": "www.example.net", "type_": A, "rdata": bytes((192, 0, 2, 1))}
#: What these sign says 3 labels, where the owner has 2: a flaw of the examples alone.
OF_8080: dict[str, Any] = {
    "owner": "example.com",
    "type_": MX,
    "rdata": MAIL,
    "valid": (1440021600, 1438207200),
}

EXAMPLES = {
    "RFC 5702 §6.1, RSA/SHA-256": example(
        "256 3 8 AwEAAcFcGsaxxdgiuuGmCkVImy4h99CqT7jwY3pexPGcnUFtR2Fh36BponcwtkZ4cAgtvd4Qs8PkxUdp6p"
        "/DlUmObdk=",
        tag=9033,
        made="kRCOH6u7l0QGy9qpC9l1sLncJcOKFLJ7GhiUOibu4teYp5VE9RncriShZNz85mwlMgNEacFYK/lPtPiVYP4bw"
        "g==",
        **OF_5702,
    ),
    "RFC 5702 §6.2, RSA/SHA-512": example(
        "256 3 10 AwEAAdHoNTOW+et86KuJOWRDp1pndvwb6Y83nSVXXyLA3DLroROUkN6X0O6pnWnjJQujX/AyhqFDxj13t"
        "OnD9u/1kTg7cV6rklMrZDtJCQ5PCl/D7QNPsgVsMu1J2Q8gpMpztNFLpPBz1bWXjDtaR7ZQBlZ3PFY12ZTSncorffc"
        "GmhOL",
        tag=3740,
        made="tsb4wnjRUDnB1BUi+t6TMTXThjVnG+eCkWqjvvjhzQL1d0YRoOe0CbxrVDYd0xDtsuJRaeUw1ep94PzEWzr0i"
        "GYgZBWm/zpq+9fOuagYJRfDqfReKBzMweOLDiNa8iP5g9vMhpuv6OPlvpXwm9Sa9ZXIbNl1MBGk0fthPgxdDLw=",
        **OF_5702,
    ),
    "RFC 6605 §6.1, P-256": example(
        "257 3 13 GojIhhXUN/u4v54ZQqGSnyhWJwaubCvTmeexv7bR6edbkrSqQpF64cYbcB7wNcP+e+MAnLr+Wi9xMWyQL"
        "c8NAA==",
        tag=55648,
        made="qx6wLYqmh+l9oCKTN6qIc+bw6ya+KJ8oMz0YP107epXAyGmt+3SNruPFKG7tZoLBLlUzGGus7ZwmwWep666VC"
        "w==",
        valid=(1284026679, 1281607479),  # 20100909100439, 20100812100439
        **OF_6605,
    ),
    "RFC 6605 §6.2, P-384": example(
        "257 3 14 xKYaNhWdGOfJ+nPrL8/arkwf2EY3MDJ+SErKivBVSum1w/egsXvSADtNJhyem5RCOpgQ6K8X1DRSEkrbY"
        "Q+OB+v8/uX45NBwY8rp65F6Glur8I/mlVNgF6W/qTI37m40",
        tag=10771,
        made="/L5hDKIvGDyI1fcARX3z65qrmPsVz73QD1Mr5CEqOiLP95hxQouuroGCeZOvzFaxsT8Glr74hbavRKayJNuyd"
        "CuzWTSSPdz7wnqXL5bdcJzusdnI0RSMROxxwGipWcJm",
        valid=(1284027625, 1281608425),  # 20100909102025, 20100812102025
        **OF_6605,
    ),
    "RFC 8080 §6.1, Ed25519": example(
        "257 3 15 l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=",
        tag=3613,
        made="Edk+IB9KNNWg0HAjm7FazXyrd5m3Rk8zNZbvNpAcM+eysqcUOMIjWoevFkjH5GaMWeG96GUVZu6ECKOQmemHD"
        "g==",
        **OF_8080,
    ),
    "RFC 8080 §6.1, the second": example(
        "257 3 15 zPnZ/QwEe7S8C5SPz2OfS5RR40ATk2/rYnE9xHIEijs=",
        tag=35217,
        made="5LL2obmzdqjWI+Xto5eP5adXt/T5tMhasWvwcyW4L3SzfcRawOle9bodhC+oip9ayUGjY9T/rL4rN3bOuESGD"
        "A==",
        **OF_8080,
    ),
    "RFC 8080 §6.2, Ed448": example(
        "257 3 16 3kgROaDjrh0H2iuixWBrc8g2EpBBLCdGzHmn+G2MpTPhpj/OiBVHHSfPodx1FYYUcJKm1MDpJtIA",
        tag=9713,
        made="Nmc0rgGKpr3GKYXcB1JmqqS4NYwhmechvJTqVzt3jR+Qy/lSLFoIk1L+9e39GPL+5tVzDPN3f9kAwiu8KCuPP"
        "jtl227ayaCZtRKZuJax7n9NuYlZJIusX0SOIOKBGzG+yWYtz1/jjbzl5GGkWvREUCUA",
        **OF_8080,
    ),
    "RFC 8080 §6.2, the second": example(
        "257 3 16 kkreGWoccSDmUBGAe7+zsbG6ZAFQp+syPmYUurBRQc3tDjeMCJcVMRDmgcNLp5HlHAMy12VoISsA",
        tag=38353,
        made="+JjANio/LIzp7osmMYE5XD3H/YES8kXs5Vb9H8MjPS8OAGZMD37+LsCIcjg5ivt0d4Om/UaqETEAsJjaYe56C"
        "EQP5lhRWuD2ivBqE0zfwJTyp4WqvpULbpvaukswvv/WNEFxzEYQEIm9+xDlXj4pMAMA",
        **OF_8080,
    ),
}


def rsa_key(algorithm: int, hashed_by: HashAlgorithm, data: bytes) -> Signed:
    private = rsa.generate_private_key(65537, 2048)
    modulus = private.public_key().public_numbers().n.to_bytes(256)
    key = DnsKey(256, 3, algorithm, b"\3\1\0\1" + modulus)
    return Signed(key, private.sign(data, PKCS1v15(), hashed_by), data)


def ecdsa_key(
    algorithm: int, curve: ec.EllipticCurve, hashed_by: HashAlgorithm, size: int, data: bytes
) -> Signed:
    private = ec.generate_private_key(curve)
    point = private.public_key().public_numbers()
    key = DnsKey(257, 3, algorithm, point.x.to_bytes(size) + point.y.to_bytes(size))
    r, s = decode_dss_signature(private.sign(data, ec.ECDSA(hashed_by)))
    return Signed(key, r.to_bytes(size) + s.to_bytes(size), data)


def eddsa_key(
    algorithm: int, private: ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey, data: bytes
) -> Signed:
    key = DnsKey(257, 3, algorithm, private.public_key().public_bytes_raw())
    return Signed(key, private.sign(data), data)


MAKERS: dict[int, Callable[[bytes], Signed]] = {
    8: lambda data: rsa_key(8, SHA256(), data),
    10: lambda data: rsa_key(10, SHA512(), data),
    13: lambda data: ecdsa_key(13, ec.SECP256R1(), SHA256(), 32, data),
    14: lambda data: ecdsa_key(14, ec.SECP384R1(), SHA384(), 48, data),
    15: lambda data: eddsa_key(15, ed25519.Ed25519PrivateKey.generate(), data),
    16: lambda data: eddsa_key(16, ed448.Ed448PrivateKey.generate(), data),
}


@pytest.mark.parametrize("signed", EXAMPLES.values(), ids=EXAMPLES)
def test_the_examples_of_the_rfcs(signed: Signed) -> None:
    assert signed.is_right()


@pytest.mark.parametrize("algorithm", MAKERS)
def test_a_key_checks_its_own_signatures_only(algorithm: int) -> None:
    one, other = MAKERS[algorithm](b"one"), MAKERS[algorithm](b"other")
    assert one.is_right()
    assert other.is_right()
    assert not CHECK(one.key, other.signature, other.data)
    assert not CHECK(one.key, one.signature, other.data)
    assert not CHECK(one.key, b"", one.data)


@pytest.mark.parametrize("algorithm", [*range(8), 9, 11, 12, *range(17, 256)])
def test_an_algorithm_that_is_not_checked_is_never_right(algorithm: int) -> None:
    """Those before RSA/SHA-256 among them (RFC 8624 §3.1: MUST NOT, or NOT RECOMMENDED)."""
    for signed in EXAMPLES.values():
        assert not evolve(signed, key=evolve(signed.key, algorithm=algorithm)).is_right()


@pytest.mark.parametrize("signed", EXAMPLES.values(), ids=EXAMPLES)
def test_no_algorithm_takes_the_signatures_of_another(signed: Signed) -> None:
    for algorithm in {*MAKERS} - {signed.key.algorithm}:
        assert not evolve(signed, key=evolve(signed.key, algorithm=algorithm)).is_right()


def with_an_octet_changed(octets: bytes) -> st.SearchStrategy[bytes]:
    def changed(place: int, by: int) -> bytes:
        return octets[:place] + bytes((octets[place] ^ by,)) + octets[place + 1 :]

    return st.builds(changed, st.integers(0, len(octets) - 1), st.integers(1, 255))


examples = st.sampled_from(list(EXAMPLES.values()))


@given(st.data())
def test_any_octet_of_signature_and_data_and_key_counts(data: st.DataObject) -> None:
    signed = data.draw(examples)
    for changed in (
        evolve(signed, signature=data.draw(with_an_octet_changed(signed.signature))),
        evolve(signed, data=data.draw(with_an_octet_changed(signed.data))),
        evolve(
            signed, key=evolve(signed.key, key=data.draw(with_an_octet_changed(signed.key.key)))
        ),
    ):
        assert not changed.is_right()


@given(examples, st.binary(min_size=1, max_size=3))
def test_lengths_count(signed: Signed, more: bytes) -> None:
    """RFC 6605 §4, RFC 8080 §4, RFC 5702 §3: a signature has one length, and so have keys."""
    halves = len(signed.signature) // 2
    zeros = bytes(len(more))
    for signature in (
        signed.signature + more,
        zeros + signed.signature,
        signed.signature[:halves] + zeros + signed.signature[halves:],
        signed.signature[: -len(more)],
    ):
        assert not evolve(signed, signature=signature).is_right()
    for octets in (signed.key.key + more, signed.key.key[: -len(more)]):
        assert not evolve(signed, key=evolve(signed.key, key=octets)).is_right()


@given(
    key=st.builds(
        DnsKey,
        st.sampled_from([0, 256, 257, 385]),
        st.just(3),
        st.sampled_from(list(MAKERS)),
        st.binary(max_size=140) | st.integers(0, 65_535).map(bytes),
    ),
    signature=st.binary(max_size=140)
    | st.sampled_from([each.signature for each in EXAMPLES.values()]),
    data=st.binary(max_size=20),
)
def test_nothing_is_ever_raised(key: DnsKey, signature: bytes, data: bytes) -> None:
    assert not CHECK(key, signature, data)


# --- The keys that are kept


def test_a_key_is_made_ready_once_and_the_one_that_was_not_used_for_longest_goes() -> None:
    made: list[int] = []
    sizes = itertools.count()  # of data that have not been checked before

    def check_with(key: DnsKey) -> Check | None:
        made.append(key.key[0] + 256 * key.key[1])
        return None if key.key[0] % 2 else lambda signature, _: signature == b"right"

    check = Signatures(check_with)

    def ask(number: int) -> bool:
        return check(DnsKey(257, 3, 13, number.to_bytes(2, "little")), b"right", bytes(next(sizes)))

    assert [ask(number) for number in range(256)] == [True, False] * 128
    assert [ask(number) for number in (0, 1, 0, 255)] == [True, False, True, False]
    assert made == [*range(256)]
    ask(256)
    ask(0)
    ask(2)
    assert made == [*range(256), 256, 2]


@pytest.mark.parametrize(("octets", "times"), [(0, 1), (2048, 1), (2049, 3)])
def test_what_has_been_checked_is_not_checked_again(octets: int, times: int) -> None:
    """One NSEC record says of many names that they do not exist; long data are not kept."""
    checked: list[bytes] = []

    def check_with(_: DnsKey) -> Check:
        def is_right(signature: bytes, data: bytes) -> bool:
            checked.append(data)
            return signature == b"right"

        return is_right

    check, key, data = Signatures(check_with), DnsKey(257, 3, 13, b"k"), bytes(octets)
    assert [check(key, b"right", data) for _ in range(3)] == [True] * 3
    assert [check(key, b"wrong", data) for _ in range(3)] == [False] * 3
    assert len(checked) == 2 * times
    assert not check(DnsKey(256, 3, 13, b"k"), b"wrong", data)
    assert len(checked) == 2 * times + 1


def test_a_key_that_is_too_long_for_any_algorithm_is_not_kept() -> None:
    """RFC 3110 §2 and RFC 5702 §2: 523 octets at most, where exponents have 64 bits."""
    check = Signatures(lambda _: lambda _signature, _data: True)
    assert check(DnsKey(256, 3, 8, bytes(523)), b"", b"")
    assert not check(DnsKey(256, 3, 8, bytes(524)), b"", b"")


def test_threads_share_it() -> None:
    check = signatures()
    right = [*EXAMPLES.values(), *(MAKERS[13](bytes((number,))) for number in range(12))]
    wrong = [evolve(signed, data=signed.data + b"!") for signed in right]

    def ask(signed: Signed) -> bool:
        return check(signed.key, signed.signature, signed.data)

    with ThreadPoolExecutor(8) as pool:
        for _ in range(3):
            assert [*pool.map(ask, right)] == [True] * len(right)
            assert [*pool.map(ask, wrong)] == [False] * len(wrong)


# --- Without the extra


def test_what_is_missing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "sipresolve.backends.algorithms", raising=False)
    monkeypatch.setitem(sys.modules, "cryptography.exceptions", None)
    missing = r"cryptography, which is not installed: pip install 'sipresolve\[dnssec\]'"
    with pytest.raises(Misuse, match=missing) as raised:
        signatures()
    assert isinstance(raised.value.__cause__, ImportError)


def test_cryptography_is_imported_by_who_checks_signatures_and_by_nobody_else() -> None:
    program = """
import sys
import sipresolve
from sipresolve.backends.signatures import signatures
assert not {"cryptography", "dns"} & {*sys.modules}
signatures()
assert "cryptography" in sys.modules and "dns" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)  # noqa: S603 - our own
