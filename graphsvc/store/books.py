"""What the books say of runs that took place: for ``graphsvc runs``, and for a load that was done before."""

from typing import Any

from graphsvc.errors import NotFound
from graphsvc.store.database import Database, again
from graphsvc.store.runs import STILL_WAITING, Account

LAST = """
MATCH (s:Source {name: $source}) MATCH (r:Run {id: s.last}) WHERE r.state = 'complete'
RETURN properties(r) AS run, s.touched AS touched
"""

REPEATED = "MATCH (r:Run {id: $id}) SET r.repeated_at = datetime(), r.repeats = coalesce(r.repeats, 0) + 1"

RUNS = """
MATCH (r:Run) WHERE $source IS NULL OR r.source = $source
RETURN properties(r) AS run ORDER BY r.started_at DESC, r.id DESC LIMIT $limit
"""

RUN = "MATCH (r:Run {id: $id}) RETURN properties(r) AS run"

PROGRESS = """
MATCH (b:Batch {run: $id})
RETURN sum(b.read) AS read, sum(b.written) AS written, sum(b.unchanged) AS unchanged, sum(b.waiting) AS waiting,
       sum(b.accepted) AS accepted, sum(b.rejected) AS rejected,
       sum(CASE WHEN b.id ENDS WITH '-odd' THEN 0 ELSE 1 END) AS batches
"""
"""What a bulk load puts aside makes no batch of its own here: it tells of links whether their other end was there."""

REJECTS = """
MATCH (r:Reject {run: $id}) RETURN r.file AS file, r.line AS line, r.reason AS reason, r.row AS row
ORDER BY file, line
"""


def last(database: Database, source: str) -> dict[str, Any] | None:
    """The last run of a source when it was complete, with ``touched``: whether anything was taken out since."""
    found = database.rows(LAST, source=source)
    return {**found[0]["run"], "touched": found[0]["touched"]} if found else None


def repeated(database: Database, source: str, fingerprint: str) -> Account | None:
    """The account of loading the same input again, when nothing came into or went out of the source since.

    The repeat is noted on the run; nothing else is read or written.
    """
    run = last(database, source)
    if run is None or run["fingerprint"] != fingerprint or run["touched"]:
        return None
    waiting = database.rows(STILL_WAITING, run=run["id"])[0]["n"]
    again(lambda: database.write(lambda tx: tx.run(REPEATED, id=run["id"]).consume()))
    unchanged = run["written"] + run["unchanged"] + run["waiting"] - waiting
    return Account(
        run=run["id"],
        read=run["read"],
        written=0,
        unchanged=unchanged,
        waiting=waiting,
        accepted=run["accepted"],
        rejected=run["rejected"],
        seconds=0.0,
    )


def runs(database: Database, *, source: str | None = None, limit: int = 20) -> list[dict[str, Any]]:
    """The last runs, newest first."""
    return [row["run"] for row in database.rows(RUNS, source=source, limit=limit)]


def run(database: Database, id_: str) -> dict[str, Any]:
    """One run, with the counts of its batches so far. Raises NotFound."""
    found = database.rows(RUN, id=id_)
    if not found:
        raise NotFound(f"There is no run {id_}: see graphsvc runs for those there are.")
    found[0]["run"].pop("joined", None)  # of runs from before that was kept to the books
    return {**database.rows(PROGRESS, id=id_)[0], **found[0]["run"]}


def rejects(database: Database, id_: str) -> list[dict[str, Any]]:
    """The rows that a run refused, by file and line: ``file, line, reason, row``."""
    return database.rows(REJECTS, id=id_)
