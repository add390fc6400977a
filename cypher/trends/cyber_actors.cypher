// purpose: Threat actors of a desk with what they use, control and target, most active first. An actor is of a desk when
//   it or what it uses, controls or targets is in one of its countries; one with no country at all is of every desk.
//   With `recorded`, those that came on record on or after that day, or have a link that did.
// parameters: countries (list of text or null for all), recorded (ISO 8601 prefix or null), most (integer); held, today
// columns: id, caption, kind, names, owner, source, places, uses, hosts, targets, last_seen, fresh (links), recorded_at
// index: label Organization
MATCH (a:Organization {type: 'threat_actor'})
WHERE a.handling IN $held AND coalesce(a.retain_day, $today) >= $today
OPTIONAL MATCH (a)-[r:USES|TARGETS|CONTROLS|OWNS]->(x:Entity)
WHERE r.handling IN $held AND coalesce(r.retain_day, $today) >= $today
  AND x.handling IN $held AND coalesce(x.retain_day, $today) >= $today
WITH a, count(DISTINCT CASE WHEN type(r) = 'USES' AND x.kind <> 'Infrastructure' THEN x END) AS uses,
     count(DISTINCT CASE WHEN x.kind = 'Infrastructure' AND type(r) <> 'TARGETS' THEN x END) AS hosts,
     count(DISTINCT CASE WHEN type(r) = 'TARGETS' THEN x END) AS targets,
     max(r.last_seen) AS linked,
     count(DISTINCT CASE WHEN left(r.recorded_at, size($recorded)) >= $recorded THEN r END) AS fresh,
     reduce(all = coalesce(a.countries, []), one IN collect(x.countries) | all + one) AS places
WHERE ($countries IS NULL OR size(places) = 0 OR any(place IN places WHERE place IN $countries))
  AND ($recorded IS NULL OR fresh > 0 OR left(a.recorded_at, size($recorded)) >= $recorded)
RETURN a.id AS id, a.caption AS caption, a.kind AS kind, a.names AS names, a.owner AS owner, a.source AS source,
       places, uses, hosts, targets, CASE WHEN linked > coalesce(a.last_seen, '') THEN linked ELSE a.last_seen END AS last_seen,
       fresh, a.recorded_at AS recorded_at
ORDER BY uses + hosts + targets DESC, a.caption, a.id LIMIT $most
