// purpose: Threat actors with how many means they use and how many targets they have, most active first.
// parameters: most (integer); held, today
// columns: id, caption, names, owner, uses, targets, recorded_at
// index: label Organization
MATCH (a:Organization {type: 'threat_actor'})
WHERE a.handling IN $held AND coalesce(a.retain_day, $today) >= $today
OPTIONAL MATCH (a)-[r:USES|TARGETS]->(x:Entity)
WHERE r.handling IN $held AND coalesce(r.retain_day, $today) >= $today
  AND x.handling IN $held AND coalesce(x.retain_day, $today) >= $today
WITH a, count(DISTINCT CASE type(r) WHEN 'USES' THEN x END) AS uses,
     count(DISTINCT CASE type(r) WHEN 'TARGETS' THEN x END) AS targets
RETURN a.id AS id, a.caption AS caption, a.names AS names, a.owner AS owner, uses, targets,
       a.recorded_at AS recorded_at
ORDER BY uses + targets DESC, a.caption, a.id LIMIT $most
