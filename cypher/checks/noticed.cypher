// purpose: Notices on records, and on those who hold or used them.
// parameters: ids (list of text); held, today
// columns: of (id asked for), through (id of the one who holds or used it; null when the notice is on it), id,
//   colour, issuer, diffusion, compliance, handling
// index: entity_id
UNWIND $ids AS of
MATCH (a:Entity {id: of})-[s:SUBJECT_OF]->(n:Notice)
WHERE a.handling IN $held AND coalesce(a.retain_day, $today) >= $today
  AND s.handling IN $held AND coalesce(s.retain_day, $today) >= $today
  AND n.handling IN $held AND coalesce(n.retain_day, $today) >= $today
RETURN DISTINCT of, null AS through, n.id AS id, n.colour AS colour, coalesce(n.issuer, n.owner) AS issuer,
  coalesce(n.diffusion, false) AS diffusion, n.compliance AS compliance, n.handling AS handling
ORDER BY of, id
UNION
UNWIND $ids AS of
MATCH (a:Entity {id: of})<-[h:HOLDS|USED|OWNS|DROVE|POSSESSED|USES]-(p:Entity)-[s:SUBJECT_OF]->(n:Notice)
WHERE a.handling IN $held AND coalesce(a.retain_day, $today) >= $today
  AND h.handling IN $held AND coalesce(h.retain_day, $today) >= $today
  AND p.handling IN $held AND coalesce(p.retain_day, $today) >= $today
  AND s.handling IN $held AND coalesce(s.retain_day, $today) >= $today
  AND n.handling IN $held AND coalesce(n.retain_day, $today) >= $today
RETURN DISTINCT of, p.id AS through, n.id AS id, n.colour AS colour, coalesce(n.issuer, n.owner) AS issuer,
  coalesce(n.diffusion, false) AS diffusion, n.compliance AS compliance, n.handling AS handling
ORDER BY of, through, id
