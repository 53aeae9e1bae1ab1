-- What was measured while the answer was made: JSON, one entry for each wait (src/domain/trace.ts). Null: nothing was.
ALTER TABLE valuations ADD COLUMN trace TEXT;
