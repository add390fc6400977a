// purpose: Ties that rest on one of the bases asked for, such as kinship.
// parameters: bases (list of text); held, today
// columns: id, type
// index: associate_of_basis
MATCH (a:Entity)-[r:ASSOCIATE_OF]->(b:Entity)
WHERE r.basis IN $bases AND r.handling IN $held AND coalesce(r.retain_day, $today) >= $today
  AND a.handling IN $held AND coalesce(a.retain_day, $today) >= $today
  AND b.handling IN $held AND coalesce(b.retain_day, $today) >= $today
RETURN r.id AS id, type(r) AS type
