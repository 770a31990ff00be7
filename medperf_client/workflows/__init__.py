"""The work itself: what happens, in which order, and what may go wrong."""
