// Waiting links by what they are: for those that take them back, sweep or purge them.
CREATE INDEX waiting_link IF NOT EXISTS FOR (w:WaitingLink) ON (w.link);
