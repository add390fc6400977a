// purpose: Crime areas of the cases and events in which members of groups are involved, other than in protected roles.
// parameters: groups (list of lists of ids), roles (protected ones), outcomes (that end use as a suspect); held, today
// columns: group (position in the list), areas (list of text, one a case or event that names it)
// index: entity_id
UNWIND range(0, size($groups) - 1) AS at
UNWIND $groups[at] AS id
MATCH (n:Entity {id: id})-[r:INVOLVED_IN]->(c:Entity)
WHERE n.handling IN $held AND coalesce(n.retain_day, $today) >= $today
  AND r.handling IN $held AND coalesce(r.retain_day, $today) >= $today
  AND c.handling IN $held AND coalesce(c.retain_day, $today) >= $today
  AND NOT coalesce(r.role, '') IN $roles AND NOT coalesce(r.outcome, '') IN $outcomes
WITH DISTINCT at AS at, c.id AS case, coalesce(c.areas, []) AS named
UNWIND named AS area
RETURN at AS group, collect(area) AS areas
