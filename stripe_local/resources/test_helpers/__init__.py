"""What tests alone need: time that passes as they say."""
