// purpose: Infrastructure with who controls it and the state of its takedown.
// parameters: most (integer); held, today
// columns: id, value, type, control, takedown, country, owner, recorded_at
// index: label Infrastructure
MATCH (n:Infrastructure)
WHERE n.handling IN $held AND coalesce(n.retain_day, $today) >= $today
RETURN n.id AS id, n.value AS value, n.type AS type, n.control AS control, n.takedown AS takedown,
       n.country AS country, n.owner AS owner, n.recorded_at AS recorded_at
ORDER BY CASE n.control WHEN 'actor' THEN 0 WHEN 'compromised' THEN 1 WHEN 'leased' THEN 2 ELSE 3 END, n.value, n.id
LIMIT $most
