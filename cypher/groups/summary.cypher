// purpose: What groups of records are about: countries, owners and crime areas, counted over their members, and which
//   of them are involved in a case or event.
// parameters: groups (list of lists of ids); held, today
// columns: group (position in the list), owner, countries, areas (lists of text), records (how many are alike in these),
//   involved_ids (those that are involved in anything)
// index: entity_id
UNWIND range(0, size($groups) - 1) AS at
UNWIND $groups[at] AS id
MATCH (n:Entity {id: id})
WHERE n.handling IN $held AND coalesce(n.retain_day, $today) >= $today
WITH at, n.owner AS owner, coalesce(n.countries, []) AS countries, coalesce(n.areas, []) AS areas, n.id AS id,
     EXISTS {
       MATCH (n)-[r:INVOLVED_IN]->(c:Entity)
       WHERE r.handling IN $held AND coalesce(r.retain_day, $today) >= $today
         AND c.handling IN $held AND coalesce(c.retain_day, $today) >= $today
     } AS involved
RETURN at AS group, owner, countries, areas, count(*) AS records,
       collect(CASE WHEN involved THEN id END) AS involved_ids
