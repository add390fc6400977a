// What every record has: a unique id, and a dense number for reading in ranges.
CREATE CONSTRAINT entity_id IF NOT EXISTS FOR (n:Entity) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT entity_no IF NOT EXISTS FOR (n:Entity) REQUIRE n.no IS UNIQUE;

// Exact terms only; ranking and spelling are done on what the caller may see.
CREATE FULLTEXT INDEX entity_search IF NOT EXISTS FOR (n:Entity) ON EACH [n.search]
  OPTIONS {indexConfig: {`fulltext.analyzer`: 'keyword', `fulltext.eventually_consistent`: false}};
CREATE FULLTEXT INDEX entity_keys IF NOT EXISTS FOR (n:Entity) ON EACH [n.keys]
  OPTIONS {indexConfig: {`fulltext.analyzer`: 'keyword', `fulltext.eventually_consistent`: false}};

// The books.
CREATE CONSTRAINT meta_name IF NOT EXISTS FOR (m:Meta) REQUIRE m.name IS UNIQUE;
CREATE CONSTRAINT handling_number IF NOT EXISTS FOR (h:Handling) REQUIRE h.number IS UNIQUE;
CREATE CONSTRAINT handling_digest IF NOT EXISTS FOR (h:Handling) REQUIRE h.digest IS UNIQUE;
CREATE CONSTRAINT source_name IF NOT EXISTS FOR (s:Source) REQUIRE s.name IS UNIQUE;
CREATE CONSTRAINT run_id IF NOT EXISTS FOR (r:Run) REQUIRE r.id IS UNIQUE;
CREATE CONSTRAINT batch_id IF NOT EXISTS FOR (b:Batch) REQUIRE b.id IS UNIQUE;
CREATE INDEX batch_run IF NOT EXISTS FOR (b:Batch) ON (b.run);
CREATE INDEX reject_run IF NOT EXISTS FOR (r:Reject) ON (r.run);
CREATE CONSTRAINT change_seq IF NOT EXISTS FOR (c:Change) REQUIRE c.seq IS UNIQUE;
CREATE CONSTRAINT waiting_id IF NOT EXISTS FOR (w:WaitingLink) REQUIRE w.id IS UNIQUE;
CREATE INDEX waiting_from IF NOT EXISTS FOR (w:WaitingLink) ON (w.from);
CREATE INDEX waiting_to IF NOT EXISTS FOR (w:WaitingLink) ON (w.to);
CREATE INDEX waiting_run IF NOT EXISTS FOR (w:WaitingLink) ON (w.run);

MERGE (m:Meta {name: 'graph'})
  ON CREATE SET m.seq = 0, m.next_no = 0, m.handlings = 0, m.built = randomUUID();
