"""What follows, without I/O: who moves, each bill before and after, prices in words, warnings and notes."""
