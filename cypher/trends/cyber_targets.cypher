// purpose: Whom and what threat actors, campaigns and their means target, most attackers first. What has no country is of
//   every desk. With `recorded`, what came on record on or after that day, or has such a link.
// parameters: countries (list of text or null for all), recorded (ISO 8601 prefix or null), most (integer); held, today
// columns: id, caption, kind, owner, source, countries, by (list of id, caption), attackers (integer), fresh (links),
//   recorded_at
// index: labels Organization, Campaign, Malware, Tool
MATCH (a:Organization|Campaign|Malware|Tool)-[r:TARGETS]->(n:Entity)
WHERE a.handling IN $held AND coalesce(a.retain_day, $today) >= $today
  AND r.handling IN $held AND coalesce(r.retain_day, $today) >= $today
  AND n.handling IN $held AND coalesce(n.retain_day, $today) >= $today
  AND (a.kind <> 'Organization' OR a.type = 'threat_actor')
  AND ($countries IS NULL OR size(coalesce(n.countries, [])) = 0 OR any(place IN n.countries WHERE place IN $countries))
WITH n, collect(DISTINCT {id: a.id, caption: a.caption}) AS by,
     count(DISTINCT CASE WHEN left(r.recorded_at, size($recorded)) >= $recorded THEN r END) AS fresh
WHERE $recorded IS NULL OR fresh > 0 OR left(n.recorded_at, size($recorded)) >= $recorded
RETURN n.id AS id, n.caption AS caption, n.kind AS kind, n.owner AS owner, n.source AS source,
       n.countries AS countries, by, size(by) AS attackers, fresh, n.recorded_at AS recorded_at
ORDER BY attackers DESC, n.caption, n.id LIMIT $most
