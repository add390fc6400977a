// purpose: What lists of members say of themselves: one line and owner each.
// parameters: ids (list of text); held, today
// columns: id, caption, owner
// index: entity_id
UNWIND $ids AS id
MATCH (n:Entity {id: id})
WHERE n.handling IN $held AND coalesce(n.retain_day, $today) >= $today
RETURN n.id AS id, n.caption AS caption, n.owner AS owner
