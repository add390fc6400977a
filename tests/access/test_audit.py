"""The audit: nothing is answered that is not written, and nothing written can be changed unseen."""

import asyncio
import multiprocessing
import os
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from graphsvc.access.audit import Auditor, Entry
from graphsvc.access.audit_index import SubjectIndex
from graphsvc.access.caller import Caller
from graphsvc.access.chain import Chain, Head, close_line, open_line
from graphsvc.access.sealed import Sealed
from graphsvc.access.verify import Verdict, verify
from graphsvc.errors import StoreUnavailable
from graphsvc.model.vocabulary import Level, Purpose
from graphsvc.settings import Settings

LINES = 40


def question(who: str = "mara", operation: str = "entity") -> Entry:
    return Entry(who=who, ncb="FR", purpose="LOCATE", operation=operation, outcome="answered")


def auditor_in(home: Path) -> Auditor:
    """An auditor whose segments are short, so that there are several."""
    auditor = Auditor(Settings(data_dir=home))
    auditor.chain = Chain(auditor.chain.folder.parent, auditor.chain._vault, segment_bytes=4_000)
    return auditor


@pytest.fixture
def auditor(tmp_path: Path) -> Iterator[Auditor]:
    auditor = auditor_in(tmp_path / "home")
    yield auditor
    auditor.close()


def verdict(auditor: Auditor, witnessed: list[Head | None] | None = None) -> Verdict:
    return verify(auditor.chain, auditor.seals, witnessed or [])


def write(auditor: Auditor, *ids: str, who: str = "mara") -> int:
    return auditor.write_now(question(who), Sealed({"text": "who is anna"}, ids, "0" * 64))


def test_what_is_written_is_there_and_whole(auditor: Auditor) -> None:
    numbers = [write(auditor, f"fr:{n}") for n in range(LINES)]

    assert numbers == list(range(LINES))
    assert len(auditor.chain.segments()) > 2
    assert verdict(auditor) == Verdict(lines=LINES)


def test_arguments_and_ids_cannot_be_read_in_the_files(auditor: Auditor) -> None:
    write(auditor, "fr-nominal:anna")

    text = b"".join(path.read_bytes() for path in auditor.chain.folder.iterdir())
    assert b"mara" in text
    assert b"anna" not in text


def test_the_files_are_their_owners_alone(auditor: Auditor) -> None:
    write(auditor, "fr:anna")

    assert auditor.chain.folder.stat().st_mode & 0o077 == 0


def test_many_at_once_are_all_written(auditor: Auditor) -> None:
    async def go() -> list[int]:
        return list(await asyncio.gather(*(auditor.write(question(f"p{n}")) for n in range(200))))

    assert sorted(asyncio.run(go())) == list(range(200))
    assert verdict(auditor) == Verdict(lines=200)


def _append(home: Path, who: str) -> None:
    auditor = auditor_in(home)
    for n in range(25):
        write(auditor, f"fr:{n}", who=who)
    auditor.close()


def test_workers_share_one_chain(auditor: Auditor, tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_append, args=(tmp_path / "home", name)) for name in ("a", "b")]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)

    assert [worker.exitcode for worker in workers] == [0, 0]
    assert verdict(auditor) == Verdict(lines=50)


def test_a_caller_who_gives_up_is_still_written(auditor: Auditor) -> None:
    async def go() -> None:
        task = asyncio.ensure_future(auditor.write(question()))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(go())
    auditor.close()

    assert verdict(auditor).lines == 1


def test_no_answer_when_it_cannot_be_written(auditor: Auditor) -> None:
    write(auditor, "fr:anna")
    shutil.rmtree(auditor.chain.folder)
    auditor.chain.folder.write_text("in the way")

    with pytest.raises(StoreUnavailable):
        write(auditor, "fr:bela")


def test_a_crash_before_the_head_leaves_no_trace(auditor: Auditor) -> None:
    for n in range(3):
        write(auditor, f"fr:{n}")
    with auditor.chain.log(0).open("ab") as file:
        file.write(b'{"n":3,"at":"')

    assert verdict(auditor).findings == [
        "000000000000.log goes on after the signed end: a crash, or something was added"
    ]
    assert write(auditor, "fr:next") == 3
    assert verdict(auditor) == Verdict(lines=4)


def test_nothing_is_answered_after_a_cut(auditor: Auditor) -> None:
    for n in range(3):
        write(auditor, f"fr:{n}")
    os.truncate(auditor.chain.log(0), 100)

    with pytest.raises(StoreUnavailable, match="cut"):
        write(auditor, "fr:next")


# who was given a record


def compliance() -> Caller:
    return Caller("officer", "IPSG", Level.CONFIDENTIAL, Purpose.COMPLIANCE, roles=frozenset({"compliance"}))


def test_an_owner_can_be_told_who_was_given_a_record(auditor: Auditor) -> None:
    write(auditor, "fr:anna", "fr:bela", who="dieter")
    write(auditor, "fr:bela", who="eva")
    index = SubjectIndex(auditor)
    first = [given.entry.who for given in index.given("fr:bela")]
    write(auditor, "fr:bela", who="franz")

    assert first == ["eva", "dieter"]
    assert [given.entry.who for given in index.given("fr:bela")] == ["franz", "eva", "dieter"]
    assert [given.entry.who for given in index.given("fr:anna")] == ["dieter"]
    assert index.given("fr:nobody") == []


def test_a_lawful_erasure_leaves_the_chain_whole(auditor: Auditor) -> None:
    for n in range(LINES):
        write(auditor, f"fr:{n % 10}")
    index = SubjectIndex(auditor)

    assert index.erase(compliance(), "fr:3", "subject request 17") == [3, 13, 23, 33]
    assert index.given("fr:3") == []
    assert verdict(auditor) == Verdict(lines=LINES + 1, erased=4)


def test_an_erased_index_is_made_again_without_what_was_erased(auditor: Auditor) -> None:
    for n in range(LINES):
        write(auditor, f"fr:{n % 10}")
    index = SubjectIndex(auditor)
    index.erase(compliance(), "fr:3", "subject request 17")
    (auditor.chain.folder / "index.sqlite").unlink()

    assert index.entries("fr:3") == []
    assert index.entries("fr:4") == [4, 14, 24, 34]


def test_a_key_lost_without_a_recorded_erasure_is_found(auditor: Auditor) -> None:
    for n in range(5):
        write(auditor, f"fr:{n}")
    auditor.chain.erase_keys([2])

    assert verdict(auditor).findings == ["line 2 lost its key without a recorded erasure"]


# tamperings

Tampering = Callable[[Chain, random.Random], str]


def a_log(chain: Chain, draw: random.Random) -> Path:
    return chain.log(draw.choice(chain.segments()))


def rows(path: Path) -> list[bytes]:
    return path.read_bytes().splitlines(keepends=True)


def change_a_byte(chain: Chain, draw: random.Random) -> str:
    path = draw.choice(
        [a_log(chain, draw), chain.keys(draw.choice(chain.segments())), chain.folder / "checkpoints"]
    )
    content = bytearray(path.read_bytes())
    at = draw.randrange(len(content))
    content[at] ^= 1 << draw.randrange(8)
    path.write_bytes(content)
    return f"byte {at} of {path.name}"


def change_the_head(chain: Chain, draw: random.Random) -> str:
    path = chain.folder / "head"
    content = bytearray(path.read_bytes())
    at = draw.randrange(len(content.rstrip()))
    content[at] ^= 1 << draw.randrange(8)
    path.write_bytes(content)
    return f"byte {at} of the head"


def drop_a_line(chain: Chain, draw: random.Random) -> str:
    path = a_log(chain, draw)
    lines = rows(path)
    at = draw.randrange(len(lines))
    path.write_bytes(b"".join(lines[:at] + lines[at + 1 :]))
    return f"line {at} of {path.name} dropped"


def drop_a_line_and_its_key(chain: Chain, draw: random.Random) -> str:
    segment = draw.choice(chain.segments())
    lines, keys = rows(chain.log(segment)), chain.keys(segment).read_bytes()
    at = draw.randrange(len(lines))
    chain.log(segment).write_bytes(b"".join(lines[:at] + lines[at + 1 :]))
    chain.keys(segment).write_bytes(keys[: at * 32] + keys[at * 32 + 32 :])
    return f"line {at} of {segment} dropped with its key"


def swap_two_lines(chain: Chain, draw: random.Random) -> str:
    path = a_log(chain, draw)
    lines = rows(path)
    a, b = draw.sample(range(len(lines)), 2)
    lines[a], lines[b] = lines[b], lines[a]
    path.write_bytes(b"".join(lines))
    return f"lines {a} and {b} of {path.name} swapped"


def repeat_a_line(chain: Chain, draw: random.Random) -> str:
    path = a_log(chain, draw)
    lines = rows(path)
    at = draw.randrange(len(lines))
    path.write_bytes(b"".join([*lines[:at], lines[at], *lines[at:]]))
    return f"line {at} of {path.name} repeated"


def rewrite_from_here_on(chain: Chain, draw: random.Random) -> str:
    """Another name in one line, and every hash after it made anew."""
    segments = chain.segments()
    start = draw.choice(segments)
    prev, changed = "", False
    for segment in [s for s in segments if s >= start]:
        out = []
        for row in rows(chain.log(segment)):
            opened = open_line(row)
            assert opened
            fields = msgspec.json.decode(opened[0])
            if not changed:
                fields["open"]["who"], changed = "somebody else", True
            else:
                fields["prev"] = prev
            line, prev = close_line(msgspec.json.encode(fields))
            out.append(line)
        chain.log(segment).write_bytes(b"".join(out))
    return f"rewritten from {start}"


def cut_the_end(chain: Chain, draw: random.Random) -> str:
    path = chain.log(chain.segments()[-1])
    size = draw.randrange(path.stat().st_size)
    os.truncate(path, size)
    return f"{path.name} cut to {size}"


def drop_a_segment(chain: Chain, draw: random.Random) -> str:
    segment = draw.choice(chain.segments())
    chain.log(segment).unlink()
    chain.keys(segment).unlink()
    return f"segment {segment} dropped"


def add_a_line(chain: Chain, draw: random.Random) -> str:
    path = chain.log(chain.segments()[-1])
    opened = open_line(rows(path)[-1])
    assert opened
    fields = msgspec.json.decode(opened[0])
    fields |= {"n": fields["n"] + 1, "prev": opened[1]}
    path.write_bytes(path.read_bytes() + close_line(msgspec.json.encode(fields))[0])
    return "a line added"


def zero_a_key(chain: Chain, draw: random.Random) -> str:
    n = draw.randrange(LINES)
    chain.erase_keys([n])
    return f"key of {n} zeroed"


def go_back_behind_the_witness(chain: Chain, draw: random.Random) -> str:
    """Everything is put back as it was before the witness saw it, signatures and all."""
    shutil.rmtree(chain.folder)
    shutil.copytree(chain.folder.parent / "earlier", chain.folder)
    return "put back to before the witness"


TAMPERINGS: tuple[Tampering, ...] = (
    change_a_byte,
    change_the_head,
    drop_a_line,
    drop_a_line_and_its_key,
    swap_two_lines,
    repeat_a_line,
    rewrite_from_here_on,
    cut_the_end,
    drop_a_segment,
    add_a_line,
    zero_a_key,
    go_back_behind_the_witness,
)


def test_200_tamperings_are_all_found(auditor: Auditor, tmp_path: Path) -> None:
    for n in range(LINES // 2):
        write(auditor, f"fr:{n}")
    home = tmp_path / "home"
    shutil.copytree(home / "audit", home / "earlier")
    for n in range(LINES // 2):
        write(auditor, f"fr:{n}")
    auditor.chain.keep_checkpoint(auditor.chain.head() or pytest.fail("no head"))
    witnessed = auditor.chain.checkpoints()
    shutil.copytree(home / "audit", home / "kept")
    assert verdict(auditor, witnessed).findings == []

    draw = random.Random(5)
    missed = []
    for number in range(200):
        done = TAMPERINGS[number % len(TAMPERINGS)](auditor.chain, draw)
        if not verdict(auditor, witnessed).findings:
            missed.append(done)
        shutil.rmtree(home / "audit")
        shutil.copytree(home / "kept", home / "audit")
    assert missed == []
