// purpose: Records that carry an identity key that was asked for, for checks of many items at once.
// parameters: asked (list of {number, terms: the item's keys in the index's syntax, keys}), most (integer); held, today
// columns: number (of the item), found (list of {id, record}, in order of ids, most + 1 at most)
// index: entity_terms (full text)
UNWIND $asked AS one
CALL db.index.fulltext.queryNodes('entity_terms', 'keys:(' + one.terms + ')') YIELD node AS n
WHERE n.handling IN $held AND coalesce(n.retain_day, $today) >= $today
  AND any(key IN n.keys WHERE key IN one.keys)
WITH one, n ORDER BY n.id
RETURN one.number AS number, collect({id: n.id, record: properties(n)})[..$most + 1] AS found
ORDER BY number
