// Roles and outcomes that keep a link out of groups and ranks.
CREATE INDEX involved_in_role IF NOT EXISTS FOR ()-[r:INVOLVED_IN]-() ON (r.role);
CREATE INDEX involved_in_outcome IF NOT EXISTS FOR ()-[r:INVOLVED_IN]-() ON (r.outcome);
CREATE INDEX participated_in_role IF NOT EXISTS FOR ()-[r:PARTICIPATED_IN]-() ON (r.role);
