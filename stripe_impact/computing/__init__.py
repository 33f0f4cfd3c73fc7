"""What follows, without I/O: who moves, each bill before and after, prices in words, what has to be said first."""
