// One index of exact terms instead of two: a record that is written is written into one, not into both.
DROP INDEX entity_search IF EXISTS;
DROP INDEX entity_keys IF EXISTS;
CREATE FULLTEXT INDEX entity_terms IF NOT EXISTS FOR (n:Entity) ON EACH [n.search, n.keys]
  OPTIONS {indexConfig: {`fulltext.analyzer`: 'keyword', `fulltext.eventually_consistent`: false}};
