"""What the workflows need of the world, said without naming who provides it."""
