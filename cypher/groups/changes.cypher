// purpose: Which elements changed after a stored result was worked out, to tell whether it still holds.
// parameters: after (number of a change); held, today
// columns: op, nodes, links, link_kinds (lists of text)
// index: change_seq
// books: Change - the ids are only held against what the caller sees, and a row about hidden elements changes nothing
MATCH (c:Change)
WHERE c.seq > $after
RETURN c.op AS op, c.nodes AS nodes, c.links AS links, c.link_kinds AS link_kinds
ORDER BY c.seq
