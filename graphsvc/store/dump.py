"""Everything that one source holds in the graph, as it was shaped when it was loaded."""

from collections.abc import Iterator

from graphsvc.errors import AccessError
from graphsvc.model import kinds, links
from graphsvc.model.handling import make
from graphsvc.model.record import Link, Record
from graphsvc.store.database import Database
from graphsvc.store.sweeping import HEAD, RANGE, SOURCE

NODES = """
MATCH (n:Entity) WHERE n.no >= $from AND n.no < $to AND n.source = $source RETURN properties(n) AS row ORDER BY n.no
"""
LINKS = """
MATCH (n:Entity)-[r]->(:Entity) WHERE n.no >= $from AND n.no < $to AND r.source = $source
RETURN properties(r) AS row ORDER BY r.id
"""


def elements(database: Database, source: str, owner: str) -> Iterator[Record | Link]:
    """The source's own records, then its links. Raises AccessError when the source is not the owner's."""
    found = database.rows(SOURCE, source=source)
    if not found or found[0]["owner"] != owner:
        raise AccessError(f"There is no source {source} of {owner}: give out sources of your own only.")
    handling = make(owner)
    end = database.rows(HEAD)[0]["next"]
    for text in (NODES, LINKS):
        for start in range(0, end, RANGE):
            for found_row in database.rows(text, source=source, **{"from": start, "to": start + RANGE}):
                row = found_row["row"]
                if text is NODES:
                    fields = (*kinds.BY_NAME[row["kind"]].fields, *kinds.COMMON)
                    own = {field.name: row[field.name] for field in fields if row.get(field.name) is not None}
                    own.pop("id", None)
                    yield Record(row["id"], row["kind"], handling, own, row.get("sequence"))
                else:
                    both = (*links.BY_NAME[row["kind"]].fields, *links.COMMON)
                    own = {field.name: row[field.name] for field in both if row.get(field.name) is not None}
                    yield Link(
                        row["id"], row["kind"], row["from"], row["to"], handling, own, row.get("sequence")
                    )
