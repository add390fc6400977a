// purpose: What their owners wrote of links. Absent and hidden ones give no row.
// parameters: links (list of maps with id, type, from, to); held, today
// columns: link (all properties of the relationship)
// index: entity_id
UNWIND $links AS wanted
MATCH (a:Entity {id: wanted.from})
WHERE a.handling IN $held AND coalesce(a.retain_day, $today) >= $today
MATCH (b:Entity {id: wanted.to})
WHERE b.handling IN $held AND coalesce(b.retain_day, $today) >= $today
MATCH (a)-[r]->(b)
WHERE r.id = wanted.id AND type(r) = wanted.type
  AND r.handling IN $held AND coalesce(r.retain_day, $today) >= $today
RETURN properties(r) AS link
