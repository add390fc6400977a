// purpose: Links through which nobody may be grouped or ranked: roles of victims, witnesses and smuggled migrants,
//   and cases that ended in acquittal or were discontinued.
// parameters: roles (list of text), outcomes (list of text); held, today
// columns: id, type
// index: involved_in_role, involved_in_outcome, participated_in_role
MATCH (a:Entity)-[r:INVOLVED_IN]->(b:Entity)
WHERE r.role IN $roles AND r.handling IN $held AND coalesce(r.retain_day, $today) >= $today
  AND a.handling IN $held AND coalesce(a.retain_day, $today) >= $today
  AND b.handling IN $held AND coalesce(b.retain_day, $today) >= $today
RETURN r.id AS id, type(r) AS type
UNION
MATCH (a:Entity)-[r:INVOLVED_IN]->(b:Entity)
WHERE r.outcome IN $outcomes AND r.handling IN $held AND coalesce(r.retain_day, $today) >= $today
  AND a.handling IN $held AND coalesce(a.retain_day, $today) >= $today
  AND b.handling IN $held AND coalesce(b.retain_day, $today) >= $today
RETURN r.id AS id, type(r) AS type
UNION
MATCH (a:Entity)-[r:PARTICIPATED_IN]->(b:Entity)
WHERE r.role IN $roles AND r.handling IN $held AND coalesce(r.retain_day, $today) >= $today
  AND a.handling IN $held AND coalesce(a.retain_day, $today) >= $today
  AND b.handling IN $held AND coalesce(b.retain_day, $today) >= $today
RETURN r.id AS id, type(r) AS type
