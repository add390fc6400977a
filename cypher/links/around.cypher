// purpose: Links of some types at records, with the records at their other ends.
// parameters: ids, types, kinds (lists of text), most (integer); held, today
// columns: id, link (property map), record (property map of the other end)
// index: entity_id
UNWIND $ids AS id
MATCH (n:Entity {id: id})
WHERE n.handling IN $held AND coalesce(n.retain_day, $today) >= $today
MATCH (n)-[r]-(m:Entity)
WHERE type(r) IN $types AND m.kind IN $kinds
  AND r.handling IN $held AND coalesce(r.retain_day, $today) >= $today
  AND m.handling IN $held AND coalesce(m.retain_day, $today) >= $today
RETURN n.id AS id, properties(r) AS link, properties(m) AS record
ORDER BY link.kind, link.id, id
LIMIT $most
