"""The check of a signature, which the proofs of DNSSEC are handed."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from sipresolve.vocabulary.errors import Misuse

if TYPE_CHECKING:
    from collections.abc import Callable

    from sipresolve.backends.algorithms import Check
    from sipresolve.vocabulary.keys import DnsKey

__all__ = ["Signatures", "signatures"]

#: How many keys are kept ready for use: those of the zones of a few dozen domains.
_KEPT: Final = 256

#: The longest data of which it is kept whether a signature is right, in octets.
_LONGEST_KEPT: Final = 2048

#: The longest key of any algorithm that is checked, in octets: RSA, with a modulus of 4096 bits
#: behind an exponent of 8 octets and its length (RFC 3110 §2).
_LONGEST_KEY: Final = 3 + 8 + 512


def signatures() -> Signatures:
    """A check of signatures, with no keys in it yet.

    Raises:
        Misuse: What it checks them with is not installed.
    """
    try:
        from sipresolve.backends.algorithms import check_with  # noqa: PLC0415 - an extra
    except ImportError as error:
        message = "signatures are checked with cryptography, which is not installed"
        raise Misuse(f"{message}: pip install 'sipresolve[dnssec]'") from error
    return Signatures(check_with)


class Signatures:
    """Whether signatures are right. Threads may share it.

    It remembers the keys that it was asked for last, also those that are none: to make one ready
    costs a tenth to a half of checking a signature with it. And it remembers what it has checked
    last: one NSEC record says of many names and types that they do not exist.
    """

    def __init__(self, check_with: Callable[[DnsKey], Check | None]) -> None:
        self._check_with = lru_cache(_KEPT)(check_with)
        self._check_once = lru_cache(_KEPT)(self._check)

    def __call__(self, key: DnsKey, signature: bytes, data: bytes) -> bool:
        """Whether a key has made a signature over some data (RFC 4034 §3.1.8.1).

        Nothing is ever raised: it is not, where the key or the signature is malformed, where the
        algorithm is none that is checked, and where the key is beyond what its algorithm allows.
        """
        if len(key.key) > _LONGEST_KEY:
            return False
        check = self._check_once if len(data) <= _LONGEST_KEPT else self._check
        return check(key, signature, data)

    def _check(self, key: DnsKey, signature: bytes, data: bytes) -> bool:
        check = self._check_with(key)
        return check is not None and check(signature, data)
