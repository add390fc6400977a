// purpose: Records by their ids. Absent and hidden ones give no row.
// parameters: ids (list of text); held, today
// columns: record (all properties of the node)
// index: entity_id
UNWIND $ids AS id
MATCH (n:Entity {id: id})
WHERE n.handling IN $held AND coalesce(n.retain_day, $today) >= $today
RETURN properties(n) AS record
