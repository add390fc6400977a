// purpose: Records that hold the exact terms of items of a check, for many items at once. No score of the index is
//   used, and nothing is cut before the filter, so hidden records change neither the rows nor their order.
// parameters: asked (list of {number, terms: in the index's syntax, kinds, words, born_from, born_to}), most (integer);
//   held, today
// columns: number (of the item), found (list of {id, names, shared: words of the item, record}, those with most words
//   first, equals in order of ids, most + 1 at most)
// index: entity_terms (full text)
UNWIND $asked AS one
CALL db.index.fulltext.queryNodes('entity_terms', 'search:(' + one.terms + ')') YIELD node AS n
WHERE n.handling IN $held AND coalesce(n.retain_day, $today) >= $today
  AND n.kind IN one.kinds
  AND (one.born_to IS NULL OR n.birth_date IS NULL
    OR (n.birth_date <= one.born_to AND n.birth_date + '~' >= one.born_from))
WITH one, n, [word IN one.words WHERE word IN n.search] AS shared
ORDER BY size(shared) DESC, n.id
RETURN one.number AS number,
  collect({
    id: n.id, shared: shared, record: properties(n),
    names: [name IN [n.name, n.title, trim(coalesce(n.given_name, '') + ' ' + coalesce(n.family_name, ''))]
      WHERE name IS NOT NULL AND name <> ''] + coalesce(n.names, [])
  })[..$most + 1] AS found
ORDER BY number
