// purpose: Records that name one of the crime areas or countries asked for.
// parameters: areas (list of text), countries (list of text); held, today
// columns: area_ids, country_ids (lists of text)
// index: entity_id
MATCH (n:Entity)
WHERE n.id > '' AND n.handling IN $held AND coalesce(n.retain_day, $today) >= $today
  AND (any(area IN n.areas WHERE area IN $areas) OR any(country IN n.countries WHERE country IN $countries))
RETURN collect(CASE WHEN any(area IN n.areas WHERE area IN $areas) THEN n.id END) AS area_ids,
       collect(CASE WHEN any(country IN n.countries WHERE country IN $countries) THEN n.id END) AS country_ids
