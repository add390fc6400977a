// purpose: Records that somebody judged to be the same as one of these.
// parameters: ids (list of text); held, today
// columns: of (id asked for), id, link (id of the judgement)
// index: entity_id
UNWIND $ids AS of
MATCH (a:Entity {id: of})-[r:SAME_AS]-(b:Entity)
WHERE a.handling IN $held AND coalesce(a.retain_day, $today) >= $today
  AND r.handling IN $held AND coalesce(r.retain_day, $today) >= $today
  AND b.handling IN $held AND coalesce(b.retain_day, $today) >= $today
  AND coalesce(r.decision, 'same') = 'same'
RETURN of, b.id AS id, r.id AS link
ORDER BY of, id, link
