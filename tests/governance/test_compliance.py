"""Reviews: raised at load and by rule, decided by a person, for reasons; and how notices are used."""

from typing import Any

import pytest

from graphsvc.access import compliance
from graphsvc.access.patterns import NoticePatterns, notice_patterns
from graphsvc.access.view import View
from graphsvc.errors import AccessError, NotFound, UsageError
from graphsvc.model.vocabulary import Purpose
from graphsvc.store.database import Database
from graphsvc.store.tell import messages
from tests.governance.conftest import Service
from tests.world import File

pytestmark = pytest.mark.neo4j

WORK: dict[str, Any] = {"purpose": Purpose.COMPLIANCE}
FACTS = "On 3 May 2024 in Exampleville he sold stolen cars with two others"
SOUND: dict[str, Any] = {"colour": "red", "charges": ["theft"], "penalty_years": 5.0, "facts": FACTS}


def officer(service: Service) -> Any:
    return service.scope("IPSG", "compliance", **WORK)


def queue(service: Service, state: str = "open") -> dict[str, tuple[str, ...]]:
    async def question(view: View) -> dict[str, tuple[str, ...]]:
        return {item.id: item.triggers for item in await compliance.queue(view, state=state)}

    return service.ask("IPSG", question, "compliance", **WORK)


def sees(service: Service, ncb: str, id: str) -> bool:
    async def question(view: View) -> bool:
        return bool(await view.rows("identity/records", ids=[id]))

    return service.ask(ncb, question)


def state(database: Database, id: str) -> str:
    return str(database.rows("MATCH (n:Notice {id: $id}) RETURN n.compliance AS state", id=id)[0]["state"])


def notice(file: File, id_: str, subject: str, **properties: Any) -> str:
    made = file.record("Notice", id_, **{**SOUND, "issuer": file.owner, **properties})
    file.link(subject, "SUBJECT_OF", id_)
    return made


@pytest.fixture
def sender(database: Database) -> File:
    """One country's notices: a sound one, one without facts, one that reads as political, and a diffusion."""
    file = File("XA")
    file.person("boris", birth_date="1980-01-02", nationalities=["XB"])
    notice(file, "sound", "boris")
    notice(file, "thin", "boris", penalty_years=1.0, facts="theft", charges=[])
    notice(file, "political", "boris", triggers=["article 3:political"])
    notice(file, "sent", "boris", colour="blue", diffusion=True, compliance="compliant")
    file.load(database)
    return file


def test_what_is_raised_stands_in_the_queue(service: Service, sender: File) -> None:
    assert queue(service) == {
        "xa-file:thin": ("red notice:charges", "red notice:facts", "red notice:penalty"),
        "xa-file:political": ("article 3:political",),
        "xa-file:sent": ("diffusion:not reviewed", "notice:claims compliance"),
    }


def test_what_was_not_reviewed_says_so_whatever_its_sender_says(
    database: Database, service: Service, sender: File
) -> None:
    assert [state(database, f"xa-file:{id}") for id in ("sound", "sent")] == ["not_reviewed", "not_reviewed"]


def test_nobody_else_sees_the_queue_or_decides(service: Service, database: Database, sender: File) -> None:
    for ncb, roles, purpose in (
        ("IPSG", (), Purpose.COMPLIANCE),
        ("IPSG", ("compliance",), Purpose.LOCATE),
        ("XA", ("secretariat",), Purpose.COMPLIANCE),
    ):
        scope = service.scope(ncb, *roles, purpose=purpose)
        with pytest.raises(AccessError):
            compliance.review(database, scope, "xa-file:sound", "blocked", "x")
        with pytest.raises(AccessError):
            compliance.add_fact(database, scope, "xa-file:boris", "asylum", "FR")


def test_a_block_is_gone_at_once_and_comes_back_whole(
    service: Service, database: Database, sender: File
) -> None:
    before = database.rows("MATCH (n:Notice {id: 'xa-file:political'}) RETURN properties(n) AS n")[0]["n"]
    compliance.review(database, officer(service), "xa-file:political", "blocked", "article 3")

    assert not any(sees(service, ncb, "xa-file:political") for ncb in ("XA", "FR"))
    assert list(queue(service, "blocked")) == ["xa-file:political"]
    assert [m["op"] for m in messages(database, "XA")] == ["review: blocked"]
    compliance.review(database, officer(service), "xa-file:political", "compliant", "new information")
    assert sees(service, "FR", "xa-file:political")
    after = database.rows("MATCH (n:Notice {id: 'xa-file:political'}) RETURN properties(n) AS n")[0]["n"]
    assert after == {**before, "compliance": "compliant"}


def test_a_blocked_notice_stays_blocked_when_it_is_sent_again(
    service: Service, database: Database, sender: File
) -> None:
    compliance.review(database, officer(service), "xa-file:political", "blocked", "article 3")
    again = File("XA")
    notice(again, "political", "boris", charges=["hooliganism"])
    again.load(database)

    assert not sees(service, "XA", "xa-file:political")
    assert state(database, "xa-file:political") == "blocked"


def test_a_change_after_review_is_reviewed_again(service: Service, database: Database, sender: File) -> None:
    compliance.review(database, officer(service), "xa-file:sound", "compliant", "in order")
    assert state(database, "xa-file:sound") == "compliant"
    again = File("XA")
    notice(again, "sound", "boris", charges=["theft", "fraud"])
    again.load(database)

    assert state(database, "xa-file:sound") == "not_reviewed"
    assert queue(service)["xa-file:sound"] == ("changed after review",)


def test_reasons_and_addenda_are_kept_apart_from_publication(
    service: Service, database: Database, sender: File
) -> None:
    scope = officer(service)
    with pytest.raises(UsageError):
        compliance.review(database, scope, "xa-file:thin", "blocked", " ")
    compliance.review(database, scope, "xa-file:thin", "needs_information", "which theft?")
    compliance.add_remark(database, scope, "xa-file:thin", "asked again by telephone")
    compliance.set_publication(database, scope, "xa-file:thin", "cancelled")

    assert [(r.text, r.decision) for r in compliance.remarks(database, scope, "xa-file:thin")] == [
        ("which theft?", "needs_information"),
        ("asked again by telephone", None),
    ]
    assert database.rows("MATCH (v:Review {record: 'xa-file:thin'}) RETURN v.state, v.publication") == [
        {"v.state": "needs_information", "v.publication": "cancelled"}
    ]
    with pytest.raises(NotFound):
        compliance.add_remark(database, scope, "xa-file:nobody", "x")


def test_a_block_lists_what_the_sender_holds_on_the_same_facts(
    service: Service, database: Database, sender: File
) -> None:
    other = File("XA", "xa-two")
    other.person("boris2", birth_country="XA", national_id="77")
    other.person("innocent")
    notice(other, "more", "boris2")
    notice(other, "unrelated", "innocent")
    other.load(database)
    with database.session() as session:
        session.run(
            "MATCH (n:Entity) WHERE n.id IN ['xa-file:boris', 'xa-two:boris2'] SET n.keys = ['nid:XA:77']"
        ).consume()

    async def question(view: View) -> list[str]:
        return [related.id for related in await compliance.same_facts(view, "xa-file:political")]

    assert service.ask("IPSG", question, "compliance", **WORK) == [
        "xa-file:boris",
        "xa-file:sent",
        "xa-file:sound",
        "xa-file:thin",
        "xa-two:boris2",
        "xa-two:more",
    ]


def test_mass_revocation_of_passports_is_raised(database: Database) -> None:
    file = File("XA")
    for n in range(100):
        file.passport(f"d{n}", f"X{n:07}", "XA", status="revoked")
    file.load(database)

    (found,) = database.rows(
        "MATCH (t:Trigger) MATCH (v:Review {record: t.record}) RETURN t.name, v.kind, v.owner"
    )
    assert found == {"t.name": "passports:mass revocation", "v.kind": "Run", "v.owner": "XA"}


# how notices are used


def patterns(service: Service, database: Database) -> NoticePatterns:
    noted = compliance.books(database, officer(service))

    async def question(view: View) -> NoticePatterns:
        return await notice_patterns(view, noted)

    return service.ask("IPSG", question, "compliance", **WORK)


def found(report: NoticePatterns, pattern: str) -> list[tuple[str, ...]]:
    return [finding.evidence for finding in report.findings if finding.pattern == pattern]


def test_rates_of_refusal_and_cancellation(service: Service, database: Database, sender: File) -> None:
    scope = officer(service)
    compliance.review(database, scope, "xa-file:political", "blocked", "article 3")
    compliance.review(database, scope, "xa-file:thin", "needs_information", "which theft?")
    compliance.set_publication(database, scope, "xa-file:thin", "cancelled")

    (use,) = patterns(service, database).issuers
    assert (use.issuer, use.notices, use.diffusions, use.refused, use.cancelled) == ("XA", 4, 1, 1, 1)
    assert (use.refusal_rate, use.cancellation_rate) == (0.25, 0.25)


def test_what_is_sent_again_after_a_refusal_is_found_by_name_too(
    service: Service, database: Database, sender: File
) -> None:
    compliance.review(database, officer(service), "xa-file:political", "blocked", "article 3")
    other = File("XA", "xa-two")
    other.person("again", name="BORIS", birth_date="1980-01-02")
    notice(other, "again-notice", "again", colour="blue", diffusion=True)
    other.person("namesake", name="boris", birth_date="1999-01-02")
    notice(other, "other", "namesake")
    other.load(database)

    again = [evidence[0] for evidence in found(patterns(service, database), "sent again")]
    assert again == ["xa-file:sent", "xa-file:sound", "xa-file:thin", "xa-two:again-notice"]


def test_asylum_is_seen_by_compliance_alone_and_raises_a_review(
    service: Service, database: Database, sender: File
) -> None:
    compliance.add_fact(database, officer(service), "xa-file:boris", "asylum", "FR", "2020-01-01")

    assert "facts:asylum" in queue(service)["xa-file:sound"]
    assert ("xa-file:sound", "xa-file:boris") in found(patterns(service, database), "asylum")

    async def record(view: View) -> str:
        return str(await view.rows("identity/records", ids=["xa-file:boris"]))

    assert "asylum" not in service.ask("XA", record)


def test_political_charges_and_bursts(service: Service, database: Database, sender: File) -> None:
    other = File("XA", "xa-two")
    for n in range(10):
        other.person(f"p{n}", nationalities=["XC"])
        notice(other, f"n{n}", f"p{n}", published_at=f"2024-05-{n + 1:02}")
    other.person("late", nationalities=["XC"])
    notice(other, "late-notice", "late", published_at="2024-09-01")
    other.load(database)
    report = patterns(service, database)

    assert found(report, "political") == [("xa-file:political",)]
    (burst,) = found(report, "burst")
    assert len(burst) == 10
    assert "xa-two:late-notice" not in burst
