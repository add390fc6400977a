// purpose: What groups of records are about: countries, owners and crime areas, counted over their members.
// parameters: groups (list of lists of ids); held, today
// columns: group (position in the list), owner, countries, areas (lists of text), records (how many are alike in these)
// index: entity_id
UNWIND range(0, size($groups) - 1) AS at
UNWIND $groups[at] AS id
MATCH (n:Entity {id: id})
WHERE n.handling IN $held AND coalesce(n.retain_day, $today) >= $today
RETURN at AS group, n.owner AS owner, coalesce(n.countries, []) AS countries, coalesce(n.areas, []) AS areas,
       count(*) AS records
