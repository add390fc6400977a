// purpose: Records by their ids, each with the terms on which it may be used. Absent and hidden ones give no row.
// parameters: ids (list of text); held, today
// columns: record (all properties of the node), conditions (list of text), level (integer), class (text)
// index: entity_id, handling_number
UNWIND $ids AS id
MATCH (n:Entity {id: id})
WHERE n.handling IN $held AND coalesce(n.retain_day, $today) >= $today
MATCH (h:Handling {number: n.handling})
WHERE h.number IN $held
RETURN properties(n) AS record, h.conditions AS conditions, h.level AS level, h.class AS class
