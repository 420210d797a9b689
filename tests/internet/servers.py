"""The servers of the internet: BIND, Knot DNS and NSD have the zones, and Unbound asks them.

    with internet(folder) as net:
        net.plain       # an Unbound that resolves, and leaves proofs to who asks
        net.validating  # an Unbound that proves what it says

Each has a free port of 127.0.0.1, and ends with the block. Resolvers are told where each zone is,
so that no port 53 is needed; what proves a zone they have to ask its parent for, like anybody.
"""

from __future__ import annotations

import subprocess
import time
from base64 import b64encode
from contextlib import ExitStack, contextmanager
from itertools import cycle
from typing import TYPE_CHECKING, Final

import daemons
import dns.message
import dns.query
import dns.rdata
from attrs import frozen
from daemons import BIND, HOST, KNOT, START, CannotRun, Daemon, free_port, installed
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from internet.plans import Keys, Plan, built, keys_of
from internet.signing import Key, Nsec3, name_of
from internet.situations import ANCHORED, ZONES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    from dns.name import Name

__all__ = ["ANCHORS_OF_DELV", "Internet", "internet"]

#: The file of the keys that are known from the start, as delv wants it.
ANCHORS_OF_DELV: Final = "anchors.delv"

#: Which plans a server has, and the files of their zones.
_Served = dict[str, "list[tuple[Plan, Path]]"]

NSD: Final = """
server:
    ip-address: {host}@{port}
    server-count: 1
    zonesdir: "{folder}"
    database: ""
    pidfile: ""
    username: ""
    xfrdfile: ""
    zonelistfile: "{folder}/zone.list"
    xfrdir: "{folder}"
    rrl-ratelimit: 0
    rrl-whitelist-ratelimit: 0
remote-control:
    control-enable: no
"""

#: How Knot DNS signs a zone by itself.
_KNOT_POLICY: Final = """
policy:
  - id: own
    algorithm: ECDSAP256SHA256
    nsec3: on
    nsec3-iterations: 5
"""
_SIGNED_BY_KNOT: Final = "    dnssec-signing: on\n    dnssec-policy: own\n"

#: How BIND does.
_BIND_POLICY: Final = """
dnssec-policy "own" {
    keys { csk lifetime unlimited algorithm ecdsap256sha256; };
};
"""

#: It is told where all zones are, the root as well, so that it asks nobody outside.
UNBOUND: Final = """
server:
    directory: "{folder}"
    chroot: ""
    username: ""
    pidfile: ""
    use-syslog: no
    logfile: ""
    do-daemonize: no
    interface: {host}
    port: {port}
    num-threads: 1
    minimal-responses: no
    do-not-query-localhost: no
    do-ip6: no
    # What one question has shown answers no other.
    aggressive-nsec: no
    {modules}
remote-control:
    control-enable: no
"""

#: What makes Unbound leave proofs to who asks.
_PLAIN: Final = 'module-config: "iterator"'

#: What makes Unbound say what is proven, and why not.
_VALIDATING: Final = """
    module-config: "validator iterator"
    trust-anchor-file: "{anchors}"
    ede: yes
    val-log-level: 2
"""


@frozen
class Internet:
    """An internet that is running.

    Attributes:
        plain: Where a resolver is that proves nothing.
        validating: Where one is that does.
        anchors: The keys that are known from the start, by their zone.
        folder: Where its files are.
    """

    plain: Daemon
    validating: Daemon
    anchors: Mapping[str, DNSKEY]
    folder: Path


@contextmanager
def internet(folder: Path) -> Iterator[Internet]:
    """Run an internet for as long as the block takes."""
    for program in (*_AUTHORITIES, "plain", "validating"):
        (folder / program).mkdir()
    keys = keys_of(ZONES) | _keys_of_tools(folder)
    served = _written(folder, keys)
    anchors = {zone: keys[name_of(zone)][0].dnskey for zone in ANCHORED}
    _write_anchors(folder, anchors)
    stubs: dict[str, Daemon] = {}
    with ExitStack() as stack:
        for program, run in _AUTHORITIES.items():
            daemon = stack.enter_context(run(folder / program, served[program]))
            stubs |= dict.fromkeys((plan.zone for plan, _ in served[program]), daemon)
        _await_signatures(stubs)
        validation = _VALIDATING.format(anchors=folder / "anchors")
        plain = stack.enter_context(_unbound(folder / "plain", stubs, _PLAIN))
        validating = stack.enter_context(_unbound(folder / "validating", stubs, validation))
        yield Internet(plain, validating, anchors, folder)


def _write_anchors(folder: Path, anchors: Mapping[str, DNSKEY]) -> None:
    """The keys that are known from the start, in a file for Unbound, and in one for delv."""
    lines = [f"{zone} IN DNSKEY {key}\n" for zone, key in anchors.items()]
    (folder / "anchors").write_text("".join(lines))
    entries = [
        f'    "{zone}" static-key {key.flags} {key.protocol} {key.algorithm:d} '
        f'"{b64encode(key.key).decode()}";\n'
        for zone, key in anchors.items()
    ]
    (folder / ANCHORS_OF_DELV).write_text(f"trust-anchors {{\n{''.join(entries)}}};\n")


def _written(folder: Path, keys: Keys) -> _Served:
    """Write the files of all zones, each for the server that has it."""
    zones = built(ZONES, keys)
    turns = cycle(_AUTHORITIES)
    served: _Served = {program: [] for program in _AUTHORITIES}
    for plan in ZONES:
        program = plan.served_by or next(turns)
        path = folder / program / f"{plan.zone}zone"
        zones[plan.name].write(path)
        served[program].append((plan, path))
    return served


def _keys_of_tools(folder: Path) -> dict[Name, tuple[Key, ...]]:
    """Have the programs that sign a zone make its keys."""
    return {
        plan.name: (_TOOLS[plan.signed_by](folder / plan.signed_by, plan.zone),)
        for plan in ZONES
        if plan.signed_by
    }


def _key_of_bind(folder: Path, zone: str) -> Key:
    policy = folder / "policy.conf"
    policy.write_text(_BIND_POLICY)
    keygen = installed("dnssec-keygen", package="bind9-utils")
    made = _output(keygen, "-q", "-k", "own", "-l", str(policy), "-K", str(folder), zone)
    return _key_in((folder / f"{made.strip()}.key").read_text())


def _key_of_knot(folder: Path, zone: str) -> Key:
    configuration = _knot_configuration(
        folder, free_port(), [f"  - domain: {zone}\n{_SIGNED_BY_KNOT}"]
    )
    keymgr = [installed("keymgr", package="knot"), "-c", str(configuration), zone]
    _output(*keymgr, "generate", "algorithm=ECDSAP256SHA256", "ksk=yes", "zsk=no")
    _output(*keymgr, "generate", "algorithm=ECDSAP256SHA256", "ksk=no", "zsk=yes")
    return _key_in(_output(*keymgr, "dnskey"))


_TOOLS: Final[Mapping[str, Callable[[Path, str], Key]]] = {
    "bind": _key_of_bind,
    "knot": _key_of_knot,
}


def _key_in(text: str) -> Key:
    """The DNSKEY record in a text, as a key that is not ours to sign with."""
    line = next(line for line in text.splitlines() if " DNSKEY " in line and line[0] != ";")
    data = line.partition(" DNSKEY ")[2]
    dnskey = dns.rdata.from_text("IN", "DNSKEY", data)
    assert isinstance(dnskey, DNSKEY)

    def sign(octets: bytes) -> bytes:
        raise AssertionError(f"another program signs {octets!r}")

    return Key(dnskey, sign)


def _output(*command: str) -> str:
    ended = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - the command is ours
    if ended.returncode:
        raise CannotRun(f"{' '.join(command)} failed:\n{ended.stderr}")
    return ended.stdout


def _knot(folder: Path, served: list[tuple[Plan, Path]]) -> AbstractContextManager[Daemon]:
    port = free_port()
    lines = [
        f'  - domain: {plan.zone}\n    file: "{path}"\n'
        + (_SIGNED_BY_KNOT if plan.signed_by else "")
        for plan, path in served
    ]
    configuration = _knot_configuration(folder, port, lines)
    command = [installed("knotd", package="knot"), "--config", str(configuration)]
    return daemons.running(command, folder, (HOST, port), _names(served))


def _knot_configuration(folder: Path, port: int, zones: Iterable[str]) -> Path:
    configuration = folder / "knot.conf"
    start = KNOT.format(folder=folder, host=HOST, port=port)
    configuration.write_text(_KNOT_POLICY + start + "".join(zones))
    return configuration


def _bind(folder: Path, served: list[tuple[Plan, Path]]) -> AbstractContextManager[Daemon]:
    port = free_port()
    configuration = folder / "named.conf"
    options = BIND.format(folder=folder, host=HOST, port=port, role="recursion no;")
    zones = [
        f'zone "{plan.zone}" {{ type primary; file "{path}"; {_peculiar_to_bind(plan)} }};\n'
        for plan, path in served
    ]
    configuration.write_text(options + _BIND_POLICY + "".join(zones))
    named = daemons.unconfined("named", folder, package="bind9")
    command = [named, "-g", "-4", "-n", "1", "-c", str(configuration)]
    return daemons.running(command, folder, (HOST, port), _names(served))


def _peculiar_to_bind(plan: Plan) -> str:
    if plan.signed_by:
        return 'dnssec-policy "own"; inline-signing yes;'
    is_hashed_otherwise = isinstance(plan.denial, Nsec3) and plan.denial.algorithm != 1
    return "nsec3-test-zone yes;" if is_hashed_otherwise else ""


def _nsd(folder: Path, served: list[tuple[Plan, Path]]) -> AbstractContextManager[Daemon]:
    port = free_port()
    configuration = folder / "nsd.conf"
    zones = [f'zone:\n    name: {plan.zone}\n    zonefile: "{path}"\n' for plan, path in served]
    configuration.write_text(NSD.format(folder=folder, host=HOST, port=port) + "".join(zones))
    command = [installed("nsd", package="nsd"), "-d", "-c", str(configuration)]
    return daemons.running(command, folder, (HOST, port), _names(served))


_AUTHORITIES: Final = {"bind": _bind, "knot": _knot, "nsd": _nsd}


def _unbound(
    folder: Path, stubs: Mapping[str, Daemon], modules: str
) -> AbstractContextManager[Daemon]:
    port = free_port()
    configuration = folder / "unbound.conf"
    start = UNBOUND.format(folder=folder, host=HOST, port=port, modules=modules)
    zones = [
        f"stub-zone:\n    name: {zone}\n    stub-addr: {daemon.host}@{daemon.port}\n"
        for zone, daemon in stubs.items()
    ]
    configuration.write_text(start + "".join(zones))
    unbound = daemons.unconfined("unbound", folder, package="unbound")
    command = [unbound, "-d", "-c", str(configuration)]
    return daemons.running(command, folder, (HOST, port), ["."])


def _names(served: list[tuple[Plan, Path]]) -> list[str]:
    return [plan.zone for plan, _ in served]


def _await_signatures(stubs: Mapping[str, Daemon]) -> None:
    """Wait until the zones that other programs sign are signed.

    Raises:
        CannotRun: That takes long.
    """
    deadline = time.monotonic() + START
    for plan in ZONES:
        while plan.signed_by and not _is_signed(plan.zone, stubs[plan.zone]):
            if time.monotonic() > deadline:
                raise CannotRun(f"{plan.signed_by} does not sign {plan.zone}")
            time.sleep(0.05)


def _is_signed(zone: str, at: Daemon) -> bool:
    query = dns.message.make_query(zone, "SOA", want_dnssec=True)
    response = dns.query.udp(query, at.host, port=at.port, timeout=2)
    return any(rrset.rdtype == RdataType.RRSIG for rrset in response.answer)
