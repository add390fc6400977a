// purpose: Infrastructure and mail addresses that hold one of these registrants among their exact terms.
// parameters: terms (the registrants, in the index's syntax), registrants (in lower case without blanks),
//   most (integer); held, today
// columns: id, record (property map)
// index: entity_terms (full text)
CALL db.index.fulltext.queryNodes('entity_terms', 'search:(' + $terms + ')') YIELD node AS n
WHERE n.handling IN $held AND coalesce(n.retain_day, $today) >= $today
  AND n.kind IN ['Infrastructure', 'Email'] AND any(word IN n.search WHERE word IN $registrants)
RETURN n.id AS id, properties(n) AS record
ORDER BY id
LIMIT $most
