"""Proofs of one bound each, shared by the kinds of certificate."""
