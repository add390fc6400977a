// purpose: Every visible link between two visible records; no row when one of them is absent or hidden.
// parameters: one, other (ids), most (integer); held, today
// columns: links (list of property maps)
// index: entity_id
MATCH (a:Entity {id: $one})
WHERE a.handling IN $held AND coalesce(a.retain_day, $today) >= $today
MATCH (b:Entity {id: $other})
WHERE b.handling IN $held AND coalesce(b.retain_day, $today) >= $today
CALL (a, b) {
  MATCH (a)-[r]-(b)
  WHERE r.handling IN $held AND coalesce(r.retain_day, $today) >= $today
  WITH r ORDER BY r.id, r.kind LIMIT $most
  RETURN collect(properties(r)) AS links
}
RETURN links
