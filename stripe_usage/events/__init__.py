"""From the bytes of a file to events: pure, but for reading the stream that it is given."""
