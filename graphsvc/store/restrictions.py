"""What a query must prove before it is registered: every node and every link that it binds is restricted.

A node or link ``x`` counts as restricted when the ``WHERE`` of the very clause that binds it holds, joined by ``AND``
and in no bracket, both

    x.handling IN $held
    coalesce(x.retain_day, $today) >= $today

Only the part of Cypher that is understood here passes: clauses that read, patterns whose nodes and links all have names
and a fixed length, procedures and functions from a list. All else is refused, so that a new way of binding is looked at
before it is used. Whatever takes a first few rows must order them.

The books (handlings, runs, the change feed …) carry no handling. A query that reads them says so in its header,
``// books: Label, Label - why no caller learns from it what is hidden``; nodes of exactly these labels are exempt, and
records never are.
"""

from collections.abc import Iterator

import msgspec

from graphsvc.model.kinds import BY_NAME as KINDS
from graphsvc.model.links import BY_NAME as LINKS
from graphsvc.store.tokens import QueryRefused, Token, closing, place, split, tokens, word

CLAUSES = frozenset({"MATCH", "UNWIND", "WITH", "RETURN", "CALL"})
SAFE = """
abs all any avg ceil coalesce collect count exists floor head isEmpty keys labels last left max min none nullIf
percentileCont point point.distance properties range reduce reverse right round sign single size split sqrt sum stDev
substring tail toFloat toInteger toLower toString toStringOrNull toUpper trim type
"""
FUNCTIONS = frozenset(SAFE.split())
BEFORE_BRACKETS = "IN AND OR NOT XOR WHERE WHEN THEN ELSE CASE AS BY DISTINCT"
WORDS_BEFORE_BRACKETS = frozenset(BEFORE_BRACKETS.split())
UNUSED = """
ALTER CREATE DELETE DETACH DROP FILTER FINISH FOREACH GRANT INSERT LET LOAD MERGE NEXT NODETACH OPTIONAL REMOVE SET SHOW
TERMINATE USE
"""
NEVER = frozenset(UNUSED.split())
SUBQUERIES = frozenset({"EXISTS", "COUNT", "COLLECT"})
FULL_TEXT = "db.index.fulltext.queryNodes"


class Predicate(msgspec.Struct, frozen=True):
    """One predicate that restricts: of which name, whether by ``handling`` or ``retention``, and where it stands."""

    name: str
    by: str
    start: int
    end: int


class Bound(msgspec.Struct, frozen=True):
    """A node or link that a pattern names, with the label or type that it surely has."""

    name: str
    link: bool
    label: str
    start: int


def restrictions(text: str, books: frozenset[str] = frozenset()) -> list[Predicate]:
    """The restricting predicates of a query, in the order of the text. Raises QueryRefused.

    ``books`` are the labels that its header claims.
    """
    if wrong := books & ({"Entity"} | KINDS.keys()):
        raise QueryRefused(f"records are no books: {', '.join(sorted(wrong))}")
    checked = _Check(text, books)
    try:
        checked.statement(tokens(text), frozenset())
    except IndexError:
        raise QueryRefused("a clause ends before it is whole") from None
    return sorted(checked.tests, key=lambda test: test.start)


class _Check:
    """A query while it is read. ``known`` names stand for nodes and links that were restricted before."""

    def __init__(self, text: str, books: frozenset[str]) -> None:
        self.text = text
        self.books = books
        self.tests: list[Predicate] = []

    def refuse(self, why: str, at: Token) -> QueryRefused:
        return QueryRefused(f"{why} ({place(self.text, at.start)})")

    def statement(self, given: list[Token], known: frozenset[str]) -> frozenset[str]:
        """Check a whole statement or subquery; the restricted names that it returns."""
        parts = split(given, "UNION")
        returned = [
            self.part(part[1:] if at and word(part, 0) == "ALL" else part, known)
            for at, part in enumerate(parts)
        ]
        return frozenset.intersection(*returned)

    def part(self, given: list[Token], known: frozenset[str]) -> frozenset[str]:
        for clause in self.clauses(given):
            match word(clause, 0):
                case "MATCH":
                    known = self.match(clause[1:], known)
                case "UNWIND":
                    known = self.unwind(clause[1:], known)
                case "CALL":
                    known = self.call(clause[1:], known)
                case _:
                    known = self.project(clause[1:], known)
        return known

    def clauses(self, given: list[Token]) -> Iterator[list[Token]]:
        """Each clause from its word on; ``OPTIONAL`` is dropped, since it binds as ``MATCH`` does."""
        clause: list[Token] = []
        at = 0
        while at < len(given):
            here = word(given, at)
            if here == "OPTIONAL" and word(given, at + 1) == "MATCH":
                at += 1
                continue
            starts = here in CLAUSES and not self.string_operator(given, at)
            if starts and clause:
                yield clause
                clause = []
            if here in NEVER or (not clause and not starts):
                raise self.refuse(f"{given[at].text} is no clause that may be used", given[at])
            end = closing(given, at) if given[at].text in "([{" and given[at].kind == "sign" else at
            clause.extend(given[at : end + 1])
            at = end + 1
        if not clause:
            raise QueryRefused("there is no statement")
        yield clause

    @staticmethod
    def string_operator(given: list[Token], at: int) -> bool:
        """``WITH`` within ``STARTS WITH`` and ``ENDS WITH``."""
        return at > 0 and word(given, at) == "WITH" and word(given, at - 1) in ("STARTS", "ENDS")

    # clauses

    def match(self, given: list[Token], known: frozenset[str]) -> frozenset[str]:
        pattern, *conditions = split(given, "WHERE")
        if len(conditions) > 1:
            raise self.refuse("two conditions in one clause", given[0])
        pattern = split(pattern, "USING")[0]
        bound = [element for path in split(pattern, ",") for element in self.path(path)]
        return self.restricted(bound, conditions[0] if conditions else [], known)

    def restricted(self, bound: list[Bound], condition: list[Token], known: frozenset[str]) -> frozenset[str]:
        """The names known after a clause; raises unless all that it binds are restricted."""
        tested = self.tested(condition)
        exempt = self.exempt(bound)
        for element in bound:
            missing = {"handling", "retention"} - tested.get(element.name, set())
            if missing and element.name not in known | exempt:
                raise QueryRefused(
                    f"{element.name} is bound without a test of its {' and '.join(sorted(missing))} "
                    f"({place(self.text, element.start)})"
                )
        known = known | {element.name for element in bound} - exempt
        self.expression(condition, known)
        return known

    def exempt(self, bound: list[Bound]) -> frozenset[str]:
        """Nodes of the books, and the links of a path that holds nothing else."""
        nodes = {element.name for element in bound if not element.link and element.label in self.books}
        others = any(not element.link and element.name not in nodes for element in bound)
        links = {
            element.name
            for element in bound
            if element.link and not others and element.label not in {"", *LINKS}
        }
        return frozenset(nodes | links)

    def tested(self, condition: list[Token]) -> dict[str, set[str]]:
        """What the condition surely tests: its parts joined by ``AND``, where nothing else joins them."""
        if len(split(condition, "OR", "XOR", "CASE")) > 1:
            return {}
        found: dict[str, set[str]] = {}
        for part in split(condition, "AND"):
            name, by = _restricting([token.text for token in part])
            if name:
                found.setdefault(name, set()).add(by)
                self.tests.append(Predicate(name, by, part[0].start, part[-1].end))
        return found

    def unwind(self, given: list[Token], known: frozenset[str]) -> frozenset[str]:
        if len(given) < 3 or given[-2].text.upper() != "AS":
            raise self.refuse("UNWIND needs a name", given[0])
        self.expression(given[:-2], known)
        return known - {given[-1].text}

    def call(self, given: list[Token], known: frozenset[str]) -> frozenset[str]:
        if given[0].text == "(":
            return self.subquery(given, known)
        opening = next((at for at, token in enumerate(given) if token.text == "("), 0)
        procedure = "".join(token.text for token in given[:opening])
        if procedure != FULL_TEXT:
            raise self.refuse(f"the procedure {procedure or given[0].text} may not be used", given[0])
        end = closing(given, opening)
        if len(split(given[opening + 1 : end], ",")) != 2:
            raise self.refuse("a full-text index that skips or limits its rows sees hidden ones", given[0])
        self.expression(given[opening + 1 : end], known)
        yielded, *conditions = split(given[end + 1 :], "WHERE")
        if len(conditions) != 1:
            raise self.refuse("what an index yields needs one condition", given[0])
        words = [token.text for token in yielded]
        if words[:2] != ["YIELD", "node"] or words[2:3] not in ([], ["AS"]) or len(words) not in (2, 4):
            raise self.refuse(
                "only `YIELD node AS …` may be taken: the index's scores see hidden records", given[0]
            )
        bound = Bound(words[-1], False, "", yielded[-1].start)
        return self.restricted([bound], conditions[0], known - {bound.name})

    def subquery(self, given: list[Token], known: frozenset[str]) -> frozenset[str]:
        end = closing(given, 0)
        names = [token.text for token in given[1:end]]
        if any(token.kind != "name" and token.text not in (",", "*") for token in given[1:end]):
            raise self.refuse("a subquery takes names", given[0])
        if end + 1 >= len(given) or given[end + 1].text != "{" or closing(given, end + 1) != len(given) - 1:
            raise self.refuse("a subquery ends with its bracket", given[0])
        inner = known if "*" in names else known & set(names)
        return known | self.statement(given[end + 2 : -1], inner)

    def project(self, given: list[Token], known: frozenset[str]) -> frozenset[str]:
        """``WITH`` and ``RETURN``: which names go on, and whether what is cut is ordered."""
        projected, *conditions = split(given, "WHERE")
        ordered = split(projected, "ORDER")
        if len(ordered) == 1 and len(split(projected, "LIMIT", "SKIP", "OFFSET")) > 1:
            raise self.refuse("the first few rows of no order depend on what is hidden", given[0])
        items = ordered[0][1:] if word(ordered[0], 0) == "DISTINCT" else ordered[0]
        after: set[str] = set()
        for item in split(items, ","):
            self.expression(item, known)
            after |= self.carried([token.text for token in item], known)
        for part in (*ordered[1:], *conditions):
            self.expression(part, known | after)
        return frozenset(after)

    @staticmethod
    def carried(item: list[str], known: frozenset[str]) -> set[str]:
        if item == ["*"]:
            return set(known)
        if item and item[0] in known and (len(item) == 1 or (len(item) == 3 and item[1].upper() == "AS")):
            return {item[-1]}
        return set()

    # patterns

    def path(self, given: list[Token]) -> Iterator[Bound]:
        """The nodes and links of one path, all of which have names."""
        at = 0
        while True:
            if at >= len(given) or given[at].text != "(":
                raise self.refuse("this pattern is not understood", given[min(at, len(given) - 1)])
            end = closing(given, at)
            yield self.element(given[at : end + 1], link=False)
            if end + 1 == len(given):
                return
            at = self.arrow(given, end + 1)
            end = closing(given, at)
            yield self.element(given[at : end + 1], link=True)
            at = end + 1
            if at >= len(given) or given[at].text != "-":
                raise self.refuse("this pattern is not understood", given[end])
            at += 2 if at + 1 < len(given) and given[at + 1].text == ">" else 1

    def arrow(self, given: list[Token], at: int) -> int:
        """The bracket of the link that begins at ``at``."""
        if given[at].text == "<":
            at += 1
        if at + 1 >= len(given) or given[at].text != "-" or given[at + 1].text != "[":
            raise self.refuse(
                "every link of a pattern needs brackets and a name", given[min(at, len(given) - 1)]
            )
        return at + 1

    def element(self, given: list[Token], *, link: bool) -> Bound:
        """``(n:Label {…})`` or ``[r:TYPE {…}]``."""
        inside = given[1:-1]
        if not inside or inside[0].kind != "name":
            raise self.refuse("every node and link needs a name", given[0])
        maps = [at for at, token in enumerate(inside) if token.text == "{"]
        if maps:
            if closing(inside, maps[0]) != len(inside) - 1:
                raise self.refuse("this pattern is not understood", given[0])
            self.expression(inside[maps[0] :], frozenset())
        labels = inside[1 : maps[0]] if maps else inside[1:]
        if labels and (labels[0].text != ":" or any(not _of_label(token) for token in labels[1:])):
            raise self.refuse("only names, labels and a map may stand in a pattern", given[0])
        return Bound(inside[0].text, link, labels[1].text if len(labels) == 2 else "", inside[0].start)

    # expressions

    def expression(self, given: list[Token], known: frozenset[str]) -> None:
        """Refuse whatever in an expression could bind, or call what is not known; look into its subqueries."""
        at = 0
        while at < len(given):
            token = given[at]
            following = given[at + 1].text if at + 1 < len(given) else ""
            if token.text == ")" and (following == "-" or following == "<") and self.leads_on(given, at + 1):
                raise self.refuse("a pattern may stand in a clause or an EXISTS { } only", token)
            if token.kind == "name" and following == "{" and token.text.upper() in SUBQUERIES:
                end = closing(given, at + 1)
                self.inner(given[at + 2 : end], known)
                at = end
            elif token.kind == "name" and following == "(":
                self.function(given, at)
            elif token.kind == "sign" and token.text == ";":
                raise self.refuse("one statement a file, without a semicolon", token)
            at += 1

    @staticmethod
    def leads_on(given: list[Token], at: int) -> bool:
        """Whether an arrow begins here, and not a minus or a comparison."""
        rest = [token.text for token in given[at : at + 3]]
        return rest[:2] in (["-", "["], ["-", "-"]) or rest[:2] == ["<", "-"]

    def inner(self, given: list[Token], known: frozenset[str]) -> None:
        if given and given[0].text == "(":
            self.match(given, known)
        else:
            self.statement(given, known)

    def function(self, given: list[Token], at: int) -> None:
        name = given[at].text
        while at >= 2 and given[at - 1].text == "." and given[at - 2].kind == "name":
            at -= 2
            name = f"{given[at].text}.{name}"
        if name not in FUNCTIONS and name.upper() not in WORDS_BEFORE_BRACKETS:
            raise self.refuse(f"the function {name} may not be used", given[at])


def _of_label(token: Token) -> bool:
    return token.kind in ("name", "parameter") or token.text in ("|", "&", "!", "(", ")", "$", ":")


def _restricting(words: list[str]) -> tuple[str, str]:
    """Whose test this is, and of what; nothing when it is none."""
    if len(words) == 5 and words[1:] == [".", "handling", "IN", "$held"]:
        return words[0], "handling"
    if len(words) == 10 and [*words[:2], *words[3:]] == (
        ["coalesce", "(", ".", "retain_day", ",", "$today", ")", ">=", "$today"]
    ):
        return words[2], "retention"
    return "", ""
