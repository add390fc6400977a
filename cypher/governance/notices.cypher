// purpose: All notices with whom they are about, for the report on how notices are used.
// parameters: held, today
// columns: id, issuer, colour, diffusion, published_at, day, charges, compliance, triggers, subject, name, birth_date,
//   nationalities, keys; a row a subject, and one without a subject for a notice that has none
// index: none; every notice is read
MATCH (n:Notice)
WHERE n.handling IN $held AND coalesce(n.retain_day, $today) >= $today
OPTIONAL MATCH (n)<-[s:SUBJECT_OF]-(p:Entity)
WHERE s.handling IN $held AND coalesce(s.retain_day, $today) >= $today
  AND p.handling IN $held AND coalesce(p.retain_day, $today) >= $today
RETURN n.id AS id, coalesce(n.issuer, n.owner) AS issuer, n.colour AS colour, n.diffusion AS diffusion,
       n.published_at AS published_at, n.first_day AS day, n.charges AS charges, n.compliance AS compliance,
       n.triggers AS triggers, p.id AS subject, p.caption AS name, p.birth_date AS birth_date,
       p.nationalities AS nationalities, p.keys AS keys
ORDER BY id, subject
