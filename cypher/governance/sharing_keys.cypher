// purpose: Records that carry one of these identity keys.
// parameters: terms (the keys, in the index's syntax), keys (list of text); held, today
// columns: id
// index: entity_terms (full text)
CALL db.index.fulltext.queryNodes('entity_terms', 'keys:(' + $terms + ')') YIELD node AS n
WHERE n.handling IN $held AND coalesce(n.retain_day, $today) >= $today
  AND any(key IN n.keys WHERE key IN $keys)
RETURN n.id AS id
ORDER BY id
