// purpose: Links among records, for a chart or an export.
// parameters: ids (list of text); held, today
// columns: id, type, from, to, role, first, last, confidence, owner, handling
// index: entity_id
UNWIND $ids AS id
MATCH (a:Entity {id: id})-[r]->(b:Entity)
WHERE a.handling IN $held AND coalesce(a.retain_day, $today) >= $today
  AND r.handling IN $held AND coalesce(r.retain_day, $today) >= $today
  AND b.handling IN $held AND coalesce(b.retain_day, $today) >= $today
  AND b.id IN $ids
RETURN r.id AS id, type(r) AS type, a.id AS from, b.id AS to, r.role AS role, r.first_seen AS first,
       r.last_seen AS last, r.confidence AS confidence, r.owner AS owner, r.handling AS handling
ORDER BY type, id
