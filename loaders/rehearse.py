"""A dry run: everything is read, checked, shaped and held against what is stored, and nothing is written."""

from collections.abc import Callable

import msgspec

from graphsvc.store.batch import Counts
from graphsvc.store.rehearsal import Rehearsal, Would
from graphsvc.store.table import elements
from loaders.ahead import in_a_hurry
from loaders.frame import Loader, Progress
from loaders.rows import Rejected

FEW = 10


class Rehearsed(msgspec.Struct):
    """What a load of these files would come to. ``rejects`` are the first few."""

    would: Would
    rejects: list[Rejected] = []
    notes: list[str] = []
    failed: bool = False


def rehearse(
    loader: Loader,
    rehearsal: Rehearsal,
    *,
    size: int = 10_000,
    heard: Callable[[Progress], None] = lambda _: None,
    refused: Callable[[Rejected], None] = lambda _: None,
) -> Rehearsed:
    """Go through all files in the batches of a load; ``refused`` is told of every row that would be refused.

    It has failed where the load would: a file can't be read, or nothing can be taken. Raises AccessError when the
    source belongs to another owner.
    """
    terms = {"source": loader.terms.source, "owner": loader.terms.owner}
    rehearsal.begin(**terms)
    progress = Progress(total=loader.total_bytes())
    rejects: list[Rejected] = []
    with in_a_hurry() as tidy:
        for parcel in loader.batches(size):
            nodes, links = elements(parcel.records, parcel.links, parcel.tables, **terms)
            rehearsal.reject(len(parcel.rejects))
            late = rehearsal.batch(nodes, links, parcel.file)
            for reject in (*parcel.rejects, *(Rejected(one.file, one.line, one.reason) for one in late)):
                refused(reject)
                if len(rejects) < FEW:
                    rejects.append(reject)
            tidy()
            progress.read = loader.bytes_read
            progress.counts.add(Counts(read=len(nodes) + len(links) + len(parcel.rejects)))
            heard(progress)
    would = rehearsal.end()
    failed = bool(loader.failed) or 0 < would.rejected == would.read
    return Rehearsed(would, rejects, loader.notes(), failed)
