"""Whether the audit is as it was left: every line, key, signature and checkpoint is looked at."""

from collections.abc import Iterable

import msgspec

from graphsvc.access.chain import GENESIS, Broken, Chain, Head, Line, digest, open_line
from graphsvc.access.sealed import ERASED, Seals, Unreadable
from graphsvc.vault import SIZE

MOST_FINDINGS = 50


class Verdict(msgspec.Struct):
    """``findings`` is empty when all is well, one sentence each otherwise; ``erased`` counts lawful erasures."""

    lines: int = 0
    erased: int = 0
    checkpoints: int = 0
    findings: list[str] = []

    def find(self, sentence: str) -> None:
        """Add a finding, as long as there are few."""
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(sentence)


def verify(chain: Chain, seals: Seals, witnessed: Iterable[Head | None] = ()) -> Verdict:
    """Check the whole audit, and against signed heads that a witness kept. Nothing may be appended meanwhile."""
    with chain.locked():
        return _Verification(chain, seals, list(witnessed)).run()


class _Verification:
    def __init__(self, chain: Chain, seals: Seals, witnessed: list[Head | None]) -> None:
        self.chain = chain
        self.seals = seals
        self.verdict = Verdict()
        self.signed: list[tuple[str, Head]] = []
        self.hashes: dict[int, str] = {}
        self.keyless: set[int] = set()
        self.erasures: set[int] = set()
        self.prev = GENESIS
        self.next = 0
        self._take("checkpoint", chain.checkpoints())
        self._take("witness", witnessed)

    def _take(self, whose: str, heads: list[Head | None]) -> None:
        for at, head in enumerate(heads, 1):
            if head is None or not self.chain.genuine(head):
                self.verdict.find(f"{whose} {at} is damaged, or was not signed here")
            else:
                self.signed.append((f"{whose} {at}", head))
                self.verdict.checkpoints += 1

    def run(self) -> Verdict:
        head = self._head()
        self.wanted = {signed.n for _, signed in self.signed} | ({head.n} if head else set())
        for segment in self.chain.segments():
            self._segment(segment, head)
        if head is not None:
            self.signed.append(("the head", head))
            if self.next <= head.n:
                self.verdict.find(f"lines {self.next} to {head.n} are missing at the end")
        for whose, signed in self.signed:
            if self.hashes.get(signed.n) != signed.hash:
                self.verdict.find(f"line {signed.n} is missing or not the one that {whose} signed")
        for n in sorted(self.keyless - self.erasures):
            self.verdict.find(f"line {n} lost its key without a recorded erasure")
        self.verdict.erased = len(self.keyless & self.erasures)
        return self.verdict

    def _head(self) -> Head | None:
        try:
            return self.chain.head()
        except Broken as error:
            self.verdict.find(str(error).split(";")[0])
            return None

    def _segment(self, segment: int, head: Head | None) -> None:
        name = self.chain.log(segment).name
        if segment != self.next:
            self.verdict.find(f"{name} begins at line {segment}, and line {self.next} was to come")
        raw = self.chain.log(segment).read_bytes()
        if head is not None and (
            segment > head.segment or (segment == head.segment and len(raw) > head.size)
        ):
            self.verdict.find(f"{name} goes on after the signed end: a crash, or something was added")
            raw = raw[: head.size] if segment == head.segment else b""
        path = self.chain.keys(segment)
        keys = path.read_bytes() if path.exists() else b""
        count = 0
        for row in raw.splitlines(keepends=True):
            self._line(row, keys[count * SIZE : (count + 1) * SIZE], f"{name}, row {count + 1}")
            count += 1
        if len(keys) != count * SIZE:
            self.verdict.find(f"{path.name} does not hold one key for each of {count} lines")

    def _line(self, row: bytes, key: bytes, place: str) -> None:
        self.verdict.lines += 1
        opened = open_line(row)
        line = None if opened is None else _decoded(opened[0])
        if opened is None or line is None:
            self.verdict.find(f"{place} is damaged")
            self.next += 1
            return
        body, claimed = opened
        if digest(body) != claimed:
            self.verdict.find(f"{place} was changed: its hash does not fit")
        if line.n != self.next or line.prev != self.prev:
            self.verdict.find(f"{place} does not follow the line before it")
        self.prev, self.next = claimed, line.n + 1
        if line.n in self.wanted:
            self.hashes[line.n] = claimed
        self.erasures.update(n for n in _erased(line) if n < line.n)
        self._key(line, key, place)

    def _key(self, line: Line, key: bytes, place: str) -> None:
        if key == ERASED:
            self.keyless.add(line.n)
            return
        try:
            self.seals.open(key, line.sealed)
        except Unreadable:
            self.verdict.find(f"{place} does not open with its key")


def _decoded(body: bytes) -> Line | None:
    try:
        return msgspec.json.decode(body, type=Line)
    except (msgspec.MsgspecError, ValueError):
        return None


def _erased(line: Line) -> list[int]:
    try:
        return msgspec.convert(line.open["about"]["erased"], list[int])
    except (KeyError, TypeError, msgspec.MsgspecError):
        return []
