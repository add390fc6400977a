// purpose: Events of some types within a window, newest first.
// parameters: types (list of text), areas (list of text, empty for all), since, until (day numbers), origin, destination
//   (countries, or empty), most (integer); held, today
// columns: record (property map)
// index: event_first_day
MATCH (e:Event)
WHERE e.first_day >= $since AND e.first_day <= $until AND e.type IN $types
  AND (size($areas) = 0 OR any(area IN e.areas WHERE area IN $areas))
  AND ($origin = '' OR e.origin = $origin) AND ($destination = '' OR e.destination = $destination)
  AND e.handling IN $held AND coalesce(e.retain_day, $today) >= $today
RETURN properties(e) AS record
ORDER BY record.first_day DESC, record.id
LIMIT $most
