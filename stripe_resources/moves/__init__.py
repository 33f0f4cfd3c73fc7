"""Who is moved from a price to the one that replaces it, and the moving."""
