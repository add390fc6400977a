// purpose: In which roles members of groups stand to others, other than in protected ones.
// parameters: ids (list of text), roles (protected ones), outcomes (that end use as a suspect); held, today
// columns: id, role, link_ids, other_ids, until (the last day on which all of these may be used; null for no end)
// index: entity_id
UNWIND $ids AS id
MATCH (n:Entity {id: id})-[r:INVOLVED_IN|PARTICIPATED_IN|MEMBER_OF|DIRECTS|ASSOCIATE_OF]->(o:Entity)
WHERE r.role IS NOT NULL
  AND n.handling IN $held AND coalesce(n.retain_day, $today) >= $today
  AND r.handling IN $held AND coalesce(r.retain_day, $today) >= $today
  AND o.handling IN $held AND coalesce(o.retain_day, $today) >= $today
  AND NOT r.role IN $roles AND NOT coalesce(r.outcome, '') IN $outcomes
WITH n.id AS id, r.role AS role, collect(r.id) AS link_ids, collect(o.id) AS other_ids,
     min(r.retain_day) AS until, min(o.retain_day) AS end
RETURN id, role, link_ids, other_ids, CASE WHEN end < until THEN end ELSE coalesce(until, end) END AS until
ORDER BY id, role
