"""A report on its way out: computed on what all recipients may see, registered, and written as files."""

import hashlib
from collections.abc import Callable, Mapping, Sequence

import msgspec

from graphsvc.access.office import Office
from graphsvc.access.recipients import Recipient, Registered, hand_out
from graphsvc.access.view import View
from graphsvc.reports.document import Document
from graphsvc.reports.make import Request, make


def html(document: Document) -> bytes:
    """One HTML file."""
    from graphsvc.reports import html

    return html.written(document).encode()


def pdf(document: Document) -> bytes:
    """PDF/A-2b."""
    from graphsvc.reports import pdf

    return pdf.written(document)


WRITERS: Mapping[str, Callable[[Document], bytes]] = {"html": html, "pdf": pdf}


async def handed_out(
    office: Office, view: View, request: Request, recipients: Sequence[Recipient]
) -> tuple[Registered, Document]:
    """The report on a view of ``Door.view_of_all`` with these recipients, and its entry in the register.

    The register names the records that the report names one by one, so that their owners can call it back; of events
    that are only counted it holds the question. Raises UsageError, NotFound and StoreUnavailable.
    """
    document = await make(view, request)
    digest = hashlib.sha256(msgspec.msgpack.encode(document)).hexdigest()
    registered = await hand_out(
        office, view, f"report: {document.title}, {document.subtitle}", recipients, digest
    )
    conditions = tuple(sorted({*document.conditions, *registered.conditions}))
    return registered, msgspec.structs.replace(document, conditions=conditions)
