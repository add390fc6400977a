// purpose: Whom a notice is about, for finding what else its sender holds on the same facts.
// parameters: id; held, today
// columns: id, keys (list of text) of each subject; owner, issuer of the notice
// index: entity_id
MATCH (n:Entity {id: $id})<-[s:SUBJECT_OF]-(p:Entity)
WHERE n.handling IN $held AND coalesce(n.retain_day, $today) >= $today
  AND s.handling IN $held AND coalesce(s.retain_day, $today) >= $today
  AND p.handling IN $held AND coalesce(p.retain_day, $today) >= $today
RETURN p.id AS id, p.keys AS keys, n.owner AS owner, n.issuer AS issuer
ORDER BY id
