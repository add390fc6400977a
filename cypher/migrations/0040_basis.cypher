// What a tie rests on, to ask for one relation alone.
CREATE INDEX associate_of_basis IF NOT EXISTS FOR ()-[r:ASSOCIATE_OF]-() ON (r.basis);
