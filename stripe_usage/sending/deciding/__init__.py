"""When an event is sent, and what an answer means for it. Pure."""
