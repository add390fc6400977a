// purpose: How much links weigh by what their sources counted, for the types that have a weight.
// parameters: held, today
// columns: ids (list of text), weights (list of numbers) a type
// index: associate_of_id, called_id (constraints)
MATCH (a:Entity)-[r:ASSOCIATE_OF]->(b:Entity)
WHERE r.id > '' AND r.weight IS NOT NULL AND r.handling IN $held AND coalesce(r.retain_day, $today) >= $today
  AND a.handling IN $held AND coalesce(a.retain_day, $today) >= $today
  AND b.handling IN $held AND coalesce(b.retain_day, $today) >= $today
RETURN 'ASSOCIATE_OF' AS type, collect(r.id) AS ids, collect(r.weight) AS weights
UNION
MATCH (a:Entity)-[r:CALLED]->(b:Entity)
WHERE r.id > '' AND r.weight IS NOT NULL AND r.handling IN $held AND coalesce(r.retain_day, $today) >= $today
  AND a.handling IN $held AND coalesce(a.retain_day, $today) >= $today
  AND b.handling IN $held AND coalesce(b.retain_day, $today) >= $today
RETURN 'CALLED' AS type, collect(r.id) AS ids, collect(r.weight) AS weights
