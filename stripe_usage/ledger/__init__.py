"""What was billed of a source's rows, window by window, and what is still to be sent."""
