"""States of stacks: as documents, in files, with their secrets."""
