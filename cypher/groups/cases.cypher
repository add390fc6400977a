// purpose: Crime areas of the cases and events in which members of groups are involved, other than in protected roles.
// parameters: groups (list of lists of ids), roles (protected ones), outcomes (that end use as a suspect); held, today
// columns: group (position in the list), areas (list of lists of text, one a case or event), case_ids, link_ids and
//   member_ids (lists of lists, one a case or event), until (the last day on which all of these may be used; null for
//   no end)
// index: entity_id
UNWIND range(0, size($groups) - 1) AS at
UNWIND $groups[at] AS id
MATCH (n:Entity {id: id})-[r:INVOLVED_IN]->(c:Entity)
WHERE n.handling IN $held AND coalesce(n.retain_day, $today) >= $today
  AND r.handling IN $held AND coalesce(r.retain_day, $today) >= $today
  AND c.handling IN $held AND coalesce(c.retain_day, $today) >= $today
  AND NOT coalesce(r.role, '') IN $roles AND NOT coalesce(r.outcome, '') IN $outcomes
WITH at, c, collect(r.id) AS link_ids, collect(n.id) AS member_ids, min(r.retain_day) AS until
WITH at, collect(coalesce(c.areas, [])) AS areas, collect(c.id) AS case_ids, collect(link_ids) AS link_ids,
     collect(member_ids) AS member_ids, min(c.retain_day) AS end, min(until) AS until
RETURN at AS group, areas, case_ids, link_ids, member_ids,
       CASE WHEN end < until THEN end ELSE coalesce(until, end) END AS until
