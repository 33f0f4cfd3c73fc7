"""A file of events, from its rows to the meter: reading, checking, sending, and writing down what was rejected."""
