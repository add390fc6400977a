// purpose: What one contributor holds on the same persons: the persons themselves, notices on them, their cases.
// parameters: ids (list of text), owner, issuer; held, today
// columns: id, kind, caption, colour, compliance, through (id of the person)
// index: entity_id
UNWIND $ids AS of
MATCH (p:Entity {id: of})-[r:SUBJECT_OF|INVOLVED_IN]->(m:Entity)
WHERE p.handling IN $held AND coalesce(p.retain_day, $today) >= $today
  AND r.handling IN $held AND coalesce(r.retain_day, $today) >= $today
  AND m.handling IN $held AND coalesce(m.retain_day, $today) >= $today
  AND (m.owner = $owner OR m.issuer = $issuer)
RETURN m.id AS id, m.kind AS kind, m.caption AS caption, m.colour AS colour, m.compliance AS compliance, of AS through
ORDER BY id, through
UNION
UNWIND $ids AS of
MATCH (p:Entity {id: of})
WHERE p.handling IN $held AND coalesce(p.retain_day, $today) >= $today AND p.owner = $owner
RETURN p.id AS id, p.kind AS kind, p.caption AS caption, p.colour AS colour, p.compliance AS compliance, of AS through
ORDER BY id, through
