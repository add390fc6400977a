// purpose: Notices by what they say, latest first, a page at a time.
// parameters: colours, issuers, areas, compliance, publications (lists of text, or null for any), charge (text in lower
//   case, or null), diffusion (true, false or null), since, until (days, or null), after_day, after_id (of the last
//   notice of the page before, or null), most (integer); held, today
// columns: id, colour, reference, issuer, owner, charges, areas, published_at, compliance, diffusion, publication, day,
//   handling, subjects (list of ids)
// index: none; notices are few, and every visible one is read
// books: Review - a review is shown only with its record, which the caller may see
MATCH (n:Notice)
WHERE n.handling IN $held AND coalesce(n.retain_day, $today) >= $today
  AND ($colours IS NULL OR n.colour IN $colours)
  AND ($issuers IS NULL OR coalesce(n.issuer, n.owner) IN $issuers)
  AND ($areas IS NULL OR any(area IN n.areas WHERE area IN $areas))
  AND ($compliance IS NULL OR coalesce(n.compliance, 'not_reviewed') IN $compliance)
  AND ($charge IS NULL OR any(charge IN n.charges WHERE toLower(charge) CONTAINS $charge))
  AND ($diffusion IS NULL OR coalesce(n.diffusion, false) = $diffusion)
  AND ($since IS NULL OR n.last_day >= $since)
  AND ($until IS NULL OR n.first_day <= $until)
WITH n, coalesce(n.first_day, -1000000) AS day
WHERE $after_id IS NULL OR day < $after_day OR (day = $after_day AND n.id > $after_id)
OPTIONAL MATCH (v:Review {record: n.id})
WITH n, day, CASE WHEN v.publication IN ['cancelled', 'withdrawn', 'published'] THEN v.publication
  WHEN n.published_at IS NULL THEN 'draft' ELSE 'published' END AS publication
WHERE $publications IS NULL OR publication IN $publications
WITH n, day, publication ORDER BY day DESC, n.id LIMIT $most
OPTIONAL MATCH (n)<-[s:SUBJECT_OF]-(p:Entity)
WHERE s.handling IN $held AND coalesce(s.retain_day, $today) >= $today
  AND p.handling IN $held AND coalesce(p.retain_day, $today) >= $today
WITH n, day, publication, p ORDER BY p.id
RETURN n.id AS id, n.colour AS colour, n.reference AS reference, coalesce(n.issuer, n.owner) AS issuer,
  n.owner AS owner, n.charges AS charges, n.areas AS areas, n.published_at AS published_at,
  coalesce(n.compliance, 'not_reviewed') AS compliance, coalesce(n.diffusion, false) AS diffusion, publication, day,
  n.handling AS handling, collect(DISTINCT p.id) AS subjects
ORDER BY day DESC, id
