// purpose: What their owners wrote of links, and of the records at their ends. Absent and hidden ones give no row.
// parameters: links (list of maps with id, type, from, to), ends (whether the records are asked for); held, today
// columns: link (all properties of the relationship), ends (list of the property maps of both records, or null)
// index: entity_id
UNWIND $links AS wanted
MATCH (a:Entity {id: wanted.from})
WHERE a.handling IN $held AND coalesce(a.retain_day, $today) >= $today
MATCH (b:Entity {id: wanted.to})
WHERE b.handling IN $held AND coalesce(b.retain_day, $today) >= $today
MATCH (a)-[r]->(b)
WHERE r.id = wanted.id AND type(r) = wanted.type
  AND r.handling IN $held AND coalesce(r.retain_day, $today) >= $today
RETURN properties(r) AS link, CASE WHEN $ends THEN [properties(a), properties(b)] END AS ends
