// purpose: Malware, tools and techniques with how many records use them, most used first.
// parameters: most (integer); held, today
// columns: id, caption, kind, reference, actors, recorded_at
// index: labels Malware, Tool, Technique
MATCH (n:Malware|Tool|Technique)
WHERE n.handling IN $held AND coalesce(n.retain_day, $today) >= $today
OPTIONAL MATCH (n)<-[r:USES]-(a:Entity)
WHERE r.handling IN $held AND coalesce(r.retain_day, $today) >= $today
  AND a.handling IN $held AND coalesce(a.retain_day, $today) >= $today
WITH n, count(DISTINCT a) AS actors
RETURN n.id AS id, n.caption AS caption, n.kind AS kind, n.reference AS reference, actors,
       n.recorded_at AS recorded_at
ORDER BY actors DESC, n.caption, n.id LIMIT $most
