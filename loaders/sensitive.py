"""Which columns hold what must not come in, told by the words of their names, in English, French, Spanish, German,
Portuguese and Italian.

Words that mean something else in another of these languages or in a file of the police are left out: a party to a case
(Partei), a match (partido), a confession, a doctor's name. What accompanies a word may say that it is harmless.
"""

import re
import unicodedata

WORDS: dict[str, str] = {
    "ethnicity": "ethnicity ethnic race racial tribe caste "
    "ethnie ethnique ethniques raciale tribu raza etnia etnias etnico etnica etnicos etnicas etnicidad "
    "rasse ethnisch ethnische ethnizitat volksgruppe volkszugehorigkeit raca etnicidade razza",
    "religion": "religion religions religious faith creed religieux religieuse religieuses croyance croyances culte "
    "religioso religiosa religiosas creencia creencias religios religiose glaube konfession "
    "religiao religioes crenca crencas religione religioni credo fede culto",
    "politics": "political politics ideology politique politiques ideologie politico politica politicos politicas "
    "ideologia politisch politische politik parteizugehorigkeit parteimitglied parteimitgliedschaft politici politiche",
    "health": "health medical disease diagnosis illness disability hiv medication sante medicale medicaux medicales "
    "maladie maladies handicap invalidite medicament medicaments grossesse vih sida salud enfermedad enfermedades "
    "discapacidad diagnostico medico medica medicos medicas medicamento medicamentos embarazo gesundheit krankheit "
    "krankheiten diagnose diagnosen behinderung schwerbehinderung medizinisch medizinische medikament medikamente "
    "schwangerschaft saude doenca doencas gravidez salute malattia malattie disabilita diagnosi farmaco farmaci "
    "gravidanza mediche",
    "sexual life": "sexual sexuality lgbt sexuel sexuelle sexuels sexuelles sexualite sexualidad sexuell sexualitat "
    "sexualleben sexualidade sessuale sessuali sessualita",
    "union membership": "union unions syndicat syndicats syndical syndicale syndicaux sindicato sindicatos sindical "
    "sindicales sindicais sindacato sindacati sindacale sindacali",
    "genetics": "genetic genetics genome genotype genetique genetiques genetico genetica geneticos geneticas genetici "
    "genetiche genetisch genetische genom genoma genotyp genotipo",
    "asylum": "asylum refugee refugees asile refugie refugiee refugies refugiees asilo refugiado refugiada refugiados "
    "refugiadas rifugiato rifugiata rifugiati",
}
"""Words in the name of a column that say what it holds, without accents."""

STEMS: dict[str, str] = {
    "religion": "religionszug glaubens konfessions",
    "health": "gesundheits krankheits kranken",
    "union membership": "gewerkschaft",
    "asylum": "asyl fluchtling",
}
"""Beginnings of German words that are written as one."""

HARMLESS: dict[str, tuple[str, str]] = {
    "union membership": (
        "union unions syndicat",
        "european europeenne europea europeia credit customs douaniere aduanera african africaine africana soviet "
        "sovietique sovietica civil civile libre copropriete",
    ),
    "politics": (
        "politique politica politiche politik",
        "confidentialite privacy privacidad privacidade riservatezza securite seguridad seguranca sicurezza cookies",
    ),
    "asylum": ("asilo", "nido infantile infantil"),
}
"""Words that say nothing when one of the others stands beside them."""

PROFILES = (frozenset({"dna", "adn"}), frozenset({"profile", "profil", "perfil", "profilo"}))
TEMPLATES = frozenset(
    {"template", "templates", "minutiae", "embedding", "wsq", "alleles", "loci", "faceprint"}
)

_SIGNS = {name: frozenset(text.split()) for name, text in WORDS.items()}
_STEMS = {name: tuple(text.split()) for name, text in STEMS.items()}
_HARMLESS = {
    name: (frozenset(signs.split()), frozenset(beside.split())) for name, (signs, beside) in HARMLESS.items()
}


def category(column: str) -> str | None:
    """Which sensitive category a column of this name holds, if any."""
    return next(iter(categories(column)), None)


def categories(text: str) -> list[str]:
    """The sensitive categories that a text speaks of by the words for columns."""
    words = _words(text)
    found = [name for name in WORDS if _speaks(name, words)]
    profile = all(words & part for part in PROFILES) and "genetics" not in found
    return [*found, "genetics"] if profile else found


def _speaks(name: str, words: frozenset[str]) -> bool:
    signs, beside = _HARMLESS.get(name, (frozenset(), frozenset()))
    if words & beside:
        words -= signs
    stems = _STEMS.get(name, ())
    return not words.isdisjoint(_SIGNS[name]) or any(word.startswith(stems) for word in words if stems)


def _words(text: str) -> frozenset[str]:
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", plain)
    return frozenset(re.split(r"[^a-z]+", parted.casefold()))


def is_template(column: str) -> bool:
    """Whether a column of this name holds a biometric template."""
    return bool(TEMPLATES & _words(column))


def hidden(column: str) -> bool:
    """Whether nothing of a column of this name is kept."""
    return is_template(column) or bool(categories(column))
