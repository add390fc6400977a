// purpose: Malware, tools and techniques that threat actors of a desk use, themselves or through what they use; most
//   users first. What nobody is known to use is of every desk. With `recorded`, what came on record on or after that
//   day, or has such a link. A desk's own are its actors and what they use.
// parameters: countries (list of text or null for all), recorded (ISO 8601 prefix or null), most (integer); held, today
// columns: id, caption, kind, reference, owner, source, users (list of id, caption), actors (integer), fresh (links),
//   recorded_at
// index: labels Organization, Malware, Tool, Technique
OPTIONAL MATCH (a:Organization {type: 'threat_actor'})
WHERE a.handling IN $held AND coalesce(a.retain_day, $today) >= $today
OPTIONAL MATCH (a)-[s:USES|TARGETS|CONTROLS|OWNS]->(x:Entity)
WHERE s.handling IN $held AND coalesce(s.retain_day, $today) >= $today
  AND x.handling IN $held AND coalesce(x.retain_day, $today) >= $today
WITH a, reduce(all = coalesce(a.countries, []), one IN collect(x.countries) | all + one) AS places,
     collect(CASE WHEN type(s) = 'USES' THEN x.id END) AS means
WITH CASE WHEN size(places) = 0 OR any(place IN places WHERE place IN $countries) THEN a.id END AS actor, means
UNWIND CASE WHEN actor IS NULL THEN [null] ELSE [actor] + means END AS one
WITH collect(DISTINCT one) AS desk
MATCH (n:Malware|Tool|Technique)
WHERE n.handling IN $held AND coalesce(n.retain_day, $today) >= $today
OPTIONAL MATCH (u:Entity)-[r:USES]->(n)
WHERE r.handling IN $held AND coalesce(r.retain_day, $today) >= $today
  AND u.handling IN $held AND coalesce(u.retain_day, $today) >= $today
WITH n, u, r, $countries IS NULL OR u.id IN desk AS ours
WITH n, count(u) AS known,
     collect(DISTINCT CASE WHEN u.id IS NOT NULL AND ours THEN {id: u.id, caption: u.caption} END) AS users,
     count(DISTINCT CASE WHEN left(r.recorded_at, size($recorded)) >= $recorded AND ours THEN r END) AS fresh
WHERE ($countries IS NULL OR size(users) > 0 OR known = 0)
  AND ($recorded IS NULL OR fresh > 0 OR left(n.recorded_at, size($recorded)) >= $recorded)
RETURN n.id AS id, n.caption AS caption, n.kind AS kind, n.reference AS reference, n.owner AS owner,
       n.source AS source, users, size(users) AS actors, fresh, n.recorded_at AS recorded_at
ORDER BY actors DESC, n.caption, n.id LIMIT $most
