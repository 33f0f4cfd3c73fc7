"""A file of events, from its rows to the meter: read, checked, sent, and what was rejected written down."""
