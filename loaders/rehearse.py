"""A dry run: everything is read, checked, shaped and held against what is stored, and nothing is written."""

from collections.abc import Callable

from graphsvc.store.rehearsal import Rehearsal, Would
from graphsvc.store.table import elements
from loaders.ahead import in_a_hurry
from loaders.frame import Loader, Outcome, Progress
from loaders.rows import Rejected


class Rehearsed(Outcome, kw_only=True):
    """What a load of these files would come to."""

    would: Would


def rehearse(
    loader: Loader,
    rehearsal: Rehearsal,
    *,
    size: int = 10_000,
    heard: Callable[[Progress], None] = lambda _: None,
    refused: Callable[[Rejected], None] = lambda _: None,
) -> Rehearsed:
    """Go through all files in the batches of a load; ``refused`` is told of every row that would be refused.

    Raises AccessError when the source belongs to another owner.
    """
    terms = {"source": loader.terms.source, "owner": loader.terms.owner}
    found = Rehearsed(would=rehearsal.begin(**terms))
    progress = Progress(total=loader.total_bytes(), counts=found.would)
    with in_a_hurry() as tidy:
        for parcel in loader.batches(size):
            nodes, links = elements(parcel.records, parcel.links, parcel.tables, **terms)
            late = rehearsal.batch(nodes, links, parcel.file, len(parcel.rejects))
            rejects = [*parcel.rejects, *(Rejected(one.file, one.line, one.reason) for one in late)]
            found.keep(rejects)
            for reject in rejects:
                refused(reject)
            tidy()
            progress.read = loader.bytes_read
            heard(progress)
    rehearsal.end()
    found.failed, found.notes = loader.failed, loader.notes()
    return found
