// purpose: What groups of records are about: countries, owners, crime areas and days, counted over their members.
// parameters: groups (list of lists of ids); held, today
// columns: group (position in the list), owners (list of text), countries, areas (list of lists), one for each record
// index: entity_id
UNWIND range(0, size($groups) - 1) AS at
UNWIND $groups[at] AS id
MATCH (n:Entity {id: id})
WHERE n.handling IN $held AND coalesce(n.retain_day, $today) >= $today
RETURN at AS group, collect(n.owner) AS owners, collect(coalesce(n.countries, [])) AS countries,
       collect(coalesce(n.areas, [])) AS areas
