"""What else is served: the explorer, its files, and the health checks."""

import json

import pytest

from graphsvc.api.application import create_app
from graphsvc.api.explorer import PAGE, POLICY, examples
from graphsvc.errors import SetupError
from graphsvc.settings import Settings
from graphsvc.store.database import Database
from tests.api.conftest import Ask, Send, sender

pytestmark = pytest.mark.neo4j
built = pytest.mark.skipif(
    not (PAGE / "index.html").is_file(), reason="the explorer is not built; run `make web`"
)


def test_the_service_is_ready_while_its_store_answers(send: Send) -> None:
    assert send(None, method="GET", path="/livez").json() == {"alive": True}
    assert send(None, method="GET", path="/readyz").json() == {"ready": True}


def test_the_service_is_not_ready_without_its_schema(send: Send, database: Database) -> None:
    def rename(one: str, other: str) -> None:
        with database.session() as session:
            session.run(
                "MATCH (m:Migration {name: $one}) SET m.name = $other", one=one, other=other
            ).consume()

    rename("0001_books", "aside")
    try:
        with pytest.raises(Exception, match="not up to date"):
            send(None, method="GET", path="/readyz")
    finally:
        rename("aside", "0001_books")


@built
def test_the_page_is_served_under_a_strict_policy(send: Send) -> None:
    page = send(None, method="GET", path="/")

    assert page.status_code == 200
    assert page.headers["content-security-policy"] == POLICY
    assert "http" not in page.text.replace("http-equiv", "")
    for name in [part.split('"')[0] for part in page.text.split('"/assets/')[1:]]:
        assert send(None, method="GET", path=f"/assets/{name}").status_code == 200


def test_the_demo_opens_with_a_token_that_works(send: Send) -> None:
    tabs = send(None, method="GET", path="/explorer.json").json()["tabs"]
    headers = json.loads(tabs[0]["headers"])

    assert [tab["query"] for tab in tabs] == [text for _, text in examples()]
    assert send({"query": "{ me { ncb } }"}, headers=headers).json() == {"data": {"me": {"ncb": "FR"}}}


def test_outside_the_demo_there_is_no_token(api_settings: Settings, database: Database) -> None:
    plain = sender(api_settings.model_copy(update={"demo": False}))
    tabs = plain(None, method="GET", path="/explorer.json").json()["tabs"]

    assert "eyJ" not in json.dumps(tabs)


def test_the_demo_stays_on_its_machine(api_settings: Settings) -> None:
    with pytest.raises(SetupError, match=r"127\.0\.0\.1"):
        create_app(api_settings.model_copy(update={"host": "0.0.0.0"}))


def test_a_foreign_name_is_refused_on_the_loopback(send: Send) -> None:
    assert (
        send(None, method="GET", path="/explorer.json", headers={"host": "evil.example"}).status_code == 400
    )


def test_every_example_is_a_question_of_the_schema(ask: Ask) -> None:
    """They ask for the sample's records, which are not here: nothing else may be wrong with them."""
    for _, text in examples():
        codes = {error["extensions"]["code"] for error in ask(text).get("errors", [])}
        assert codes <= {"NOT_FOUND"}
