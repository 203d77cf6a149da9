//! Whole-system tests: the real component, real HTTP, a real database. See `all/`.
