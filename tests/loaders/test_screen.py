"""What must not come in is dropped, flagged, refused or restricted, and told."""

from collections.abc import Callable

import pytest

from graphsvc.model import links
from graphsvc.model.kinds import COMMON, KINDS
from graphsvc.model.links import LINKS
from graphsvc.model.vocabulary import Class
from loaders.frame import Loader
from loaders.sensitive import STEMS, WORDS, categories, category
from tests.loaders.conftest import Read


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ("Ethnicity", "ethnicity"),
        ("religious_belief", "religion"),
        ("politicalOpinion", "politics"),
        ("Medical history", "health"),
        ("sexual-orientation", "sexual life"),
        ("trade_union", "union membership"),
        ("dna_profile", "genetics"),
        ("asylum_status", "asylum"),
        ("sex", None),
        ("trace", None),
        ("european_union_id", None),
        ("nhs_no", None),
        ("religion_confession", "religion"),
        ("Croyances", "religion"),
        ("Religión", "religion"),
        ("Konfession", "religion"),
        ("Religionszugehörigkeit", "religion"),
        ("Glaubensbekenntnis", "religion"),
        ("crença", "religion"),
        ("Fede religiosa", "religion"),
        ("Race", "ethnicity"),
        ("origine ethnique", "ethnicity"),
        ("raza", "ethnicity"),
        ("Ethnizität", "ethnicity"),
        ("Volkszugehörigkeit", "ethnicity"),
        ("raça", "ethnicity"),
        ("razza", "ethnicity"),
        ("parti politique", "politics"),
        ("opinión política", "politics"),
        ("Politische Meinung", "politics"),
        ("Parteizugehörigkeit", "politics"),
        ("partito_politico", "politics"),
        ("État de santé", "health"),
        ("Santé", "health"),
        ("Krankheiten", "health"),
        ("Gesundheitszustand", "health"),
        ("enfermedades", "health"),
        ("saúde", "health"),
        ("malattia", "health"),
        ("orientation_sexuelle", "sexual life"),
        ("Sexualität", "sexual life"),
        ("orientamento sessuale", "sexual life"),
        ("syndicat", "union membership"),
        ("afiliación sindical", "union membership"),
        ("Gewerkschaftszugehörigkeit", "union membership"),
        ("sindacato", "union membership"),
        ("profil ADN", "genetics"),
        ("perfil_genético", "genetics"),
        ("demandeur d'asile", "asylum"),
        ("Flüchtlingsstatus", "asylum"),
        ("Asylantrag", "asylum"),
        ("refugiado", "asylum"),
        ("Unión Europea", None),
        ("union européenne n°", None),
        ("union_civile", None),
        ("syndicat de copropriété", None),
        ("politique de confidentialité", None),
        ("política de privacidad", None),
        ("asilo nido", None),
        ("Partei", None),
        ("partido", None),
        ("parti_le", None),
        ("confession", None),
        ("confession_date", None),
        ("sexe", None),
        ("sexo", None),
        ("Geschlecht", None),
        ("Stammdaten", None),
        ("dns_profile", None),
        ("nationalité", None),
        ("adresse", None),
        ("traza", None),
        ("carrozza", None),
    ],
)
def test_sensitive_columns_are_known_by_their_names(column: str, expected: str | None) -> None:
    assert category(column) == expected


def test_words_for_columns_are_written_as_they_are_compared() -> None:
    for table in (WORDS, STEMS):
        for name, text in table.items():
            assert all(categories(word) for word in text.split()), name
            assert text.isascii(), name
            assert text.islower(), name


def test_a_category_beside_a_harmless_word_still_counts() -> None:
    assert categories("european_union_religion") == ["religion"]


def test_no_declared_column_is_sensitive() -> None:
    names = {field.name for kind in KINDS for field in (*kind.fields, *COMMON)}
    names |= {field.name for kind in LINKS for field in (*kind.fields, *links.COMMON)}
    assert not [name for name in names if category(name)]


def test_a_sensitive_column_is_dropped_after_its_trigger(read: Read) -> None:
    parcel = read("persons", "id,name,religion,ethnicity\np-1,Mara,secretum,none\np-2,Ivo,,\n")
    mara, ivo = parcel.records
    assert mara.properties == {"name": "Mara", "triggers": ["dropped:religion"]}
    assert "triggers" not in ivo.properties


def test_a_refused_row_is_kept_without_its_sensitive_columns(read: Read) -> None:
    (reject,) = read("persons", "id,name,religion,birth_date\np-1,Mara,secretum,never\n").rejects
    assert "never" in reject.row
    assert "secretum" not in reject.row


def test_free_text_is_kept_and_flagged(read: Read) -> None:
    (record,) = read("persons", "id,note\np-1,is HIV positive and a trade unionist\n").records
    assert record.properties["triggers"] == ["text:health", "text:union membership"]


def test_an_occupation_and_a_purpose_are_free_text_too(read: Read) -> None:
    (record,) = read("persons", "id,occupation\np-1,trade union leader\n").records
    assert record.properties["triggers"] == ["text:union membership"]
    (record,) = read(
        "transactions", "id,amount,currency,purpose\nt-1,5,EUR,gift to a refugee status lawyer\n"
    ).records
    assert record.properties["triggers"] == ["text:asylum"]


def test_a_link_that_speaks_of_such_things_is_told_of(given: Callable[..., Loader]) -> None:
    table = given("links", "kind,from,to,basis\nASSOCIATE_OF,p-1,p-2,both catholics\n")
    list(table.parcels(10))
    assert table.notes() == [
        "links.csv: a link speaks of religion in its basis and raises no trigger: a person must look at it"
    ]


def test_charges_of_article_3_raise_a_named_trigger(read: Read) -> None:
    (record,) = read("notices", "id,colour,charges\nn-1,red,desertion;theft\n").records
    assert record.properties["triggers"] == ["article 3:military"]


def test_a_template_is_refused(read: Read) -> None:
    (reject,) = read(
        "biometrics", "id,type,database,reference,template\nb-1,fingerprint,FR-AFIS,FP-1,AAAA\n"
    ).rejects
    assert "templates of biometrics are not held here" in reject.reason


@pytest.mark.parametrize(("owner", "loaded"), [("FR", 1), ("DE", 0), ("IPSG", 0)])
def test_a_stolen_document_comes_from_the_country_that_issued_it(read: Read, owner: str, loaded: int) -> None:
    parcel = read("documents", "id,type,number,country,status\nd-1,passport,12AB,FR,stolen\n", owner=owner)
    assert (len(parcel.records), len(parcel.rejects)) == (loaded, 1 - loaded)


def test_a_document_seen_in_use_comes_from_anyone(read: Read) -> None:
    assert len(read("documents", "id,type,number,country\nd-1,passport,12AB,FR\n", owner="DE").records) == 1


@pytest.mark.parametrize(
    ("birth", "facts", "expected"),
    [
        ("2005-03-02", "2023-03-01", Class.MINOR),
        ("2005-03-01", "2023-03-01", Class.ORDINARY),
        ("2005", "2023-03-01", Class.MINOR),
        ("2004", "2023-03-01", Class.ORDINARY),
        ("1970", "", Class.ORDINARY),
        ("", "2023-03-01", Class.ORDINARY),
    ],
)
def test_who_was_a_minor_at_the_facts_or_may_have_been_is_restricted(
    read: Read, birth: str, facts: str, expected: Class
) -> None:
    (record,) = read("persons", f"id,birth_date,first_seen\np-1,{birth},{facts}\n").records
    assert record.handling.class_ == expected


def test_a_vin_that_fails_its_check_digit_is_a_note(read: Read) -> None:
    assert len(read("vehicles", "id,vin\nv-1,KF1SF08WJ8B257338\n").records) == 1
