// Decisions on who may see what, and the agreements that they name.
CREATE CONSTRAINT decision_id IF NOT EXISTS FOR (d:Decision) REQUIRE d.id IS UNIQUE;
CREATE INDEX decision_owner IF NOT EXISTS FOR (d:Decision) ON (d.owner);
CREATE CONSTRAINT agreement_name IF NOT EXISTS FOR (a:Agreement) REQUIRE a.name IS UNIQUE;

// What was given to whom, and what the recipients are told.
CREATE CONSTRAINT export_id IF NOT EXISTS FOR (x:Export) REQUIRE x.id IS UNIQUE;
CREATE INDEX released_record IF NOT EXISTS FOR (r:Released) ON (r.record);
CREATE CONSTRAINT message_id IF NOT EXISTS FOR (m:Message) REQUIRE m.id IS UNIQUE;
CREATE INDEX message_to IF NOT EXISTS FOR (m:Message) ON (m.to);

// Between contributors: hits and requests to owners.
CREATE CONSTRAINT hit_id IF NOT EXISTS FOR (h:Hit) REQUIRE h.id IS UNIQUE;
CREATE INDEX hit_owner IF NOT EXISTS FOR (h:Hit) ON (h.owner);
CREATE INDEX hit_asker IF NOT EXISTS FOR (h:Hit) ON (h.asker);
CREATE INDEX hit_record IF NOT EXISTS FOR (h:Hit) ON (h.record);
CREATE CONSTRAINT request_id IF NOT EXISTS FOR (q:OwnerRequest) REQUIRE q.id IS UNIQUE;
CREATE INDEX request_owner IF NOT EXISTS FOR (q:OwnerRequest) ON (q.owner);
CREATE INDEX request_asker IF NOT EXISTS FOR (q:OwnerRequest) ON (q.asker);
CREATE INDEX request_record IF NOT EXISTS FOR (q:OwnerRequest) ON (q.record);

// Retention: what is due, what was purged, and what must not come back.
CREATE CONSTRAINT tombstone_hash IF NOT EXISTS FOR (t:Tombstone) REQUIRE t.hash IS UNIQUE;

// Compliance: triggers, reviews and what only compliance officers see.
CREATE CONSTRAINT trigger_id IF NOT EXISTS FOR (t:Trigger) REQUIRE t.id IS UNIQUE;
CREATE INDEX trigger_record IF NOT EXISTS FOR (t:Trigger) ON (t.record);
CREATE CONSTRAINT review_record IF NOT EXISTS FOR (v:Review) REQUIRE v.record IS UNIQUE;
CREATE INDEX review_state IF NOT EXISTS FOR (v:Review) ON (v.state);
CREATE CONSTRAINT fact_id IF NOT EXISTS FOR (f:ComplianceFact) REQUIRE f.id IS UNIQUE;
CREATE INDEX fact_record IF NOT EXISTS FOR (f:ComplianceFact) ON (f.record);

// Subject requests.
CREATE CONSTRAINT subject_request_id IF NOT EXISTS FOR (s:SubjectRequest) REQUIRE s.id IS UNIQUE;
CREATE CONSTRAINT subject_part_id IF NOT EXISTS FOR (p:SubjectPart) REQUIRE p.id IS UNIQUE;
CREATE INDEX subject_part_owner IF NOT EXISTS FOR (p:SubjectPart) ON (p.owner);
