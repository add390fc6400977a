// purpose: Records whose review is in one state, oldest first.
// parameters: state, limit; held, today
// columns: id, kind, owner, caption, state, publication, opened_at, triggers (list of text)
// index: review_state, entity_id, trigger_record
// books: Review, Trigger - a review is shown only with its record, which the caller may see
MATCH (v:Review {state: $state})
MATCH (n:Entity {id: v.record})
WHERE n.handling IN $held AND coalesce(n.retain_day, $today) >= $today
MATCH (t:Trigger {record: v.record})
WITH n, v, t ORDER BY t.name
WITH n, v, collect(t.name) AS triggers
RETURN n.id AS id, n.kind AS kind, n.owner AS owner, n.caption AS caption, v.state AS state,
       v.publication AS publication, toString(v.opened_at) AS opened_at, triggers
ORDER BY opened_at, id LIMIT $limit
