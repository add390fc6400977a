// purpose: Records for a chart or an export.
// parameters: ids (list of text); held, today
// columns: id, kind (labels of the node), caption, owner, countries, first, last, handling
// index: entity_id
UNWIND $ids AS id
MATCH (n:Entity {id: id})
WHERE n.handling IN $held AND coalesce(n.retain_day, $today) >= $today
RETURN n.id AS id, labels(n) AS kind, n.caption AS caption, n.owner AS owner, coalesce(n.countries, []) AS countries,
       n.first_seen AS first, n.last_seen AS last, n.handling AS handling
ORDER BY id
