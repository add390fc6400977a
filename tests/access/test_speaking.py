"""Whoever speaks for a contributor is told by the access modules themselves, for every way that leads to them."""

from typing import Any

import pytest

from graphsvc.access import hits, owning, recipients, requests, subjects
from graphsvc.access.caller import Caller
from graphsvc.access.scope import Scope
from graphsvc.errors import AccessError
from graphsvc.model.narrowing import Terms
from graphsvc.model.vocabulary import Level, Purpose

NOBODY: Any = None
CALLS: tuple[tuple[Any, tuple[Any, ...], dict[str, Any]], ...] = (
    (hits.hits, (), {}),
    (hits.review_hit, ("hit-1", "false", "no"), {}),
    (requests.requests, (), {}),
    (requests.answer_request, ("request-1",), {"granted": True, "answer": "no"}),
    (requests.forward_answer, ("contact-1", "no"), {}),
    (recipients.received, (NOBODY, "fr-file:anna"), {}),
    (owning.messages, (), {}),
    (owning.read_messages, (["m"],), {}),
    (owning.decisions, (), {}),
    (owning.due, (90,), {}),
    (owning.change, ("restrict", ["fr-file:anna"], Terms(), "no", ""), {}),
    (owning.release, ("d", "no"), {}),
    (owning.renew, (["fr-file:anna"], "2027", "no"), {}),
    (owning.leave_agreement, ("PRUM", "no"), {}),
    (subjects.parts, (), {}),
    (subjects.answer_part, ("p", "refused", "no"), {}),
)


@pytest.mark.parametrize(("work", "args", "other"), CALLS, ids=[work.__qualname__ for work, _, _ in CALLS])
def test_without_the_role_there_is_no_way(work: Any, args: tuple[Any, ...], other: dict[str, Any]) -> None:
    caller = Caller("clerk", "FR", Level.CONFIDENTIAL, Purpose.LOCATE, roles=frozenset({"secretariat"}))
    scope = Scope(caller, (), 0, 0, "", "")
    with pytest.raises(AccessError, match="liaison"):
        work(NOBODY, scope, *args, **other)
