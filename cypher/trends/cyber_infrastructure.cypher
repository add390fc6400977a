// purpose: Infrastructure of a desk with who controls, owns or uses it and the state of its takedown. That without a
//   country is of every desk. With `recorded`, what came on record on or after that day, or has such a link.
// parameters: countries (list of text or null for all), recorded (ISO 8601 prefix or null), most (integer); held, today
// columns: id, value, kind, type, control, takedown, country, owner, source, by (list of id, caption, link), fresh (links),
//   recorded_at
// index: label Infrastructure
MATCH (n:Infrastructure)
WHERE n.handling IN $held AND coalesce(n.retain_day, $today) >= $today
  AND ($countries IS NULL OR n.country IS NULL OR n.country IN $countries)
OPTIONAL MATCH (w:Entity)-[r:CONTROLS|OWNS|USES]->(n)
WHERE r.handling IN $held AND coalesce(r.retain_day, $today) >= $today
  AND w.handling IN $held AND coalesce(w.retain_day, $today) >= $today
WITH n, collect(DISTINCT CASE WHEN w.id IS NOT NULL THEN {id: w.id, caption: w.caption, link: type(r)} END) AS by,
     count(DISTINCT CASE WHEN left(r.recorded_at, size($recorded)) >= $recorded THEN r END) AS fresh
WHERE $recorded IS NULL OR fresh > 0 OR left(n.recorded_at, size($recorded)) >= $recorded
RETURN n.id AS id, n.value AS value, n.kind AS kind, n.type AS type, n.control AS control, n.takedown AS takedown,
       n.country AS country, n.owner AS owner, n.source AS source, by, fresh, n.recorded_at AS recorded_at
ORDER BY CASE n.control WHEN 'actor' THEN 0 WHEN 'compromised' THEN 1 WHEN 'leased' THEN 2 ELSE 3 END, n.value, n.id
LIMIT $most
