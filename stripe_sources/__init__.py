"""Files of rows, NDJSON and CSV: the one reader of what `record`, the impact's `--usage` and others are given."""
