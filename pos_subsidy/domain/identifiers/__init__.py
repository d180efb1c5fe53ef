"""Numbers as they exist in the world: goods, pieces, people, merchants, regions."""
