// purpose: Records that hold the exact terms of a search, most shared terms first. No score of the index is used,
//   and nothing is cut before the filter, so hidden records change neither the rows nor their order.
// parameters: terms (text in the index's syntax), words (list of text), kinds, countries, areas, owners (lists of
//   text, or null for any), born_from, born_to (ISO dates, or null), most (integer); held, today
// columns: id, kind, caption, owner, countries, names (list of text), birth_date, shared (list of text)
// index: entity_terms (full text)
CALL db.index.fulltext.queryNodes('entity_terms', 'search:(' + $terms + ')') YIELD node AS n
WHERE n.handling IN $held AND coalesce(n.retain_day, $today) >= $today
  AND ($kinds IS NULL OR n.kind IN $kinds)
  AND ($countries IS NULL OR any(country IN n.countries WHERE country IN $countries))
  AND ($areas IS NULL OR any(area IN n.areas WHERE area IN $areas))
  AND ($owners IS NULL OR n.owner IN $owners)
  AND ($born_to IS NULL OR n.birth_date <= $born_to)
  AND ($born_from IS NULL OR n.birth_date + '~' >= $born_from)
WITH n, [word IN $words WHERE word IN n.search] AS shared
ORDER BY size(shared) DESC, n.id
LIMIT $most
RETURN n.id AS id, n.kind AS kind, n.caption AS caption, n.owner AS owner, n.countries AS countries,
       [name IN [n.name, n.title, trim(coalesce(n.given_name, '') + ' ' + coalesce(n.family_name, ''))]
          WHERE name IS NOT NULL AND name <> ''] + coalesce(n.names, []) AS names,
       n.birth_date AS birth_date, shared
