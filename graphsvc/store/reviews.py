"""Reviews and their triggers, as loads raise them: in the same transaction as the records."""

from collections.abc import Sequence
from typing import Any

from graphsvc.model.rules import MASS_REVOCATION, state_before_review, triggers
from graphsvc.store.plan import Row

REVIEWER = "IPSG"

KNOWN = "MATCH (v:Review) WHERE v.record IN $ids RETURN v.record AS id, v.state AS state"
RAISE = """
UNWIND $rows AS row
MERGE (v:Review {record: row.record})
  ON CREATE SET v.state = 'open', v.opened_at = datetime(), v.owner = row.owner, v.kind = row.kind,
    v.publication = row.publication
SET v.state = CASE WHEN row.reopen AND v.state <> 'blocked' THEN 'open' ELSE v.state END
WITH row UNWIND row.triggers AS name
MERGE (t:Trigger {id: row.record + ' ' + name}) ON CREATE SET t.record = row.record, t.name = name, t.at = datetime()
"""
REVOKED = "MATCH (b:Batch {run: $run}) RETURN coalesce(sum(b.revoked), 0) AS n"


def raise_triggers(tx: Any, rows: Sequence[Row]) -> None:
    """Note what new and changed records raise. Sets ``compliance`` of notices to what was decided here, in place."""
    flagged = [row for row in rows if reviewed(row)]
    if not flagged:
        return
    known = {r["id"]: r["state"] for r in tx.run(KNOWN, ids=[row["id"] for row in flagged]).data()}
    raised = []
    for row in flagged:
        reviewer = row["owner"] == REVIEWER
        names = triggers(row, reviewer=reviewer)
        before = known.get(row["id"])
        decided = before in ("compliant", "needs_information")
        if decided:
            names.append("changed after review")
        if row["kind"] == "Notice":
            row["compliance"] = (
                "blocked" if before == "blocked" else state_before_review(row, reviewer=reviewer)
            )
        if names:
            raised.append(_row(row, names, reopen=decided))
    if raised:
        tx.run(RAISE, rows=raised).consume()


def reviewed(row: Row) -> bool:
    """Whether a record as it is loaded has anything to do with reviews."""
    return row["kind"] == "Notice" or bool(row.get("triggers"))


def _row(row: Row, names: list[str], *, reopen: bool) -> Row:
    return {
        "record": row["id"],
        "owner": row["owner"],
        "kind": row["kind"],
        "triggers": names,
        "publication": "published" if row.get("published_at") else "draft",
        "reopen": reopen,
    }


def raise_on(tx: Any, record: str, owner: str, kind: str, names: list[str]) -> None:
    """Raise triggers on one record, or on a load run."""
    row = {"id": record, "owner": owner, "kind": kind}
    tx.run(RAISE, rows=[_row(row, names, reopen=True)]).consume()


def check_revocations(tx: Any, run: str, owner: str) -> None:
    """Have somebody look when one load reports very many documents as revoked."""
    if tx.run(REVOKED, run=run).single(strict=True)["n"] >= MASS_REVOCATION:
        raise_on(tx, f"run {run}", owner, "Run", ["passports:mass revocation"])


def revoked(rows: Sequence[Row]) -> int:
    """How many of these records report a document as revoked."""
    return sum(row["kind"] == "Document" and row.get("status") == "revoked" for row in rows)
